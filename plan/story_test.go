package plan

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"fleet/internal/foreign"
	"fleet/spec"
)

// A story is a test case in four parts: the applied spec, the events since, the current
// spec, and the expected plan.
type story struct {
	name string
	was  string // the applied spec; empty: the current one
	then string // events, one in each line; see happen
	spec string // the current spec
	opts Options
	want string // a line for each step, as line writes it; then the warnings
}

// nothing is the spec of an empty fleet.
const nothing = "sandboxes: {}"

func runStories(t *testing.T, stories []story) {
	for _, s := range stories {
		t.Run(s.name, func(t *testing.T) {
			p := s.plan(t)
			same(t, "plan", lines(p), trimmed(s.want))
			orderly(t, p)
		})
	}
}

func (s story) plan(t testing.TB) *Plan {
	t.Helper()
	if s.was == "" {
		s.was = s.spec
	}
	w := newWorld(t, parse(t, s.was))
	for _, event := range strings.Split(trimmed(s.then), "\n") {
		if event != "" {
			w.applyEvent(t, parse(t, s.was), event)
		}
	}
	f := parse(t, s.spec)
	w.observe(f)
	return mustCompute(f, w, s.opts)
}

// mustCompute is Compute for a selection that can be made.
func mustCompute(f *spec.Fleet, w *World, opts Options) *Plan {
	p, err := Compute(f, w, opts)
	if err != nil {
		panic(err)
	}
	return p
}

// observe sets the ids of the fleet's sandboxes by key.
func (w *World) observe(f *spec.Fleet) {
	w.Facts.Sandboxes = map[string]string{}
	for key, o := range w.OwnedSandboxes(f) {
		w.Facts.Sandboxes[key] = o.ID
	}
}

// applyEvent changes the world by an event such as
//
//	web stopped                     it is in that state
//	web starting>started            a change of its state is under way
//	web error: the reason           it failed; "recoverable" may come first
//	web is auto_stop_interval=30    an attribute has another value
//	web labelled a=b                b may be empty, which removes the label
//	web detailed                    it was fully read
//	web unowned, of FLEET, gone, shared, called NAME, class NAME
//	volume.a used by b c            sandboxes outside of the fleet use it
//	web forked NAME [older|same]    there is a copy of it, by default a younger one
//	server 0.190.0                  the server has this version
//
// A name without a kind is that of a sandbox.
func (w *World) applyEvent(t testing.TB, was *spec.Fleet, event string) {
	t.Helper()
	who, what, _ := strings.Cut(event, " ")
	verb, rest, _ := strings.Cut(what, " ")
	if who == "server" {
		w.Facts.Version = spec.ParseVersion(what)
		return
	}
	a, err := spec.ParseAddress(who)
	if err != nil {
		a = spec.Address{Kind: spec.SandboxKind, Key: who}
	}
	r := resourceAt(t, was, a.String())
	o := w.find(t, a.Kind, r.Name())
	key, value, _ := strings.Cut(rest, "=")
	switch verb {
	case "gone":
		w.drop(a.Kind, o)
	case "error:", "recoverable":
		o.State, o.TargetState, o.Failed, o.Recoverable = "error", "error", true, verb == "recoverable"
		o.ErrorReason = foreign.Text(rest)
	case "is":
		o.set(t, a.Kind, key, scalar(value))
	case "labelled":
		o.Labels[key] = value
		if value == "" {
			delete(o.Labels, key)
		}
	case "detailed":
		o.Object = newObject(t, r, w.Facts, true).Object
	case "unowned":
		o.Labels = map[string]string{}
	case "of":
		o.Labels[spec.FleetLabel] = rest
	case "shared":
		o.Shared = true
	case "used": // by sandboxes outside of the fleet
		if w.ExternalUsers == nil {
			w.ExternalUsers = map[string][]string{}
		}
		w.ExternalUsers[o.ID] = strings.Split(strings.TrimPrefix(rest, "by "), " ")
	case "called":
		o.rename(t, a.Kind, rest)
	case "class":
		o.Class = rest
	case "forked":
		w.fork(t, o, rest)
	default:
		state, next, moving := strings.Cut(verb, ">")
		o.State, o.TargetState = state, state
		if moving {
			o.TargetState = next
		}
	}
}

