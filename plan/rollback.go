package plan

import (
	"fmt"
	"maps"
	"slices"

	"fleet/spec"
)

// planRollbacks sets the rollbacks of the steps of a rollout with on_failure: rollback.
// It warns about sandboxes that cannot be rolled back.
func (c *planner) planRollbacks(r *Rollout, steps []*Step) {
	if r.OnFailure != spec.RollBack {
		return
	}
	reasons := map[string]int{}
	for _, s := range steps {
		if s.repairs() {
			continue // its current state is not worth restoring
		}
		var why string
		if s.Rollback, why = c.rollbackStep(s); why != "" {
			reasons[why]++
		}
	}
	for _, why := range slices.Sorted(maps.Keys(reasons)) {
		c.warn("when the rollout of %s fails, %s cannot be rolled back: %s", r.Group, Plural(reasons[why], "sandbox", "sandboxes"), why)
	}
}

// rollbackStep returns the step that restores the sandbox of s, or the reason why there
// is none.
func (c *planner) rollbackStep(s *Step) (*Step, string) {
	if s.hasVerb(DoFinish) && !s.hasVerb(DoDelete) {
		return nil, "it was never found ready"
	}
	if !s.Have.FullyRead {
		return nil, "its current settings were not read"
	}
	former, why := s.Want.RollbackTarget(s.Have.Object, s.Have.Name, c.world.Facts)
	if why != "" {
		return nil, why
	}
	b := &Step{Address: s.Address, Action: s.Action, Name: s.Have.Name, Want: former, Labels: s.Have.Labels, Timeout: s.Timeout, LinkedIDs: s.LinkedIDs, Reason: fmt.Sprintf("the rollout of %s failed", s.Want.GroupAddress())}
	was := s.Have.TargetState
	if s.hasVerb(DoDelete) {
		b.Ops = []Op{{Verb: DoDelete}, {Verb: DoCreate}}
		if former.HasPostCreate() {
			b.Labels = former.WithPending(b.Labels)
			b.Ops = append(b.Ops, finishOps(former)...)
		}
		c.addUploads(b)
		b.Ops = append(b.Ops, transitionOps(spec.Started, was)...)
		c.setTimeouts(b)
		return b, ""
	}
	diffs, why := former.RollbackDiffs(s.Want.Diff(s.Have.Object, c.world.Facts))
	if why != "" {
		return nil, why
	}
	now := *s.Have
	now.State, now.TargetState = endState(s), endState(s)
	b.Action = Update
	b.Ops = append(c.changeOps(former, &now, former.Calls(diffs)), Op{Verb: DoLabel})
	return b, ""
}
