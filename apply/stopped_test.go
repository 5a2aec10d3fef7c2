package apply_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"fleet/apply"
	"fleet/internal/emulator"
	"fleet/plan"
)

// endings checks that the events of a run obey the law: each step ends once, and a step
// that is done or failed may be rolled back afterwards. Once a run was stopped, no step
// starts, rollbacks included.
type endings struct {
	of      map[*plan.Step][]apply.Phase
	begun   map[*plan.Step]bool
	stopped bool
	late    []string // steps that started after the run was stopped
}

func newEndings() *endings {
	return &endings{of: map[*plan.Step][]apply.Phase{}, begun: map[*plan.Step]bool{}}
}

func (e *endings) note(event apply.Event) {
	e.stopped = e.stopped || errors.Is(event.Err, apply.ErrStopped)
	switch event.Phase {
	case apply.Working:
		if e.stopped && !e.begun[event.Step] {
			e.late = append(e.late, event.Step.Address.String())
		}
		e.begun[event.Step] = true
	case apply.Done, apply.Failed, apply.Skipped, apply.Interrupted, apply.RolledBack:
		e.of[event.Step] = append(e.of[event.Step], event.Phase)
	}
}

// broken returns how the events and the report of a plan break the law; empty if they do
// not.
func (e *endings) broken(p *plan.Plan, r *apply.Report) string {
	var b strings.Builder
	if len(e.late) > 0 {
		fmt.Fprintf(&b, "%v began after the run was stopped\n", e.late)
	}
	told := map[*plan.Step]apply.Result{}
	for _, x := range r.Results {
		told[x.Step] = x
	}
	for _, s := range p.Steps {
		x, there := told[s]
		if s.Action == plan.NoOp {
			continue
		}
		if !there {
			fmt.Fprintf(&b, "%s has no result\n", s.Address)
			continue
		}
		ends := e.of[s]
		switch {
		case len(ends) == 0 || ends[len(ends)-1] != x.Outcome:
			fmt.Fprintf(&b, "%s ended as %v, and is reported as %s\n", s.Address, ends, x.Outcome)
		case len(ends) == 1 && ends[0] != apply.RolledBack:
		case len(ends) == 2 && (ends[0] == apply.Done || ends[0] == apply.Failed) && ends[1] == apply.RolledBack:
		case len(ends) == 2 && ends[0] == apply.Done && ends[1] == apply.Interrupted && strings.Contains(x.Err.Error(), "before it was rolled back"):
		case len(ends) == 2 && strings.Contains(x.Err.Error(), "and rolling it back failed") && e.begun[s.Rollback]:
		default:
			fmt.Fprintf(&b, "%s ended as %v\n", s.Address, ends)
		}
		if x.Outcome == apply.Interrupted && (!errors.Is(x.Err, apply.ErrStopped) || !r.Interrupted) {
			fmt.Fprintf(&b, "%s is reported as interrupted: %v\n", s.Address, x.Err)
		}
	}
	return b.String()
}

// stoppable is a fleet with everything that a run may be doing when it is stopped:
// waits, readiness probes, hooks, waves with pauses, rollbacks, snapshots and volumes.
func stoppable(release int) string {
	return fmt.Sprintf(`
version: 1
name: stopped
owns: {snapshots: ["base-*"], volumes: ["cache-*"]}
volumes: {cache: {name: cache-%[1]d}}
snapshots: {base: {name: base-%[1]d, image: "debian:%[1]d"}}
sandboxes:
  worker:
    count: 4
    snapshot: base
    env_vars: {RELEASE: "%[1]d"}
    ready: {exec: check, retries: 2, interval: 1s, for: 2s}
    hooks: {after_create: {exec: warm}, before_destroy: {exec: save}}
    rollout: {waves: [50%%, 100%%], max_unavailable: 50%%, pause: 20s}
  roll:
    count: 4
    snapshot: daytona-small
    env_vars: {RELEASE: "%[1]d"}
    ready: {exec: 'run %[1]d', retries: 0}
    rollout: {waves: [50%%, 100%%], on_failure: rollback}
  box: {count: 2, image: "debian:12", resources: {disk: %[2]d}}
  plain%[1]d: {count: 2, snapshot: daytona-small, volumes: [{volume: cache, mount_path: /data}]}
`, release, release+3)
}

// A halt is how a run is ended early.
type halt struct {
	name  string
	grace time.Duration
	stop  bool // opts.Stop is closed; otherwise its context ends
	twice bool // the context ends at the next event
}

// TestStopped ends a run at each of its events: the report is complete and true, each
// step ends once, and the next runs continue from there.
func TestStopped(t *testing.T) {
	for _, h := range []halt{
		{name: "in peace", stop: true},
		{name: "with little time", stop: true, grace: 300 * time.Millisecond},
		{name: "at once", stop: true, twice: true},
		{name: "by its context"},
	} {
		t.Run(h.name, func(t *testing.T) {
			ends := map[apply.Phase]int{}
			runs := 0
			for at := 1; ; at += thinned {
				reached := false
				synctest.Test(t, func(t *testing.T) { reached = stoppedAt(t, h, at, ends) })
				if !reached || t.Failed() {
					break
				}
				runs++
			}
			t.Logf("stopped at %d events: %v", runs, ends)
		})
	}
}

// stoppedAt reports whether there were that many events.
func stoppedAt(t *testing.T, h halt, at int, ends map[apply.Phase]int) bool {
	const some = 400 * time.Millisecond
	d := newDaytona(t, emulator.Options{Latency: 20 * time.Millisecond, Delays: emulator.Delays{
		Create: some, Delete: some, Stop: some, Start: some, Resize: some, Build: some, SnapshotPull: some, SnapshotRemove: some, VolumeCreate: some, VolumeDelete: some,
	}})
	defer d.close()
	d.settled(stoppable(1))
	f := parse(t, stoppable(2))
	opts := plan.Options{AllowDestroy: 100}
	p := d.plan(f, opts)
	was := d.all()
	// One sandbox of the second wave fails, and the wave is rolled back.
	d.send("POST", "/_emulator/toolbox", map[string]any{"sandbox": "roll-3", "command": "run 2", "exitCode": 1, "count": 1})

	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	stop := make(chan struct{})
	events, told := 0, newEndings()
	r := apply.Run(ctx, d.api, p, apply.Options{Stop: stop, GracePeriod: h.grace, Parallelism: 6}, func(e apply.Event) {
		told.note(e)
		switch events++; {
		case events == at && h.stop:
			close(stop)
		case events == at, events == at+1 && h.twice:
			cancel()
		}
	})
	for _, x := range r.Results {
		ends[x.Outcome]++
	}
	when := fmt.Sprintf("stopped at event %d", at)
	if broken := told.broken(p, r); broken != "" {
		t.Errorf("%s:\n%s%s", when, broken, outcome(r))
	}
	time.Sleep(15 * time.Second)
	d.truthful(r, f, was, when)
	for range 2 {
		d.run(d.plan(f, opts))
		time.Sleep(15 * time.Second)
	}
	if p := d.plan(f, opts); !p.Empty() {
		t.Errorf("%s: it does not converge:\n%s\nafter\n%s", when, story(p), outcome(r))
	}
	d.noMore(f, at)
	return events >= at
}