func (w *World) fork(t testing.TB, o *Object, how string) {
	name, age, _ := strings.Cut(how, " ")
	fork := *o
	fork.rename(t, spec.SandboxKind, name)
	fork.ID, fork.Created = "id-of-"+name, o.Created.AddDate(0, 0, 1)
	switch age {
	case "older":
		fork.Created = o.Created.AddDate(0, 0, -1)
	case "same":
		fork.Created = o.Created
	}
	w.Add(spec.SandboxKind, &fork)
}

func (o *Object) rename(t testing.TB, k spec.Kind, name string) {
	o.Name = name
	o.set(t, k, "name", name)
}

func scalar(s string) any {
	if n, err := strconv.Atoi(s); err == nil {
		return n
	}
	if b, err := strconv.ParseBool(s); err == nil {
		return b
	}
	return s
}

// lines returns a plan in the notation of stories.
func lines(p *Plan) string {
	var list []string
	for _, s := range p.Steps {
		list = append(list, line(s))
	}
	for _, w := range p.Warnings {
		list = append(list, "warning: "+w)
	}
	return strings.Join(list, "\n")
}

// line returns a step: its action and address, the reason, the changes in brackets, the
// retained differences in parentheses, and after bars its operations, the steps that it
// waits for, and its block. Sandboxes are named by their keys.
func line(s *Step) string {
	text := s.Action.String() + " " + short(s.Address)
	if s.Reason != "" {
		text += ": " + s.Reason
	}
	for _, c := range s.Changes {
		text += fmt.Sprintf(" [%s %s -> %s]", c.Attribute, c.Have, c.Want)
	}
	if s.RetainedReason != "" {
		text += " (" + s.RetainedReason + ")"
	}
	if len(s.Ops) > 0 {
		text += " |"
	}
	for _, op := range s.Ops {
		text += " " + operation(op)
	}
	for i, a := range s.After {
		text += []string{" | after ", ", "}[min(i, 1)] + short(a)
	}
	if b := s.Blocked; b != nil {
		text += fmt.Sprintf(" | %s: %s (%s)", b.Kind, b.Reason, b.Unblock)
	}
	return text
}

func operation(op Op) string {
	if op.Call != nil {
		return op.Call.Path
	}
	return string(op.Verb)
}

func short(a spec.Address) string { return strings.TrimPrefix(a.String(), "sandbox.") }

func trimmed(text string) string {
	var list []string
	for _, l := range strings.Split(text, "\n") {
		if l = strings.TrimSpace(l); l != "" {
			list = append(list, l)
		}
	}
	return strings.Join(list, "\n")
}

func same[T any](t testing.TB, what string, got, want T) {
	t.Helper()
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("%s (-want +got):\n%s", what, d)
	}
}

// orderly checks invariants of every plan: steps wait only for existing steps, without
// cycles, and only steps with an id change or delete an object.
func orderly(t testing.TB, p *Plan) {
	t.Helper()
	steps := map[spec.Address]*Step{}
	for _, s := range p.Steps {
		if steps[s.Address] != nil {
			t.Errorf("two steps for %s", s.Address)
		}
		steps[s.Address] = s
	}
	done := map[spec.Address]int{} // 1: being visited
	var visit func(s *Step)
	visit = func(s *Step) {
		done[s.Address] = 1
		for _, a := range s.After {
			switch {
			case steps[a] == nil:
				t.Errorf("%s waits for %s, which has no step", s.Address, a)
			case done[a] == 1:
				t.Errorf("%s waits for %s, which waits for it", s.Address, a)
			case done[a] == 0:
				visit(steps[a])
			}
		}
		done[s.Address] = 2
	}
	for _, s := range p.Steps {
		if done[s.Address] == 0 {
			visit(s)
		}
		if s.Blocked == nil && (s.Action == Create) != (s.ID == "") && s.Action != NoOp {
			t.Errorf("%s: %s with the id %q", s.Address, s.Action, s.ID)
		}
		if s.Blocked == nil && s.Timeout <= 0 {
			t.Errorf("%s has no timeout", s.Address)
		}
	}
}
