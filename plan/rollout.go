package plan

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"fleet/spec"
)

// A Rollout orders the steps that disrupt usable sandboxes of one group: those that
// stop, resize or replace them. They are applied in waves. A wave starts when the one
// before is done.
type Rollout struct {
	Group   spec.Address `json:"group"`   // the address of the group
	Members int          `json:"members"` // number of sandboxes that the spec declares in the group
	Waves   []Wave       `json:"waves"`   // in order

	// MaxUnavailable is the number of members that may be unavailable at once; 0 means
	// all.
	MaxUnavailable int `json:"max_unavailable,omitempty"`

	// Unavailable is the number of members that are unavailable before the rollout:
	// they are missing, in an error state, or have never been ready.
	Unavailable int `json:"unavailable,omitempty"`

	PauseSeconds float64 `json:"pause_seconds,omitempty"` // between waves
	OnFailure    string  `json:"on_failure"`              // stop or rollback

	Surge         int    `json:"surge,omitempty"`    // number of sandboxes that are created before the ones that they replace are deleted
	NoSurgeReason string `json:"no_surge,omitempty"` // why other replacements do not surge; empty if all do, or the spec does not ask for it

	permanentlyUnavailable int // unavailable members that no step repairs
}

// A Wave is a part of a rollout whose steps may run at the same time.
type Wave struct {
	Steps       int  `json:"steps"`                  // number of steps
	MaxFailures int  `json:"max_failures,omitempty"` // more failed steps fail the rollout
	Canary      bool `json:"canary,omitempty"`       // the other waves start only if this one succeeds
}

// Pause returns the time between two waves.
func (r *Rollout) Pause() time.Duration {
	return time.Duration(r.PauseSeconds * float64(time.Second))
}

// disrupts reports whether the step takes a sandbox out of use, for a while or for
// good, or changes how it can be used.
func (s *Step) disrupts() bool {
	return s.Have != nil && s.Want != nil && slices.ContainsFunc(s.Ops, func(op Op) bool {
		switch op.Verb {
		case DoDelete:
			return s.SurgeLeftover == nil || op.ID != s.SurgeLeftover.ID
		case DoFinish: // probes and hooks run first, and show whether it is usable
			return true
		}
		return op.Disrupts()
	})
}

// repairs reports whether the sandbox of the step is unavailable before the step.
func (s *Step) repairs() bool { return s.Have == nil || s.Have.Failed || s.Have.Unfinished() }

// A rolloutGroup collects the steps of a group with a rollout.
type rolloutGroup struct {
	*Rollout
	disrupting, repairing []*Step
}

// planRollouts assigns the disrupting steps of groups with a rollout to waves.
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

// rolloutGroups returns the groups that have a rollout, in the order of the spec.
func (c *planner) rolloutGroups() []*rolloutGroup {
	var order []*rolloutGroup
	groups := map[spec.Address]*rolloutGroup{} // nil for a group without a rollout
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

// addStep adds a step of the group. applied is false if the step is blocked, not
// selected or a no-op.
func (g *rolloutGroup) addStep(s *Step, applied bool) {
	broken := s.repairs() && s.Action != Adopt
	switch {
	case s.Have == nil && s.Action == NoOp: // on_missing: ignore
		g.Members--
		return
	case broken && !applied:
		g.permanentlyUnavailable++
		fallthrough
	case broken:
		g.Unavailable++
	}
	switch {
	case !applied:
	case s.disrupts():
		g.disrupting = append(g.disrupting, s)
	case broken:
		g.repairing = append(g.repairing, s)
	}
}

// blockUnstartable blocks the steps of a rollout that could never start, since too many
// members stay unavailable. It reports whether it did.
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

// newRollout returns the rollout of the group that r belongs to, without waves; nil if
// the spec declares none.
func newRollout(r *spec.Resource) *Rollout {
	o := r.Rollout()
	if o == nil {
		return nil
	}
	return &Rollout{Group: r.GroupAddress(), Members: max(r.GroupSize, 1), PauseSeconds: o.Pause.Seconds(), OnFailure: o.OnFailure}
}

// assignWaves assigns the steps to waves, ordered by [Step.rank].
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

// rank returns the rank of the step in a rollout. Sandboxes that have never been ready
// come first: they probably stem from an earlier attempt of the same rollout. Failed
// ones are next, since they have nothing to lose; with a canary they come last, since
// they do not show whether the change harms a working sandbox.
func (s *Step) rank(o *spec.Rollout) int {
	switch {
	case s.Have.Unfinished():
		return 0
	case s.Have.Failed == (o.Canary == spec.IntOrPercent{}):
		return 1
	}
	return 2
}
