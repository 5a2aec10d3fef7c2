package plan

import (
	"slices"
	"time"

	"fleet/spec"
)

// A Plan lists the changes that make a fleet match its spec.
type Plan struct {
	Fleet       string `json:"fleet"`                 // name of the fleet
	Environment string `json:"environment,omitempty"` // of the spec; empty for none

	Environments []string `json:"-"`                      // that the spec declares; nil if they are not known
	Server       string   `json:"server,omitempty"`       // URL of the observed server, or local; set by the caller, may be empty
	Organization string   `json:"organization,omitempty"` // its id; set by the caller, empty if it is not known

	// ObservedAt is when the observation of the world started. The plan may miss
	// changes made since then. The zero time is unknown.
	ObservedAt time.Time `json:"observed_at,omitzero"`

	Steps    []*Step  `json:"steps"`              // one for each resource, unchanged ones included, in the order of the spec, then the deletions
	Warnings []string `json:"warnings,omitempty"` // sentences for the user

	// OrphanSnapshots are snapshots that the fleet owns and its spec does not mention;
	// nil for a selection of steps.
	OrphanSnapshots []OrphanSnapshot `json:"left_behind,omitempty"`

	// Forecast predicts the effect of applying the plan; nil unless the caller has set
	// it. See [NewForecast].
	Forecast *Forecast `json:"forecast,omitempty"`

	// Digest identifies the effect of the plan and everything that it depends on; see
	// [Saved]. Empty unless the caller has set it.
	Digest string `json:"digest,omitempty"`

	// Rollouts order the steps that disrupt the sandboxes of a group into waves.
	Rollouts []*Rollout `json:"rollouts,omitempty"`

	// Hooks are the commands of the spec that applying the plan runs.
	Hooks []HookRun `json:"hooks,omitempty"`

	Parallelism spec.Parallelism `json:"-"` // limits on concurrent steps

	Facts spec.Facts `json:"-"` // of the server that was observed

	// TextOnly is set for a saved plan of version 1, which has the values of changes only
	// as text.
	TextOnly bool `json:"-"`

	Unlisted Counts `json:"-"` // objects that are counted although the plan has no step for them

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

// Counts counts the steps of a plan by action, without the blocked ones, which have
// a count of their own.
type Counts struct {
	Create    int `json:"create"`            // creations of missing objects
	Change    int `json:"change"`            // in place, changes of the run state included
	Replace   int `json:"replace"`           // deletions followed or preceded by a creation
	Destroy   int `json:"destroy"`           // deletions, replacements not included
	Adopt     int `json:"adopt"`             // of unowned objects
	Unchanged int `json:"unchanged"`         // the object matches the spec
	Retained  int `json:"kept"`              // the object does not match the spec and is not changed
	Blocked   int `json:"blocked"`           // with any action
	Waiting   int `json:"waiting,omitempty"` // only wait for a change under way

	NotSelected int `json:"not_selected,omitempty"` // resources that the selection excludes, changed or not
}

// Counts returns the number of steps by action.
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

// Empty reports whether the plan changes nothing and waits for nothing. Blocked steps
// count as changes.
func (p *Plan) Empty() bool {
	return !slices.ContainsFunc(p.Steps, func(s *Step) bool { return s.Action != NoOp })
}

// ChangeCount returns the number of steps that do something, blocked ones included.
func (p *Plan) ChangeCount() int {
	n := 0
	for _, s := range p.Steps {
		if s.Action != NoOp {
			n++
		}
	}
	return n
}

// Creates reports whether the plan creates an object.
func (p *Plan) Creates() bool {
	return slices.ContainsFunc(p.Steps, func(s *Step) bool {
		return s.Blocked == nil && s.Action.Creates()
	})
}

// NeedsRegion reports whether the plan creates a sandbox or snapshot that declares no
// region.
func (p *Plan) NeedsRegion() bool {
	return slices.ContainsFunc(p.Steps, func(s *Step) bool {
		return s.Blocked == nil && s.Action.Creates() && s.Address.Kind != spec.VolumeKind && s.Want.Region() == ""
	})
}

// Replaces reports whether the plan replaces an object.
func (p *Plan) Replaces() bool {
	return slices.ContainsFunc(p.Steps, func(s *Step) bool { return s.Blocked == nil && s.Action == Replace })
}

// Enlarges reports whether the plan enlarges a sandbox in place.
func (p *Plan) Enlarges() bool {
	return slices.ContainsFunc(p.Steps, func(s *Step) bool { return s.Blocked == nil && s.enlarges() })
}

// Blocked returns the steps that must not be applied, in the order of the plan.
func (p *Plan) Blocked() []*Step {
	var list []*Step
	for _, s := range p.Steps {
		if s.Blocked != nil {
			list = append(list, s)
		}
	}
	return list
}

// BlockedBy returns the steps that are skipped when the rest of the plan is applied:
// the blocked steps, each with its own address, and the steps that wait for one of
// them, directly or not, each with the address of the blocked step.
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

// DestroyCount returns the number of steps that delete or replace an object, without
// the blocked ones.
func (p *Plan) DestroyCount() int {
	n := 0
	for _, s := range p.Steps {
		if s.Blocked == nil && s.destroys() {
			n++
		}
	}
	return n
}
