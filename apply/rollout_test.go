package apply_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"fleet/apply"
	"fleet/internal/emulator"
	"fleet/plan"
)

// rolling returns a spec with a group of n whose rollout has further settings.
func rolling(n int, env, rollout string) string {
	return fmt.Sprintf(`
version: 1
name: rolling
sandboxes:
  worker:
    count: %d
    snapshot: daytona-small
    env_vars: {RELEASE: %q}
    auto_stop_interval: 0
%s`, n, env, indented(rollout, "    "))
}

// A moment is a change of how many sandboxes can be used.
type moment struct {
	at   time.Time
	name string
	up   bool
}

// moments reads the server's log: a sandbox cannot be used from the request for its
// deletion until the response to its creation.
func (d *daytona) moments() []moment {
	d.t.Helper()
	var entries []struct {
		Method, Path, Body string
		Status             int
		Came, Answered     time.Time
	}
	if err := json.Unmarshal(d.send("GET", "/_emulator/log", nil), &entries); err != nil {
		d.t.Fatal(err)
	}
	var list []moment
	for _, e := range entries {
		switch {
		case e.Status >= 300 || e.Status == 0:
		case e.Method == http.MethodDelete && strings.HasPrefix(e.Path, "/sandbox/"):
			list = append(list, moment{e.Came, e.Path, false})
		case e.Method == http.MethodPost && e.Path == "/sandbox":
			var body struct{ Name string }
			_ = json.Unmarshal([]byte(e.Body), &body)
			list = append(list, moment{e.Answered, body.Name, true})
		}
	}
	slices.SortStableFunc(list, func(a, b moment) int {
		if c := a.at.Compare(b.at); c != 0 || a.up == b.up {
			return c
		} else if a.up {
			return 1 // requests at the same time count first
		}
		return -1
	})
	return list
}

// fewest returns how many of n sandboxes could be used at the worst moment.
func (d *daytona) fewest(n int) int {
	fewest := n
	for _, m := range d.moments() {
		if m.up {
			n++
		} else {
			n--
		}
		fewest = min(fewest, n)
	}
	return fewest
}

// created returns an organization with the fleet of a spec.
func created(t *testing.T, text string) *daytona {
	t.Helper()
	d := newDaytona(t, emulator.Options{
		Latency: 20 * time.Millisecond,
		Delays:  emulator.Delays{Create: 300 * time.Millisecond, Stop: time.Second, Delete: time.Second, Resize: time.Second},
	})
	if r := d.run(d.plan(parse(t, text), plan.Options{})); !r.OK() {
		t.Fatal(outcome(r))
	}
	d.log()
	return d
}

// TestRolloutKeepsEnough replaces a fleet of 100. By the server's log, 90 of them can be
// used at all times.
func TestRolloutKeepsEnough(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := created(t, rolling(100, "1", ""))
		defer d.close()
		p := d.plan(parse(t, rolling(100, "2", "rollout: {max_unavailable: 10%}")), plan.Options{AllowDestroy: 100})
		d.log()
		if r := apply.Run(t.Context(), d.api, p, apply.Options{}, func(apply.Event) {}); !r.OK() || p.Counts().Replace != 100 {
			t.Fatal(outcome(r), p.Counts())
		}
		if fewest := d.fewest(100); fewest != 90 {
			t.Errorf("there were %d that could be used at the worst moment, want 90", fewest)
		}
	})
}

// TestRolloutCountsWhatIsMissing checks that missing and failed sandboxes are repaired
// first, and reduce how many may be disrupted.
func TestRolloutCountsWhatIsMissing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := created(t, rolling(20, "1", ""))
		defer d.close()
		d.send("POST", "/_emulator/sandboxes/worker-7", map[string]any{"state": "error", "errorReason": "disk full"})
		p := d.plan(parse(t, rolling(22, "2", "rollout: {max_unavailable: 4}")), plan.Options{AllowDestroy: 100})
		if len(p.Rollouts) != 1 || p.Rollouts[0].Unavailable != 3 || p.Rollouts[0].Members != 22 {
			t.Fatalf("rollouts: %+v", p.Rollouts)
		}
		d.log()
		if r := d.run(p); !r.OK() {
			t.Fatal(outcome(r))
		}
		if fewest := d.fewest(20); fewest != 18 { // the one that failed cannot be used before it is deleted, either
			t.Errorf("there were %d of 22 that could be used at the worst moment, want 18", fewest)
		}
	})
}

