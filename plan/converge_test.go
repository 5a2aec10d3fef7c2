package plan

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"fleet/spec"
)

// TestPlanConverges applies random plans to the world that they were computed from, in the
// required order, and plans again: only blocked steps may remain.
func TestPlanConverges(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		f, w, _ := random(rt, t)
		w.Objects[spec.SandboxKind] = slices.DeleteFunc(w.Objects[spec.SandboxKind], isFork) // see TestForks
		opts := Options{AdoptAll: true, AllowDestroy: 1000}
		p := mustCompute(f, w, opts)
		s := &server{t: t, rt: rt, fleet: f, world: w}
		s.execute(p)
		w.observe(f)
		again := mustCompute(f, w, opts)
		if len(p.Blocked()) > 0 {
			return // its dependents were skipped
		}
		if !again.Empty() || len(again.Blocked()) > 0 {
			rt.Fatalf("after\n%s\nthere is still\n%s", lines(p), lines(again))
		}
	})
}

func isFork(o *Object) bool { return strings.HasPrefix(o.Name, "copy-of-") }

// A server executes each request immediately.
type server struct {
	t     testing.TB
	rt    *rapid.T
	fleet *spec.Fleet
	world *World
	done  map[spec.Address]bool
}

func (s *server) execute(p *Plan) {
	s.done = map[spec.Address]bool{}
	for _, step := range p.Steps {
		if step.Blocked != nil {
			return
		}
	}
	for range p.Steps {
		for _, step := range p.Steps {
			ready := !slices.ContainsFunc(step.After, func(a spec.Address) bool { return !s.done[a] })
			if ready && !s.done[step.Address] {
				s.step(step)
			}
		}
	}
	if len(s.done) != len(p.Steps) {
		s.rt.Fatalf("%d of %d steps could be done:\n%s", len(s.done), len(p.Steps), lines(p))
	}
}

func (s *server) step(step *Step) {
	s.done[step.Address] = true
	o := step.Have
	for _, op := range step.Ops {
		switch op.Verb {
		case DoCreate:
			o = s.create(step)
		case DoDelete:
			s.world.drop(step.Address.Kind, o)
		case DoCall:
			s.call(step, o, op.Call)
		case DoLabel:
			if step.Want == nil {
				o.Labels = spec.Relabel(fleetName, "", step.Address.Key, o.Labels)
			} else {
				o.Labels = step.Want.Labels(fleetName, o.Labels)
			}
		case DoRelease:
			o.Labels = spec.WithoutFleetLabels(o.Labels)
		case DoTryBuild, DoDropTrial: // the temporary snapshot is gone after the step
		case DoSettle, DoAwait:
			o.State = o.TargetState
		case DoActivate:
			o.State, o.TargetState = "active", "active"
		case DoDeactivate:
			o.State, o.TargetState = "inactive", "inactive"
		case DoRecover:
			o.State, o.TargetState, o.Failed = spec.Started, spec.Started, false
		default:
			next := moved(o.State, op)
			if next == "" {
				s.rt.Fatalf("%s in state %s: %s", op.Verb, o.State, line(step))
			}
			o.State, o.TargetState = next, next
		}
	}
}

func (s *server) create(step *Step) *Object {
	a := step.Address
	leaves := func(o *Object) bool { return o.Name == step.Name && o.Deleting() } // the creation is refused meanwhile
	for _, k := range []spec.Kind{spec.VolumeKind, spec.SnapshotKind} {
		s.world.Objects[k] = slices.DeleteFunc(s.world.Objects[k], leaves)
	}
	for _, o := range s.world.Objects[a.Kind] {
		if o.Name == step.Name && !o.Shared {
			s.rt.Fatalf("the name is taken: %s", line(step))
		}
	}
	o := newObject(s.t, step.Want, s.world.Facts, false)
	s.world.Add(a.Kind, o)
	return o
}

// call sets the attributes of a call on the object.
func (s *server) call(step *Step, o *Object, call *spec.Call) {
	if next := moved(o.State, Op{Verb: DoCall, Call: call}); next == "" {
		s.rt.Fatalf("%s in state %s: %s", call.Path, o.State, line(step))
	}
	for a, v := range newObject(s.t, step.Want, s.world.Facts, o.FullyRead).Attrs.All() {
		if slices.Contains(call.Attrs, a.Key) {
			o.Attrs = o.Attrs.With(a, v)
		}
	}
}
