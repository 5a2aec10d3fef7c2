package plan

import (
	"fmt"
	"maps"
	"slices"
	"strings"
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

	Facts        spec.Facts `json:"-"` // of the server that was observed
	Unlisted     Counts     `json:"-"` // what is counted though no step is about it
	SelectionErr error      `json:"-"` // why the selection cannot be made; such a plan has no steps

	// Unset are mistakes for values that hooks of the plan's deletions need and
	// that are not set. Such a plan cannot be carried out.
	Unset spec.Diagnostics `json:"-"`
}

// An Action is what a step does to a resource. It is its own symbol.
type Action rune

// The actions. The zero Action is not valid: a plan never leaves one open.
const (
	NoOp       Action = ' '
	Create     Action = '+'
	Update     Action = '~' // change in place
	Replace    Action = '±' // delete, then create anew
	Delete     Action = '-'
	Adopt      Action = '@' // take over, changing in place what differs
	Start      Action = '>'
	Stop       Action = '.'
	Pause      Action = '='
	Archive    Action = '_'
	Recover    Action = '!' // bring back from an error state
	Activate   Action = '*'
	Deactivate Action = 'o' // deactivate a snapshot
	Release    Action = '^' // take the fleet's labels off: it is nobody's then
	Clear      Action = 'x' // delete what an interrupted replacement has left over
	Wait       Action = 'w' // wait for a change under way, which ends as the spec wants it
)

var actionNames = map[Action]string{
	NoOp: "no-op", Create: "create", Update: "update", Replace: "replace", Delete: "delete", Adopt: "adopt",
	Start: "start", Stop: "stop", Pause: "pause", Archive: "archive", Recover: "recover",
	Activate: "activate", Deactivate: "deactivate", Release: "release", Clear: "clear", Wait: "wait",
}

// Actions lists all actions by their names.
func Actions() []Action {
	return slices.SortedFunc(maps.Keys(actionNames), func(a, b Action) int { return strings.Compare(a.String(), b.String()) })
}

func (a Action) String() string { return actionNames[a] }

// MarshalText writes the action's name.
func (a Action) MarshalText() ([]byte, error) {
	name, ok := actionNames[a]
	if !ok {
		return nil, fmt.Errorf("plan: action %d is not valid", a)
	}
	return []byte(name), nil
}

// UnmarshalText is the reverse of MarshalText.
func (a *Action) UnmarshalText(b []byte) error {
	for action, name := range actionNames {
		if name == string(b) {
			*a = action
			return nil
		}
	}
	return fmt.Errorf("plan: unknown action %q", b)
}

// Destroys reports whether the action takes an object away.
func (a Action) Destroys() bool { return a == Delete || a == Replace }

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
		case s.Action == NoOp:
			c.Unchanged++
		case s.Action == Wait:
			c.Waiting++
		case s.Action == Create:
			c.Create++
		case s.Action == Replace:
			c.Replace++
		case s.Action == Delete:
			c.Destroy++
		case s.Action == Adopt:
			c.Adopt++
		default:
			c.Change++
		}
	}
	return c
}

// Empty reports whether there is nothing to do.
func (p *Plan) Empty() bool {
	return !slices.ContainsFunc(p.Steps, func(s *Step) bool { return s.Action != NoOp })
}

// Creates reports whether the plan makes anything.
func (p *Plan) Creates() bool {
	return slices.ContainsFunc(p.Steps, func(s *Step) bool {
		return s.Blocked == nil && (s.Action == Create || s.Action == Replace)
	})
}

// NeedsRegion reports whether the plan makes something that names no region.
func (p *Plan) NeedsRegion() bool {
	return slices.ContainsFunc(p.Steps, func(s *Step) bool {
		return s.Blocked == nil && (s.Action == Create || s.Action == Replace) && s.Address.Kind != spec.VolumeKind && s.Want.Region() == ""
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
