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

// safe reports whether the step creates a sandbox and deletes none before: a
// refusal of its creation loses nothing.
func (s *Step) safe() bool {
	return s.Address.Kind == spec.SandboxKind && s.Blocked == nil && (s.Action == Create || s.Action == Replace && s.Surge)
}

// trials chooses one trial for each distinct create request of the steps that
// risk a sandbox. The others of the request wait for it. A sandbox that is merely
// created is the best trial: after a refused one it is what the next run starts
// with, so that run after run loses no more than the first.
func (c *computer) trials() {
	if !slices.ContainsFunc(c.plan.Steps, (*Step).Risks) {
		return
	}
	requests := map[string][]*Step{}
	for _, s := range c.plan.Steps {
		if s.Risks() || s.safe() {
			key := s.Want.RequestKey(c.world.Facts)
			requests[key] = append(requests[key], s)
		}
	}
	for _, steps := range requests {
		trial := slices.MinFunc(independent(steps), compareRisk)
		for _, s := range steps {
			if s != trial && s.Risks() {
				s.TrialOf, s.Grows = trial.Address, c.grows(s)
			}
		}
	}
}

// A Trial is the step that is carried out before other ones with the same create
// request.
type Trial struct {
	First   *Step
	Waiting int // replacements that wait for it
}

// Trials lists the trials of the plan, in its order. Steps that wait for a blocked
// one take no part.
func (p *Plan) Trials() []Trial {
	waiting, held := map[spec.Address]int{}, p.Held()
	for _, s := range p.Steps {
		if _, is := held[s.Address]; !is && s.TrialOf != (spec.Address{}) {
			waiting[s.TrialOf]++
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

// grows reports whether the new sandbox of a replacement may need more than its
// old one leaves.
func (c *computer) grows(s *Step) bool {
	then, known := c.sizer().after(s)
	if !known {
		return true
	}
	now := Held(s.Have.Size(spec.SandboxKind), s.Have.State)
	more := then.Minus(now.Footprint)
	return slices.ContainsFunc(parts, func(p part) bool { return p.of(more) > 0 })
}

// independent leaves out the steps that wait for another one of the list, unless
// all do.
func independent(steps []*Step) []*Step {
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

// compareRisk orders steps by which can be tried first: those of the first wave
// of their rollouts, and of these the ones with the least to lose.
func compareRisk(a, b *Step) int {
	return cmp.Or(cmp.Compare(max(a.Wave, 1), max(b.Wave, 1)), cmp.Compare(a.risk(), b.risk()))
}

// risk is larger for sandboxes with more to lose.
func (s *Step) risk() int {
	switch {
	case s.safe():
		return 0
	case s.Have.Failed:
		return 1
	case s.Have.Unfinished():
		return 2
	case s.Have.Next != spec.Started:
		return 3
	}
	return 4
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
