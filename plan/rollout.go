package plan

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"fleet/spec"
)

// A Rollout is how the steps that disturb the sandboxes of one group follow each
// other: those that stop, resize or replace what is usable. They go in waves,
// each after all of the one before have been done.
type Rollout struct {
	Group   spec.Address `json:"group"`
	Members int          `json:"members"` // of the group, as the spec wants it
	Waves   []Wave       `json:"waves"`

	// MaxUnavailable is how many members may be unusable at once; 0: all.
	MaxUnavailable int `json:"max_unavailable,omitempty"`

	// Unavailable is how many members are unusable from the beginning: they are
	// not there, or in an error state, or were never found ready.
	Unavailable int `json:"unavailable,omitempty"`

	PauseSeconds float64 `json:"pause_seconds,omitempty"` // between waves
	OnFailure    string  `json:"on_failure"`

	// Surge is how many sandboxes are created before the ones that they replace are
	// deleted, and NoSurgeReason why the others are not; empty where that is not wanted.
	Surge         int    `json:"surge,omitempty"`
	NoSurgeReason string `json:"no_surge,omitempty"`

	permanentlyUnavailable int // members that are unusable, and that no step makes whole
}

// A Wave is a number of steps that may be carried out at the same time.
type Wave struct {
	Steps       int  `json:"steps"`
	MaxFailures int  `json:"max_failures,omitempty"` // of them, beyond which the rollout has failed
	Canary      bool `json:"canary,omitempty"`       // they show whether the others are begun
}

// Pause is the time between two waves.
func (r *Rollout) Pause() time.Duration {
	return time.Duration(r.PauseSeconds * float64(time.Second))
}

// disrupts reports whether the step takes a sandbox out of use for a while, or
// leaves it otherwise than it was used.
func (s *Step) disrupts() bool {
	return s.Have != nil && s.Want != nil && slices.ContainsFunc(s.Ops, func(op Op) bool {
		switch op.Verb {
		case DoDelete:
			return s.SurgeLeftover == nil || op.ID != s.SurgeLeftover.ID
		case DoFinish: // what follows shows whether it is usable
			return true
		}
		return op.Disrupts()
	})
}

// repairs reports whether the sandbox of the step cannot be used as it is.
func (s *Step) repairs() bool { return s.Have == nil || s.Have.Failed || s.Have.Unfinished() }

// A group is a group of sandboxes with a rollout, while its steps are gathered.
type rolloutGroup struct {
	*Rollout
	disrupting, repairing []*Step
}

// planRollouts puts the steps of groups with a rollout into waves.
func (c *planner) planRollouts() {
	for _, g := range c.rolloutGroups() {
		if len(g.disrupting) == 0 {
			continue
		}
		if most := g.disrupting[0].Want.Rollout().MaxUnavailable; most != (spec.IntOrPercent{}) {
			g.MaxUnavailable = max(most.RoundDown(g.Members), 1)
		}
		if g.blockUnstartable(g.disrupting) {
			continue
		}
		g.repairFailedFirst()
		g.assignWaves(g.disrupting)
		c.planRollbacks(g.Rollout, g.disrupting)
		c.countSurge(g.Rollout, g.disrupting)
		for _, s := range g.repairing {
			s.Rollout = g.Rollout
		}
		c.plan.Rollouts = append(c.plan.Rollouts, g.Rollout)
	}
}

// rolloutGroups gathers the groups that have a rollout, in the order of the spec.
func (c *planner) rolloutGroups() []*rolloutGroup {
	var order []*rolloutGroup
	groups := map[spec.Address]*rolloutGroup{} // nil for those without
	for _, s := range c.plan.Steps {
		if s.Address.Kind != spec.SandboxKind || s.Want == nil {
			continue
		}
		whole := s.Want.GroupAddress()
		g, seen := groups[whole]
		if !seen {
			if r := newRollout(s.Want); r != nil {
				g = &rolloutGroup{Rollout: r}
				order = append(order, g)
			}
			groups[whole] = g
		}
		if g != nil {
			g.addStep(s, s.Blocked == nil && len(s.Ops) > 0 && (c.selected == nil || c.selected[s]))
		}
	}
	return order
}

// addStep takes in a step of the group, which is carried out or not.
func (g *rolloutGroup) addStep(s *Step, carriedOut bool) {
	broken := s.repairs() && s.Action != Adopt
	switch {
	case s.Have == nil && s.Action == NoOp: // the spec does without it
		g.Members--
		return
	case broken && !carriedOut:
		g.permanentlyUnavailable++
		fallthrough
	case broken:
		g.Unavailable++
	}
	switch {
	case !carriedOut:
	case s.disrupts():
		g.disrupting = append(g.disrupting, s)
	case broken:
		g.repairing = append(g.repairing, s)
	}
}

// blockUnstartable blocks the steps of a rollout that could never begin, since what cannot
// be used stays so. It reports whether it did.
func (r *Rollout) blockUnstartable(steps []*Step) bool {
	if r.MaxUnavailable == 0 || r.permanentlyUnavailable < r.MaxUnavailable {
		return false
	}
	blocked := false
	for _, s := range steps {
		if s.repairs() {
			continue
		}
		blocked = true
		s.Blocked = &Block{
			Unavailable, fmt.Sprintf("%d of the %d of %s are unavailable and not repaired by this plan, and at most %d may be unavailable", r.permanentlyUnavailable, r.Members, r.Group, r.MaxUnavailable),
			fmt.Sprintf("repair those too, or raise rollout.max_unavailable in %s", specPath(s.Want)),
		}
	}
	return blocked
}

// newRollout is the rollout of a group that a resource belongs to, without waves;
// nil when the spec has none.
func newRollout(r *spec.Resource) *Rollout {
	o := r.Rollout()
	if o == nil {
		return nil
	}
	return &Rollout{Group: r.GroupAddress(), Members: max(r.GroupSize, 1), PauseSeconds: o.Pause.Seconds(), OnFailure: o.OnFailure}
}

// assignWaves puts the steps into waves: those first that have nothing to lose.
func (r *Rollout) assignWaves(steps []*Step) {
	o := steps[0].Want.Rollout()
	slices.SortStableFunc(steps, func(a, b *Step) int { return cmp.Compare(a.rank(o), b.rank(o)) })
	done, n := 0, len(steps)
	wave := func(end int, canary bool) {
		if end = min(end, n); end <= done {
			return
		}
		w := Wave{Steps: end - done, Canary: canary}
		if !canary {
			w.MaxFailures = o.MaxFailures.RoundDown(w.Steps)
		}
		r.Waves = append(r.Waves, w)
		for _, s := range steps[done:end] {
			s.Rollout, s.Wave = r, len(r.Waves)
		}
		done = end
	}
	wave(o.Canary.RoundUp(n), true)
	for _, share := range o.Waves {
		wave(share.RoundUp(n), false)
	}
	wave(n, false)
}

// rank is the place of the step among others: what was never found ready goes
// first, since it tells of this rollout; what is broken next, as there is nothing
// to lose, but not as a canary, of which it says nothing.
func (s *Step) rank(o *spec.Rollout) int {
	switch {
	case s.Have.Unfinished():
		return 0
	case s.Have.Failed == (o.Canary == spec.IntOrPercent{}):
		return 1
	}
	return 2
}
