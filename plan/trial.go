package plan

import (
	"cmp"
	"slices"

	"fleet/spec"
)

// RisksLoss reports whether the step deletes a sandbox before it creates its
// successor: if the creation is refused, the sandbox is lost.
func (s *Step) RisksLoss() bool {
	created := slices.IndexFunc(s.Ops, func(op Op) bool { return op.Verb == DoCreate })
	return s.Action == Replace && s.Address.Kind == spec.SandboxKind && s.Blocked == nil && !s.Surge && created >= 0
}

// createsFirst reports whether the step creates a sandbox without deleting one before:
// nothing is lost if the server refuses the creation.
func (s *Step) createsFirst() bool {
	return s.Address.Kind == spec.SandboxKind && s.Blocked == nil && (s.Action == Create || s.Action == Replace && s.Surge)
}

// planTrials chooses a trial among the steps with the same create request, if they risk
// a sandbox. The others wait for it. The creation of a missing sandbox is the best
// trial. After a refused replacement, the next run finds its sandbox missing and
// starts with it, so that repeated runs lose no more sandboxes than the first.
func (c *planner) planTrials() {
	if !slices.ContainsFunc(c.plan.Steps, (*Step).RisksLoss) {
		return
	}
	requests := map[string][]*Step{}
	for _, s := range c.plan.Steps {
		if s.RisksLoss() || s.createsFirst() {
			key := s.Want.RequestKey(c.world.Facts)
			requests[key] = append(requests[key], s)
		}
	}
	for _, steps := range requests {
		trial := slices.MinFunc(withoutDependents(steps), compareRisk)
		for _, s := range steps {
			if s != trial && s.RisksLoss() {
				s.TrialStep, s.IncreasesUsage = trial.Address, c.increasesUsage(s)
			}
		}
	}
}

// A Trial is a step that is applied before others with the same create request.
type Trial struct {
	First   *Step // the step that is applied first
	Waiting int   // replacements that wait for it
}

// Trials returns the trials of the plan, in its order. Steps that wait for a blocked one
// do not count.
func (p *Plan) Trials() []Trial {
	waiting, held := map[spec.Address]int{}, p.BlockedBy()
	for _, s := range p.Steps {
		if _, is := held[s.Address]; !is && s.TrialStep != (spec.Address{}) {
			waiting[s.TrialStep]++
		}
	}
	var list []Trial
	for _, s := range p.Steps {
		if n := waiting[s.Address]; n > 0 {
			list = append(list, Trial{s, n})
		}
	}
	return list
}

// increasesUsage reports whether the new sandbox of a replacement may need more of the
// quotas than the old one frees.
func (c *planner) increasesUsage(s *Step) bool {
	then, known := c.forecaster().usageAfter(s)
	if !known {
		return true
	}
	now := UsageOf(s.Have.Footprint(spec.SandboxKind), s.Have.State)
	more := then.Sub(now.Footprint)
	return slices.ContainsFunc(footprintParts, func(p footprintPart) bool { return p.get(more) > 0 })
}

// withoutDependents returns the steps that wait for no other step of the list, or all
// steps if there are none.
func withoutDependents(steps []*Step) []*Step {
	listed := map[spec.Address]bool{}
	for _, s := range steps {
		listed[s.Address] = true
	}
	var list []*Step
	for _, s := range steps {
		if !slices.ContainsFunc(s.After, func(a spec.Address) bool { return listed[a] }) {
			list = append(list, s)
		}
	}
	if len(list) == 0 {
		return steps
	}
	return list
}

// compareRisk orders steps by wave, and within a wave by how much they can lose.
func compareRisk(a, b *Step) int {
	return cmp.Or(cmp.Compare(max(a.Wave, 1), max(b.Wave, 1)), cmp.Compare(a.risk(), b.risk()))
}

// risk returns a number that is larger if more is lost with the sandbox.
func (s *Step) risk() int {
	switch {
	case s.createsFirst():
		return 0
	case s.Have.Failed:
		return 1
	case s.Have.Unfinished():
		return 2
	case s.Have.TargetState != spec.Started:
		return 3
	}
	return 4
}

// repairFailedFirst takes failed sandboxes out of the waves if the rollout could not
// start otherwise, because too many members are unavailable. They have nothing to lose
// and are replaced first.
func (g *rolloutGroup) repairFailedFirst() {
	if g.MaxUnavailable == 0 || g.Unavailable < g.MaxUnavailable {
		return
	}
	working := func(s *Step) bool { return !s.Have.Failed }
	if !slices.ContainsFunc(g.disrupting, working) {
		return
	}
	var kept []*Step
	for _, s := range g.disrupting {
		if working(s) {
			kept = append(kept, s)
		} else {
			g.repairing = append(g.repairing, s)
		}
	}
	g.disrupting = kept
}
