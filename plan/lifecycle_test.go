package plan

import (
	"fmt"
	"slices"
	"testing"

	"fleet/spec"
)

var runStates = []string{spec.Started, spec.Stopped, spec.Paused, spec.Archived}

// moved returns the run state after an operation, or "" if the server refuses it
// (observed.md, state machine).
func moved(state string, op Op) string {
	in := func(states ...string) bool { return slices.Contains(states, state) }
	switch {
	case op.Verb == DoStart && in(spec.Stopped, spec.Paused, spec.Archived):
		return spec.Started
	case op.Verb == DoStop && in(spec.Started, spec.Paused):
		return spec.Stopped
	case op.Verb == DoPause && in(spec.Started):
		return spec.Paused
	case op.Verb == DoArchive && in(spec.Stopped):
		return spec.Archived
	case op.Verb == DoCall && op.Call.Mode == spec.AnyState,
		op.Verb == DoCall && op.Call.Mode == spec.StartedOrStopped && in(spec.Started, spec.Stopped),
		op.Verb == DoCall && op.Call.Mode == spec.StoppedOnly && in(spec.Stopped),
		op.Verb == DoLabel, op.Verb == DoSettle, op.Verb == DoAwait:
		return state
	}
	return ""
}

// fewest returns the smallest number of operations from one run state to another, through
// one of some states unless there are none.
func fewest(from string, through []string, to string) int {
	type place struct {
		state string
		been  bool
	}
	start := place{from, len(through) == 0 || slices.Contains(through, from)}
	steps := map[place]int{start: 0}
	for queue := []place{start}; len(queue) > 0; queue = queue[1:] {
		at := queue[0]
		if at == (place{to, true}) {
			return steps[at]
		}
		for _, v := range []Verb{DoStart, DoStop, DoPause, DoArchive} {
			next := place{state: moved(at.state, Op{Verb: v})}
			next.been = at.been || slices.Contains(through, next.state)
			if _, seen := steps[next]; !seen && next.state != "" {
				steps[next] = steps[at] + 1
				queue = append(queue, next)
			}
		}
	}
	return -1
}

// TestLifecycle checks the operations from each run state to each declared one, with each
// kind of change: each operation must be allowed in its state, the sandbox must end in the
// declared state, and no shorter sequence may exist.
func TestLifecycle(t *testing.T) {
	changes := []struct {
		name, now string
		through   []string // states in which the change is allowed; nil: all
	}{
		{"nothing", "", nil},
		{"live", "public: true", nil},
		{"awake", "resources: {cpu: 2}", []string{spec.Started, spec.Stopped}},
		{"halted", "resources: {disk: 9}", []string{spec.Stopped}},
		{"all", "public: true, resources: {cpu: 2, disk: 9}", []string{spec.Stopped}},
	}
	for _, change := range changes {
		for _, from := range runStates {
			for _, to := range append([]string{""}, runStates...) {
				for _, moving := range []bool{false, true} {
					t.Run(fmt.Sprintf("%s %s to %s moving %t", change.name, from, to, moving), func(t *testing.T) {
						lifecycleCase(t, from, to, change.now, change.through, moving)
					})
				}
			}
		}
	}
}

func lifecycleCase(t *testing.T, from, to, change string, through []string, moving bool) {
	block := "image: 'a:1', "
	if to != "" {
		block += "state: " + to + ", "
	}
	then := "web class linux-vm\nweb " + from
	if moving {
		then = "web class linux-vm\nweb resizing>" + from
	}
	p := story{was: "sandboxes: {web: {image: 'a:1'}}", then: then, spec: "sandboxes: {web: {" + block + change + "}}"}.plan(t)
	s := p.Steps[0]
	same(t, "blocked", s.Blocked, nil)
	at, settled, moves := from, !moving, 0
	for _, op := range s.Ops {
		next := moved(at, op)
		switch {
		case next == "":
			t.Fatalf("%s in state %s: %s", op.Verb, at, line(s))
		case op.Verb == DoSettle || op.Verb == DoAwait:
			settled = true
		case !settled && (next != at || op.Call != nil && op.Call.Mode != spec.AnyState):
			t.Errorf("%s before it has settled: %s", op.Verb, line(s))
		}
		if next != at {
			moves++
		}
		at = next
	}
	goals := []string{to}
	switch {
	case to == "":
		goals = []string{from}
	case to == spec.Stopped && from == spec.Archived && through == nil:
		goals = []string{spec.Archived} // stopped for longer
	}
	if !slices.Contains(goals, at) {
		t.Errorf("it ends %s: %s", at, line(s))
	}
	if best := fewest(from, through, at); moves != best {
		t.Errorf("%d moves where %d would do: %s", moves, best, line(s))
	}
	unchanged, awaited := moves == 0 && change == "", moving && (from == spec.Started || to != "")
	if (s.Action == NoOp) != (unchanged && !awaited) || (s.Action == Wait) != (unchanged && awaited) {
		t.Errorf("action %s for %s", s.Action, line(s))
	}
}

// TestLifecycleActions checks that a step is named after its final run state.
func TestLifecycleActions(t *testing.T) {
	want := map[string]Action{spec.Started: Start, spec.Stopped: Stop, spec.Paused: Pause, spec.Archived: Archive}
	for _, from := range runStates {
		for _, to := range runStates {
			s := story{spec: "sandboxes: {web: {state: " + to + "}}", then: "web class linux-vm\nweb " + from}.plan(t).Steps[0]
			action := want[to]
			if from == to || from == spec.Archived && to == spec.Stopped {
				action = NoOp
			}
			same(t, from+" to "+to, s.Action, action)
		}
	}
}
