package plan

import (
	"cmp"
	"fmt"
	"slices"

	"fleet/spec"
)

// sandbox decides about a sandbox. have is the fleet's own, holder the one that
// has the wanted name. Both may be nil, or the same.
func (c *computer) sandbox(r *spec.Resource, have, holder *Object) *Step {
	s := &Step{Address: r.Address, Action: NoOp, Name: r.Name(), Want: r, Have: have}
	switch {
	case !c.forced(s) && c.leaveFailed(s, r, have), c.renamed(s, r, have):
	case holder != nil && holder != have:
		c.rival(s, r, have, holder)
	case have == nil:
		s.Action = Create
		s.Ops = append([]Op{{Verb: DoCreate}}, lifecycle(spec.Started, r.State())...)
	case c.forced(s):
		s.ID, s.Forced = have.ID, true
		s.Changes = changes(r.Diff(have.Object, c.world.Facts))
		c.replaceSandbox(s, r, forceReason)
	case have.Failed && (!have.Recoverable || r.OnError() == spec.Replace):
		s.ID = have.ID
		c.replaceSandbox(s, r, inState(r, have))
	default:
		s.ID = have.ID
		c.change(s, r, r.Diff(have.Object, c.world.Facts))
	}
	if have != nil && s.Action != NoOp {
		s.Changes = append(append(c.movedFrom(have, r.Key), c.environmentChange(have)...), s.Changes...)
	}
	c.ignoreMissing(s, r)
	c.check(s, r)
	s.Timeout = r.Timeout(s.has(DoArchive))
	return s
}

// replaceSandbox makes the step a replacement, unless the sandbox is protected
// here or there.
func (c *computer) replaceSandbox(s *Step, r *spec.Resource, reason string) {
	s.replace(r, reason)
	s.Ops = append(s.Ops, lifecycle(spec.Started, r.State())...)
	c.surge(s, r)
	if s.Have.Labels[spec.ProtectLabel] == "true" && !r.Unprotected() {
		s.Blocked = unprotect(r)
	}
}

// change decides how to make an existing sandbox as wanted.
func (c *computer) change(s *Step, r *spec.Resource, diffs []spec.Diff) {
	have := s.Have
	s.Changes = changes(diffs)
	why := ""
	for _, d := range diffs {
		why = cmp.Or(why, d.Attr.Why)
	}
	halts := func(d spec.Diff) bool { return d.Mode == spec.Halted && have.Next != spec.Stopped }
	switch {
	case slices.ContainsFunc(diffs, func(d spec.Diff) bool { return d.Mode == spec.Rebuild }):
		c.replaceSandbox(s, r, why)
		return
	case slices.ContainsFunc(diffs, halts) && have.Ephemeral() && !r.Lasting(): // it outlives a stop when it is made to before
		c.replaceSandbox(s, r, "it must be stopped for that, and an ephemeral sandbox does not survive a stop")
		return
	}
	s.Ops = c.ops(r, have, r.Calls(diffs))
	if c.labelsDiffer(r, have, diffs) {
		s.Ops = append(s.Ops, Op{Verb: DoLabel})
	}
	s.Action = actionOf(s, have)
	if arriving(r, have) && !s.waits() {
		if s.Action == NoOp {
			s.await()
		} else {
			s.Ops = append(s.Ops, Op{Verb: DoAwait})
		}
	}
	s.Kept = ignored(r.Ignored(have.Object, c.world.Facts))
	if s.Action != NoOp && s.Reason == "" && len(diffs) == 0 && have.Fleet() == c.fleet.Name {
		s.Reason = c.reasonFor(s, r, have)
	}
	if s.has(DoStop) {
		s.Loses = "its running processes"
	}
	if b := unfitChange(r, have, diffs); b != nil {
		s.Blocked = b
	}
}

// ops are the operations that make the calls and bring the sandbox into its
// run state, in the fewest steps.
func (c *computer) ops(r *spec.Resource, have *Object, calls []spec.Call) []Op {
	var live, still, last []Op
	mode := spec.Live
	for i := range calls {
		op := Op{Verb: DoCall, Call: &calls[i]}
		switch {
		case calls[i].Last:
			last = append(last, op)
		case calls[i].Mode == spec.Live:
			live = append(live, op)
		default:
			still = append(still, op)
			mode = max(mode, calls[i].Mode)
		}
	}
	now := have.Next
	var moves []Op
	if have.Failed {
		moves, now = []Op{{Verb: DoRecover}}, spec.Started
	}
	goal := r.State()
	if goal == "" || goal == spec.Stopped && now == spec.Archived && mode == spec.Live {
		goal = now
	}
	at := now
	switch {
	case mode == spec.Live || mode == spec.Awake && (now == spec.Started || now == spec.Stopped):
	case mode == spec.Halted || goal == spec.Stopped || goal == spec.Archived:
		at = spec.Stopped
	default:
		at = spec.Started
	}
	moves = append(moves, lifecycle(now, at)...)
	moves = append(moves, still...)
	moves = append(moves, lifecycle(at, goal)...)
	return append(append(live, settleFirst(have, moves...)...), last...)
}

// labelsDiffer reports whether the labels have to be written.
func (c *computer) labelsDiffer(r *spec.Resource, have *Object, diffs []spec.Diff) bool {
	if have.Fleet() != c.fleet.Name || have.Key() != r.Key || c.elsewhere(have) || !r.Sealed(have.Object) || !r.Remembers(have.Labels) {
		return true
	}
	return slices.ContainsFunc(diffs, func(d spec.Diff) bool { return d.Attr.Label != "" || d.Attr.Merges })
}

var lifecycleActions = map[Verb]Action{
	DoStart: Start, DoStop: Stop, DoPause: Pause, DoArchive: Archive, DoRecover: Recover,
}

// actionOf names the step after what it does: an update when it changes
// attributes, else the run state that it ends in.
func actionOf(s *Step, have *Object) Action {
	action := NoOp
	for _, op := range s.Ops {
		switch {
		case op.Verb == DoCall || op.Verb == DoLabel:
			return Update
		case lifecycleActions[op.Verb] != 0:
			action = lifecycleActions[op.Verb]
		}
	}
	if have.Failed && action != NoOp {
		return Recover
	}
	return action
}

// reasonFor explains a step that changes no attribute.
func (c *computer) reasonFor(s *Step, r *spec.Resource, have *Object) string {
	switch {
	case have.Failed:
		return inState(r, have)
	case have.Key() != r.Key:
		return "" // the change of the address says it
	case s.Action == Update && len(s.Ops) == 1:
		return "its labels are out of date"
	case r.State() != "":
		return fmt.Sprintf("it is %s, the spec wants it %s", have.Next, r.State())
	}
	return ""
}
