package plan

import (
	"fleet/internal/foreign"
	"fleet/spec"
)

// other begins the step for a snapshot or volume. A step that is finished
// needs no more decisions.
func (c *computer) other(r *spec.Resource, have *Object) (s *Step, finished bool) {
	s = &Step{Address: r.Address, Action: NoOp, Name: r.Name(), Want: r, Have: have, Timeout: r.Timeout(false)}
	create := Op{Verb: DoCreate}
	switch {
	case have == nil:
		s.Action, s.Ops = Create, []Op{create}
	case have.Leaving():
		s.Action, s.Have, s.Reason = Create, nil, "the old one is being deleted"
		s.Ops = []Op{create} // refused while the old one holds the name, and then tried again
	case c.forced(s):
		s.ID, s.Forced = have.ID, true
		s.Changes = changes(r.Diff(have.Object, c.world.Facts))
		s.replace(r, forceReason)
		c.checkUsers(s, r)
	case have.Failed:
		s.ID = have.ID
		s.replace(r, inState(r, have))
		c.checkUsers(s, r)
	default:
		s.ID = have.ID
		return s, false
	}
	return s, true
}

func because(reason string) string {
	if reason == "" {
		return ""
	}
	return ": " + reason
}

// inState says in which state an object is, and what the server says of it. What
// of that is secret is hidden first: it could not be told any more when escaped.
func inState(r *spec.Resource, have *Object) string {
	reason := foreign.Text(r.Redact(string(have.ErrorReason)))
	return "it is in state " + have.State + because(reason.String())
}

// replace makes the step a replacement.
func (s *Step) replace(r *spec.Resource, reason string) {
	s.Action, s.Reason, s.Loses = Replace, reason, loses[r.Kind]
	s.Ops = settleFirst(s.Have, Op{Verb: DoDelete}, Op{Verb: DoCreate})
	if r.Protected() {
		s.Blocked = unprotect(r)
	}
}

// volume decides about a volume. Its name is all there is to it.
func (c *computer) volume(r *spec.Resource, have *Object) *Step {
	s, finished := c.other(r, have)
	if !finished && !have.Settled() {
		s.await()
	}
	return s
}

// snapshot decides about a snapshot. There is no way to change one but to
// activate and deactivate it.
func (c *computer) snapshot(r *spec.Resource, have *Object) *Step {
	s, finished := c.other(r, have)
	defer func() { c.checkMade(s, r) }()
	active, managed := r.Active()
	if finished {
		if managed && !active {
			s.Ops = append(s.Ops, Op{Verb: DoDeactivate})
		}
		return s
	}
	diffs := r.Diff(have.Object, c.world.Facts)
	switch {
	case len(diffs) > 0:
		s.replace(r, "")
		s.Changes = changes(diffs)
		c.checkMaking(s, r)
		if managed && !active {
			s.Ops = append(s.Ops, Op{Verb: DoDeactivate})
		}
	case managed && active && have.Next == "inactive":
		s.activate("the spec wants it active")
	case managed && !active && have.Next == "active":
		s.Action, s.Reason = Retire, "the spec wants it inactive"
		s.Ops = settleFirst(have, Op{Verb: DoDeactivate})
	case !have.Settled():
		s.await()
	}
	return s
}

func (s *Step) activate(reason string) {
	s.Action, s.Reason = Activate, reason
	s.Ops = []Op{{Verb: DoActivate}}
}

// activations activates snapshots that went inactive and from which a sandbox
// is about to be made.
func (c *computer) activations() {
	for _, user := range c.plan.Steps {
		if user.Address.Kind != spec.SandboxKind || user.Action != Create && user.Action != Replace {
			continue
		}
		for _, need := range user.Want.Needs {
			s := c.steps[need]
			if s == nil || need.Kind != spec.SnapshotKind {
				continue
			}
			if active, managed := s.Want.Active(); managed && !active && user.Blocked == nil {
				user.Blocked = &Block{Illegal, need.String() + " is kept inactive, and sandboxes cannot be made from it", "take active: false out of " + place(s.Want)}
			}
			if user.Blocked != nil || s.Have == nil || s.Have.Next != "inactive" || s.Action != NoOp {
				continue
			}
			s.activate("inactive, and " + user.Address.String() + " is made from it")
		}
	}
}

// changes are diffs for a reader.
func changes(diffs []spec.Diff) []Change {
	list := make([]Change, len(diffs))
	for i, d := range diffs {
		have, want := d.Format()
		list[i] = Change{Attribute: d.Attr.Key, Have: have, Want: want, Rule: d.Rule, Forces: d.Mode == spec.Rebuild, Cause: d.Cause}
	}
	return list
}