// TestWaves checks that each wave starts after all of the one before, and after its
// pause.
func TestWaves(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := created(t, rolling(20, "1", ""))
		defer d.close()
		f := parse(t, rolling(20, "2", "rollout: {canary: 1, waves: [3, 50%, 100%], pause: 1m}"))
		p := d.plan(f, plan.Options{AllowDestroy: 100})
		if want := []plan.Wave{{Steps: 1, Canary: true}, {Steps: 2}, {Steps: 7}, {Steps: 10}}; !slices.Equal(p.Rollouts[0].Waves, want) {
			t.Fatalf("waves: %+v, want %+v", p.Rollouts[0].Waves, want)
		}
		began, ended := map[int]time.Time{}, map[int]time.Time{}
		pauses := 0
		r := apply.Run(t.Context(), d.api, p, apply.Options{}, func(e apply.Event) {
			w := e.Step.Wave
			switch {
			case e.Phase == apply.Pausing:
				pauses++
			case e.Phase == apply.Working && began[w].IsZero():
				began[w] = time.Now()
			case e.Phase == apply.Done:
				ended[w] = time.Now()
			}
		})
		if !r.OK() || pauses != 3 {
			t.Fatal(outcome(r), pauses)
		}
		for w := 2; w <= 4; w++ {
			if pause := began[w].Sub(ended[w-1]); pause < time.Minute || pause > time.Minute+5*time.Second {
				t.Errorf("wave %d began %s after the one before had ended", w, pause)
			}
		}
	})
}

// TestRolloutStops checks that nothing else starts once more steps have failed than may.
func TestRolloutStops(t *testing.T) {
	for _, c := range []struct {
		name, rollout                string
		failures                     int
		done, failed, skipped, after int
	}{
		{"at the first failure", "rollout: {max_unavailable: 1}", 1, 0, 1, 9, 10},
		{"at the canary, whatever may fail", "rollout: {canary: 2, max_failures: 50%, on_failure: continue}", 1, 0, 1, 9, 10},
		{"not below the bound", "rollout: {waves: [50%, 100%], max_failures: 20%}", 1, 9, 1, 0, 1},
		{"above the bound", "rollout: {waves: [50%, 100%], max_failures: 20%}", 2, 3, 2, 5, 7},
		{"never, when told to continue", "rollout: {max_unavailable: 3, on_failure: continue}", 2, 8, 2, 0, 2},
		{"when nothing is left to take", "rollout: {max_unavailable: 2, on_failure: continue}", 2, 0, 2, 8, 10},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				d := created(t, rolling(10, "1", ""))
				defer d.close()
				f := parse(t, rolling(10, "2", c.rollout))
				d.send("POST", "/_emulator/faults", map[string]any{"kind": "runner-fail", "message": "no space left", "count": c.failures})
				r := d.run(d.plan(f, plan.Options{AllowDestroy: 100}))
				if r.Count(apply.Done) != c.done || r.Count(apply.Failed) != c.failed || r.Count(apply.Skipped) != c.skipped {
					t.Errorf("%d done, %d failed, %d skipped, want %d, %d, %d:\n%s", r.Count(apply.Done), r.Count(apply.Failed), r.Count(apply.Skipped), c.done, c.failed, c.skipped, outcome(r))
				}
				if p := d.plan(f, plan.Options{AllowDestroy: 100}); p.Counts().Replace != c.after && p.Counts().Replace+p.Counts().Create != c.after {
					t.Errorf("the next plan has %+v, want %d to go", p.Counts(), c.after)
				}
				for range 2 { // broken sandboxes are repaired first, then the rest follows
					d.run(d.plan(f, plan.Options{AllowDestroy: 100}))
				}
				if p := d.plan(f, plan.Options{}); !p.Empty() {
					t.Errorf("it does not converge:\n%s", story(p))
				}
			})
		})
	}
}
