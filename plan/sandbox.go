package plan

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"fleet/spec"
)

// planSandbox returns the step of a declared sandbox. have is the fleet's sandbox, and
// holder the one with the declared name. Both may be nil, or the same.
func (c *planner) planSandbox(r *spec.Resource, have, holder *Object) *Step {
	s := c.allocate(Step{Address: r.Address, Action: NoOp, Name: r.Name(), Want: r, Have: have})
	switch {
	case !c.isForced(s) && c.retainFailed(s, r, have), c.blockRename(s, r, have):
	case holder != nil && holder != have:
		c.resolveNameConflict(s, r, have, holder)
	case have == nil:
		s.Action = Create
		s.Ops = append([]Op{{Verb: DoCreate}}, transitionOps(spec.Started, r.State())...)
	case c.isForced(s):
		s.ID, s.Forced = have.ID, true
		s.Changes = toChanges(r.Diff(have.Object, c.world.Facts))
		c.replaceSandbox(s, r, forcedReason)
	case have.Failed && (!have.Recoverable || r.OnError() == spec.Replace):
		s.ID = have.ID
		c.replaceSandbox(s, r, stateReason(r, have))
	default:
		s.ID = have.ID
		c.planChange(s, r, r.Diff(have.Object, c.world.Facts))
	}
	if have != nil && s.Action != NoOp {
		s.Changes = append(append(c.moveChanges(have, r.Key), c.environmentChange(have)...), s.Changes...)
	}
	c.ignoreMissing(s, r)
	c.checkStep(s, r)
	s.Timeout = r.Timeout(s.hasVerb(DoArchive))
	return s
}

// replaceSandbox makes the step a replacement. It is blocked if the spec or the labels
// of the sandbox protect it.
func (c *planner) replaceSandbox(s *Step, r *spec.Resource, reason string) {
	s.replace(r, reason)
	s.Ops = append(s.Ops, transitionOps(spec.Started, r.State())...)
	c.planSurge(s, r)
	if s.Have.Labels[spec.ProtectLabel] == "true" && !r.Unprotected() {
		s.Blocked = protectedInSpecBlock(r)
	}
}

// planChange plans how to make an existing sandbox match the spec: in place, or by a
// replacement.
func (c *planner) planChange(s *Step, r *spec.Resource, diffs []spec.Diff) {
	have := s.Have
	s.Changes = toChanges(diffs)
	why := ""
	for _, d := range diffs {
		why = cmp.Or(why, d.Attr.Why)
	}
	needsStop := func(d spec.Diff) bool { return d.Mode == spec.StoppedOnly && have.TargetState != spec.Stopped }
	switch {
	case slices.ContainsFunc(diffs, func(d spec.Diff) bool { return d.Mode == spec.RequiresReplace }):
		c.replaceSandbox(s, r, why)
		return
	case slices.ContainsFunc(diffs, needsStop) && have.Ephemeral() && !r.SurvivesStop(): // unless the plan makes it survive one first
		c.replaceSandbox(s, r, "it must be stopped for that, and an ephemeral sandbox does not survive a stop")
		return
	}
	s.Ops = c.changeOps(r, have, r.Calls(diffs))
	all := diffs
	diffs = c.planUpload(s, diffs)
	s.Changes = toChanges(diffs)
	if c.labelsDiffer(r, have, diffs) {
		s.Ops = append(s.Ops, Op{Verb: DoLabel})
	}
	s.Action = actionOf(s, have)
	if awaitsTransition(r, have) && !s.hasWait() {
		if s.Action == NoOp {
			s.setWait()
		} else {
			s.Ops = append(s.Ops, Op{Verb: DoAwait})
		}
	}
	s.RetainedReason = formatIgnored(r.IgnoredDiffs(have.Object, c.world.Facts))
	if len(diffs) < len(all) {
		s.RetainedReason = strings.TrimPrefix(s.RetainedReason+"; "+uploadsLater, "; ")
	}
	if s.Action != NoOp && s.Reason == "" && len(diffs) == 0 && have.Fleet() == c.fleet.Name {
		s.Reason = c.reasonFor(s, r, have)
	}
	if s.hasVerb(DoStop) {
		s.DataLoss = "its running processes"
	}
	if b := classChangeBlock(r, have, diffs); b != nil {
		s.Blocked = b
	}
}

// changeOps returns the operations that send the calls and move the sandbox to its
// declared run state, with the fewest transitions. Calls that work in any state come
// first, and those that have to run last come last.
func (c *planner) changeOps(r *spec.Resource, have *Object, calls []spec.Call) []Op {
	var live, nonLive, last []Op
	mode := spec.AnyState
	for i := range calls {
		op := Op{Verb: DoCall, Call: &calls[i]}
		switch {
		case calls[i].RunsLast:
			last = append(last, op)
		case calls[i].Mode == spec.AnyState:
			live = append(live, op)
		default:
			nonLive = append(nonLive, op)
			mode = max(mode, calls[i].Mode)
		}
	}
	now := have.TargetState
	var moves []Op
	if have.Failed {
		moves, now = []Op{{Verb: DoRecover}}, spec.Started
	}
	goal := r.State()
	if goal == "" || goal == spec.Stopped && now == spec.Archived && mode == spec.AnyState {
		goal = now
	}
	at := now
	switch {
	case mode == spec.AnyState || mode == spec.StartedOrStopped && (now == spec.Started || now == spec.Stopped):
	case mode == spec.StoppedOnly || goal == spec.Stopped || goal == spec.Archived:
		at = spec.Stopped
	default:
		at = spec.Started
	}
	moves = append(moves, transitionOps(now, at)...)
	moves = append(moves, nonLive...)
	moves = append(moves, transitionOps(at, goal)...)
	return append(append(live, withSettle(have, moves...)...), last...)
}

// labelsDiffer reports whether the labels have to be written: those of the fleet, or
// those that the spec declares.
func (c *planner) labelsDiffer(r *spec.Resource, have *Object, diffs []spec.Diff) bool {
	if have.Fleet() != c.fleet.Name || have.Key() != r.Key || c.hasOtherEnvironment(have) || !r.FingerprintComplete(have.Object) || !r.TracksLabels(have.Labels) {
		return true
	}
	return slices.ContainsFunc(diffs, func(d spec.Diff) bool { return d.Attr.Label != "" || d.Attr.MergesKeys })
}

// actionOf returns the action of a step in place: an update if it changes attributes,
// else the change to its final run state.
func actionOf(s *Step, have *Object) Action {
	action := NoOp
	for _, op := range s.Ops {
		switch of := verbs[op.Verb].action; of {
		case Update:
			return Update
		case NoOp:
		default:
			action = of
		}
	}
	if have.Failed && action != NoOp {
		return Recover
	}
	return action
}

// reasonFor returns the reason of a step that changes no attribute; it may be empty.
func (c *planner) reasonFor(s *Step, r *spec.Resource, have *Object) string {
	switch {
	case have.Failed:
		return stateReason(r, have)
	case have.Key() != r.Key:
		return "" // the change of the address explains it
	case s.Action == Update && len(s.Ops) == 1:
		return "its labels are out of date"
	case r.State() != "":
		return fmt.Sprintf("it is %s, the spec wants it %s", have.TargetState, r.State())
	}
	return ""
}
