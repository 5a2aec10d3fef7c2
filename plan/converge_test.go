package plan

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"fleet/spec"
)

// TestPlanConverges carries out random plans on the world that they were made
// from, in the order that they demand, and plans again: there must be nothing
// left to do but what is blocked.
func TestPlanConverges(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		f, w, _ := random(rt, t)
		w.Objects[spec.SandboxKind] = slices.DeleteFunc(w.Objects[spec.SandboxKind], isFork) // see TestForks for what becomes of them
		opts := Options{AdoptAll: true, AllowDestroy: 1000}
		p := mustCompute(f, w, opts)
		s := &server{t: t, rt: rt, fleet: f, world: w}
		s.carryOut(p)
		w.observe(f)
		again := mustCompute(f, w, opts)
		if len(p.Blocked()) > 0 {
			return // what waits for it was not done
		}
		if !again.Empty() || len(again.Blocked()) > 0 {
			rt.Fatalf("after\n%s\nthere is still\n%s", lines(p), lines(again))
		}
	})
}

func isFork(o *Object) bool { return strings.HasPrefix(o.Name, "copy-of-") }

// A server does at once what it is asked for.
type server struct {
	t     testing.TB
	rt    *rapid.T
	fleet *spec.Fleet
	world *World
	done  map[spec.Address]bool
}

func (s *server) carryOut(p *Plan) {
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
	leaves := func(o *Object) bool { return o.Name == step.Name && o.Deleting() } // it is refused until that has gone
	for _, k := range []spec.Kind{spec.VolumeKind, spec.SnapshotKind} {
		s.world.Objects[k] = slices.DeleteFunc(s.world.Objects[k], leaves)
	}
	for _, o := range s.world.Objects[a.Kind] {
		if o.Name == step.Name && !o.Shared {
			s.rt.Fatalf("the name is taken: %s", line(step))
		}
	}
	o := as(s.t, step.Want, s.world.Facts, false)
	s.world.Add(a.Kind, o)
	return o
}

// call gives the object the attributes of the call as they are wanted.
func (s *server) call(step *Step, o *Object, call *spec.Call) {
	if next := moved(o.State, Op{Verb: DoCall, Call: call}); next == "" {
		s.rt.Fatalf("%s in state %s: %s", call.Path, o.State, line(step))
	}
	for a, v := range as(s.t, step.Want, s.world.Facts, o.FullyRead).Attrs.All() {
		if slices.Contains(call.Attrs, a.Key) {
			o.Attrs = o.Attrs.With(a, v)
		}
	}
}
