package plan

import (
	"fmt"
	"maps"
	"slices"

	"fleet/spec"
)

// ways finds, for the steps of rollouts that are rolled back when they fail, the
// steps that bring their sandboxes back to what they were.
func (c *computer) ways(r *Rollout, steps []*Step) {
	if r.OnFailure != spec.RollBack {
		return
	}
	reasons := map[string]int{}
	for _, s := range steps {
		if s.restores() {
			continue // there is nothing good to go back to
		}
		var why string
		if s.Back, why = c.back(s); why != "" {
			reasons[why]++
		}
	}
	for _, why := range slices.Sorted(maps.Keys(reasons)) {
		c.warn("when the rollout of %s fails, %s cannot be brought back: %s", r.Group, Plural(reasons[why], "sandbox", "sandboxes"), why)
	}
}

// back is the step that undoes another one, or why there is none.
func (c *computer) back(s *Step) (*Step, string) {
	if s.has(DoFinish) && !s.has(DoDelete) {
		return nil, "it was never found ready"
	}
	if !s.Have.Detailed {
		return nil, "it was not read by itself"
	}
	former, why := s.Want.Former(s.Have.Object, s.Have.Name, c.world.Facts)
	if why != "" {
		return nil, why
	}
	b := &Step{Address: s.Address, Action: s.Action, Name: s.Have.Name, Want: former, Labels: s.Have.Labels, Timeout: s.Timeout, Linked: s.Linked, Reason: fmt.Sprintf("the rollout of %s failed", s.Want.Whole())}
	was := s.Have.Next
	if s.has(DoDelete) {
		b.Ops = []Op{{Verb: DoDelete}, {Verb: DoCreate}}
		if former.Finishes() {
			b.Labels = former.Pending(b.Labels)
			b.Ops = append(b.Ops, finishing(former)...)
		}
		b.Ops = append(b.Ops, lifecycle(spec.Started, was)...)
		c.limit(b)
		return b, ""
	}
	diffs, why := former.Undone(s.Want.Diff(s.Have.Object, c.world.Facts))
	if why != "" {
		return nil, why
	}
	now := *s.Have
	now.State, now.Next = endState(s), endState(s)
	b.Action = Update
	b.Ops = append(c.ops(former, &now, former.Calls(diffs)), Op{Verb: DoLabel})
	return b, ""
}
