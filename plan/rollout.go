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
	// deleted, and NoSurge why the others are not; empty where that is not wanted.
	Surge   int    `json:"surge,omitempty"`
	NoSurge string `json:"no_surge,omitempty"`

	lasting int // members that are unusable, and that no step makes whole
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

// disturbs reports whether the step takes a sandbox out of use for a while, or
// leaves it otherwise than it was used.
func (s *Step) disturbs() bool {
	return s.Have != nil && s.Want != nil && slices.ContainsFunc(s.Ops, func(op Op) bool {
		switch op.Verb {
		case DoDelete:
			return s.Spare == nil || op.ID != s.Spare.ID
		case DoStop, DoPause, DoArchive, DoFinish:
			return true
		case DoCall:
			return op.Call.Mode != spec.Live
		}
		return false
	})
}

// restores reports whether the sandbox of the step cannot be used as it is.
func (s *Step) restores() bool { return s.Have == nil || s.Have.Failed || s.Have.Unfinished() }

// A group is a group of sandboxes with a rollout, while its steps are gathered.
type group struct {
	*Rollout
	disturbing, restoring []*Step
}

// rollouts puts the steps of groups with a rollout into waves.
func (c *computer) rollouts() {
	for _, g := range c.rolling() {
		if len(g.disturbing) == 0 {
			continue
		}
		if most := g.disturbing[0].Want.Rollout().MaxUnavailable; most != (spec.Share{}) {
			g.MaxUnavailable = max(most.Down(g.Members), 1)
		}
		if g.short(g.disturbing) {
			continue
		}
		g.mend()
		g.divide(g.disturbing)
		c.ways(g.Rollout, g.disturbing)
		c.countSurge(g.Rollout, g.disturbing)
		for _, s := range g.restoring {
			s.Rollout = g.Rollout
		}
		c.plan.Rollouts = append(c.plan.Rollouts, g.Rollout)
	}
}

// rolling gathers the groups that have a rollout, in the order of the spec.
func (c *computer) rolling() []*group {
	var order []*group
	groups := map[spec.Address]*group{} // nil for those without
	for _, s := range c.plan.Steps {
		if s.Address.Kind != spec.SandboxKind || s.Want == nil {
			continue
		}
		whole := s.Want.Whole()
		g, seen := groups[whole]
		if !seen {
			if r := rollout(s.Want); r != nil {
				g = &group{Rollout: r}
				order = append(order, g)
			}
			groups[whole] = g
		}
		if g != nil {
			g.take(s, s.Blocked == nil && len(s.Ops) > 0 && (c.chosen == nil || c.chosen[s]))
		}
	}
	return order
}

// take takes in a step of the group, which is carried out or not.
func (g *group) take(s *Step, carriedOut bool) {
	broken := s.restores() && s.Action != Adopt
	switch {
	case s.Have == nil && s.Action == NoOp: // the spec does without it
		g.Members--
		return
	case broken && !carriedOut:
		g.lasting++
		fallthrough
	case broken:
		g.Unavailable++
	}
	switch {
	case !carriedOut:
	case s.disturbs():
		g.disturbing = append(g.disturbing, s)
	case broken:
		g.restoring = append(g.restoring, s)
	}
}

// short blocks the steps of a rollout that could never begin, since what cannot
// be used stays so. It reports whether it did.
func (r *Rollout) short(steps []*Step) bool {
	if r.MaxUnavailable == 0 || r.lasting < r.MaxUnavailable {
		return false
	}
	blocked := false
	for _, s := range steps {
		if s.restores() {
			continue
		}
		blocked = true
		s.Blocked = &Block{
			Unavailable, fmt.Sprintf("%d of the %d of %s cannot be used and are left so, and at most %d may be unavailable", r.lasting, r.Members, r.Group, r.MaxUnavailable),
			fmt.Sprintf("bring those back, too, or raise rollout.max_unavailable in %s", place(s.Want)),
		}
	}
	return blocked
}

// rollout is the rollout of a group that a resource belongs to, without waves;
// nil when the spec has none.
func rollout(r *spec.Resource) *Rollout {
	o := r.Rollout()
	if o == nil {
		return nil
	}
	return &Rollout{Group: r.Whole(), Members: max(r.Size, 1), PauseSeconds: o.Pause.Seconds(), OnFailure: o.OnFailure}
}

// divide puts the steps into waves: those first that have nothing to lose.
func (r *Rollout) divide(steps []*Step) {
	o := steps[0].Want.Rollout()
	slices.SortStableFunc(steps, func(a, b *Step) int { return cmp.Compare(a.rank(o), b.rank(o)) })
	done, n := 0, len(steps)
	wave := func(end int, canary bool) {
		if end = min(end, n); end <= done {
			return
		}
		w := Wave{Steps: end - done, Canary: canary}
		if !canary {
			w.MaxFailures = o.MaxFailures.Down(w.Steps)
		}
		r.Waves = append(r.Waves, w)
		for _, s := range steps[done:end] {
			s.Rollout, s.Wave = r, len(r.Waves)
		}
		done = end
	}
	wave(o.Canary.Up(n), true)
	for _, share := range o.Waves {
		wave(share.Up(n), false)
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
	case s.Have.Failed == (o.Canary == spec.Share{}):
		return 1
	}
	return 2
}
