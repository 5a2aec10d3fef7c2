package push

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"
)

// TestListener: others' changes of objects of the fleet cause passes that read these
// objects; all else causes none, and costs no request.
func TestListener(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := start(t)
		r.expect("start", 0, 1, "start")
		mine := r.create("a", "mine")
		r.run(time.Minute)
		r.expect("created", 1, 0, "platform event: sandbox.created of 1 sandbox")

		theirs := r.create("b", "theirs")
		r.stop(theirs)
		r.must("", r.api.SetLabels(t.Context(), mine, map[string]string{"fleet-name": "mine", "x": "y"}))
		_, err := r.api.CreateVolume(t.Context(), "v")
		r.must("", err)
		r.run(time.Hour)
		r.expect("not of the fleet, or not announced", 0, 0)

		r.stop(mine)
		r.run(time.Minute)
		r.expect("stopped", 2, 0, "platform event: sandbox.state.updated of 1 sandbox", "platform event: sandbox.state.updated of 1 sandbox")
		r.delete(mine)
		r.run(time.Minute)
		r.expect("deleted", 1, 0, "platform event: sandbox.state.updated of 1 sandbox")
		if len(r.known) != 1 { // the volume
			t.Errorf("known: %v", r.known)
		}
		r.run(time.Hour)
		r.expect("an hour", 0, 0)
		if r.log() != "connected" || !r.Connected() {
			t.Errorf("states: %s", r.log())
		}
	})
}

// TestCoalesced: events of a moment, and those that arrive while no pass is possible,
// have one cause.
func TestCoalesced(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := start(t)
		var ids []string
		for i := range 3 {
			ids = append(ids, r.create(fmt.Sprint(i), "mine"))
		}
		time.Sleep(time.Hour)
		r.run(time.Minute)
		r.expect("three were created", 3, 1, "start", "platform event: sandbox.state.updated of 3 sandboxes")
		for _, id := range ids {
			r.stop(id)
		}
		time.Sleep(time.Hour)
		r.pass("interval")
		r.run(time.Hour)
		r.expect("another pass takes the marks over", 3, 0, "interval")
	})
}

// TestOwnChanges: the events of the changes of a pass cause no further one, unless others
// changed the same objects.
func TestOwnChanges(t *testing.T) {
	for name, c := range map[string]struct {
		change func(r *rig, id string)
		passes []string // after the pass
	}{
		"stop":   {(*rig).stop, nil},
		"delete": {(*rig).delete, nil},
		"create": {func(r *rig, _ string) { r.create("b", "mine") }, nil},
		"replace": {func(r *rig, id string) {
			r.delete(id)
			time.Sleep(2 * time.Second)
			r.create("a", "mine")
		}, nil},
		"recover": {func(r *rig, id string) {
			r.control("POST", "sandboxes/"+id, `{"state": "error", "recoverable": true}`)
			time.Sleep(time.Second)
			_, err := r.api.RecoverSandbox(r.t.Context(), id)
			r.must(id, err)
		}, []string{"platform event: sandbox.state.updated of 1 sandbox"}}, // the error is another's change
		"stopped and started by others": {func(r *rig, id string) {
			r.stop(id)
			time.Sleep(time.Second)
			_, err := r.api.StartSandbox(r.t.Context(), id)
			r.must(id, err)
		}, []string{"platform event: sandbox.state.updated of 1 sandbox"}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := start(t)
				id := r.create("a", "mine")
				r.run(time.Minute)
				r.passes = nil
				r.pass("interval", func() { c.change(r, id) })
				r.run(time.Hour)
				if got := r.passes[1:]; fmt.Sprint(got) != fmt.Sprint(c.passes) {
					t.Errorf("passes: %q", got)
				}
			})
		})
	}
}

// TestFailedPass: what a pass could not read stays marked for the next one, and causes no
// passes in a loop.
func TestFailedPass(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := start(t)
		id := r.create("a", "mine")
		r.run(time.Minute)
		r.stop(id)
		c := <-r.Causes()
		ids, all := r.Take()
		if len(ids) != 1 || all {
			t.Errorf("%s: %q, %v", c, ids, all)
		}
		r.PutBack(ids, all)
		time.Sleep(200 * time.Millisecond)
		select {
		case c := <-r.Causes():
			t.Errorf("a cause: %s", c)
		default:
		}
		r.passes, r.reads = nil, 0
		r.pass("retry")
		r.expect("retry", 1, 1, "retry")
		r.PutBack([]string{id}, true)
		r.pass("retry")
		r.expect("everything", 1, 1, "retry")
	})
}

// TestNoEndlessReads: a pass that finds nothing ends it, also for an object that exists
// and that no pass lists, such as a fork with the labels of the fleet.
func TestNoEndlessReads(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := start(t)
		r.create("a", "mine")
		time.Sleep(time.Second)
		<-r.Causes()
		if ids, _ := r.Take(); len(ids) != 1 {
			t.Errorf("marked: %q", ids)
		}
		r.Settle(nil)
		r.run(time.Hour)
		r.expect("nothing happens", 0, 1, "start")
	})
}
