package plan

import (
	"cmp"
	"slices"

	"fleet/spec"
)

// Risks reports whether the step deletes a sandbox before it creates its
// successor: if the creation is refused, the sandbox is lost.
func (s *Step) Risks() bool {
	created := slices.IndexFunc(s.Ops, func(op Op) bool { return op.Verb == DoCreate })
	return s.Action == Replace && s.Address.Kind == spec.SandboxKind && s.Blocked == nil && !s.Surge && created >= 0
}

// trials chooses one trial for each distinct create request of the steps that
// risk a sandbox. The others of the request wait for it.
func (c *computer) trials() {
	requests := map[string][]*Step{}
	for _, s := range c.plan.Steps {
		if s.Risks() {
			key := s.Want.RequestKey(c.world.Facts)
			requests[key] = append(requests[key], s)
		}
	}
	for _, steps := range requests {
		trial := slices.MinFunc(steps, compareRisk)
		for _, s := range steps {
			if s != trial {
				s.TrialOf = trial.Address
			}
		}
	}
}

// compareRisk orders steps by which can be tried first: those of the first wave
// of their rollouts, and of these the ones with the least to lose.
func compareRisk(a, b *Step) int {
	return cmp.Or(cmp.Compare(max(a.Wave, 1), max(b.Wave, 1)), cmp.Compare(a.risk(), b.risk()))
}

// risk is larger for sandboxes with more to lose.
func (s *Step) risk() int {
	switch {
	case s.Have.Failed:
		return 0
	case s.Have.Unfinished():
		return 1
	case s.Have.Next != spec.Started:
		return 2
	}
	return 3
}

// mend takes sandboxes in an error state out of the waves when the rollout could
// not start otherwise, because too much cannot be used already. They have nothing
// to lose and are replaced first.
func (g *group) mend() {
	if g.MaxUnavailable == 0 || g.Unavailable < g.MaxUnavailable {
		return
	}
	working := func(s *Step) bool { return !s.Have.Failed }
	if !slices.ContainsFunc(g.disturbing, working) {
		return
	}
	var kept []*Step
	for _, s := range g.disturbing {
		if working(s) {
			kept = append(kept, s)
		} else {
			g.restoring = append(g.restoring, s)
		}
	}
	g.disturbing = kept
}
