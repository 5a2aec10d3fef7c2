package plan

import (
	"slices"
	"time"

	"fleet/spec"
)

// A Plan is what must change to make a fleet as its spec wants it.
type Plan struct {
	Fleet       string `json:"fleet"`
	Environment string `json:"environment,omitempty"` // of the spec; empty for none

	Environments []string `json:"-"`                      // that the spec declares; nil where that is not known
	Server       string   `json:"server,omitempty"`       // URL of the server that was observed, or local; empty where the caller does not say
	Organization string   `json:"organization,omitempty"` // its id; empty when it is not known

	// ObservedAt is when the reading of what exists began: what was changed since
	// then may be missing in the plan. Zero where that is not known.
	ObservedAt time.Time `json:"observed_at,omitzero"`

	Steps    []*Step  `json:"steps"` // one for each resource, unchanged ones included, in the order of the spec, then the deletions
	Warnings []string `json:"warnings,omitempty"`

	// OrphanSnapshots are snapshots of the fleet that its spec says nothing of; nil for
	// a part of the fleet.
	OrphanSnapshots []OrphanSnapshot `json:"left_behind,omitempty"`

	// Forecast is what carrying it out would mean; nil when that was not asked.
	Forecast *Forecast `json:"forecast,omitempty"`

	// Digest stands for all that the plan does and what that depends on; see
	// [Saved]. Empty where nobody asked for it.
	Digest string `json:"digest,omitempty"`

	// Rollouts say how the steps that disturb the sandboxes of groups follow each
	// other.
	Rollouts []*Rollout `json:"rollouts,omitempty"`

	// Hooks are the commands of the spec that are run on the way.
	Hooks []HookRun `json:"hooks,omitempty"`

	Parallelism spec.Parallelism `json:"-"` // bounds of how much is done at once

	Facts    spec.Facts `json:"-"` // of the server that was observed
	Unlisted Counts     `json:"-"` // objects that are counted although the plan has no step for them

	unset spec.Diagnostics // of values that hooks need and that are not set
}

// Refusal returns why p must not be applied as a whole, or nil if it may. The error
// is a [spec.Diagnostics] with a diagnostic for each value that a hook of the plan
// needs and that is not set.
func (p *Plan) Refusal() error {
	if len(p.unset) == 0 {
		return nil
	}
	return p.unset
}

// Counts counts the steps by action, blocked ones apart.
type Counts struct {
	Create    int `json:"create"`
	Change    int `json:"change"` // in place, run states included
	Replace   int `json:"replace"`
	Destroy   int `json:"destroy"`
	Adopt     int `json:"adopt"`
	Unchanged int `json:"unchanged"`
	Retained  int `json:"kept"` // nothing is done, and not all is as wanted
	Blocked   int `json:"blocked"`
	Waiting   int `json:"waiting,omitempty"` // for a change under way, and nothing else is to be done

	NotSelected int `json:"not_selected,omitempty"` // what a selection leaves out, whatever is to be done to it
}

// Counts counts the steps of the plan.
func (p *Plan) Counts() Counts {
	c := p.Unlisted
	for _, s := range p.Steps {
		switch {
		case s.Blocked != nil:
			c.Blocked++
		case s.Action == NoOp && s.Unowned:
		case s.Action == NoOp && s.RetainedReason != "":
			c.Retained++
		default:
			c.add(s.Action)
		}
	}
	return c
}

// add counts a step with the action. An invalid action is not counted; it has no
// JSON either.
func (c *Counts) add(a Action) {
	if row, ok := actions[a]; ok {
		*row.count(c)++
	}
}

// Empty reports whether there is nothing to do.
func (p *Plan) Empty() bool {
	return !slices.ContainsFunc(p.Steps, func(s *Step) bool { return s.Action != NoOp })
}

// Creates reports whether the plan makes anything.
func (p *Plan) Creates() bool {
	return slices.ContainsFunc(p.Steps, func(s *Step) bool {
		return s.Blocked == nil && s.Action.Creates()
	})
}

// NeedsRegion reports whether the plan makes something that names no region.
func (p *Plan) NeedsRegion() bool {
	return slices.ContainsFunc(p.Steps, func(s *Step) bool {
		return s.Blocked == nil && s.Action.Creates() && s.Address.Kind != spec.VolumeKind && s.Want.Region() == ""
	})
}

// Replaces reports whether the plan takes something away for something else.
func (p *Plan) Replaces() bool {
	return slices.ContainsFunc(p.Steps, func(s *Step) bool { return s.Blocked == nil && s.Action == Replace })
}

// Enlarges reports whether the plan makes a sandbox bigger in place.
func (p *Plan) Enlarges() bool {
	return slices.ContainsFunc(p.Steps, func(s *Step) bool { return s.Blocked == nil && s.enlarges() })
}

// Blocked lists the steps that must not be carried out.
func (p *Plan) Blocked() []*Step {
	var list []*Step
	for _, s := range p.Steps {
		if s.Blocked != nil {
			list = append(list, s)
		}
	}
	return list
}

// BlockedBy has the steps that are not carried out though the others are: the blocked
// ones, and those that wait for one of them, with what it is that they wait for;
// a blocked one has itself.
func (p *Plan) BlockedBy() map[spec.Address]spec.Address {
	held := map[spec.Address]spec.Address{}
	for _, s := range p.Blocked() {
		held[s.Address] = s.Address
	}
	for more := len(held) > 0; more; {
		more = false
		for _, s := range p.Steps {
			for _, a := range s.After {
				if by, is := held[a]; is && held[s.Address] == (spec.Address{}) {
					held[s.Address], more = by, true
				}
			}
		}
	}
	return held
}

// DestroyCount counts the steps that take an object away, blocked ones apart.
func (p *Plan) DestroyCount() int {
	n := 0
	for _, s := range p.Steps {
		if s.Blocked == nil && s.destroys() {
			n++
		}
	}
	return n
}
