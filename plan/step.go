package plan

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"fleet/spec"
)

// A Step is what the plan does to one resource.
//
// Address, Action, Name, ID, Ops, After, Timeout, Rollout, Wave and Untouched are
// what is carried out. Reason, Changes, Loses, Kept and NeededBy explain it to a reader
// and decide nothing.
type Step struct {
	Address spec.Address   `json:"address"`
	Action  Action         `json:"action"`
	Name    string         `json:"name"`         // on Daytona
	ID      string         `json:"id,omitempty"` // of the existing object; empty for Create
	Ops     []Op           `json:"operations,omitempty"`
	After   []spec.Address `json:"after,omitempty"` // steps that must have been done before
	Timeout time.Duration  `json:"-"`
	Blocked *Block         `json:"blocked,omitempty"` // why the step must not be carried out; nil when it may

	// RequiresUnused means that the step is for an object that nobody uses: it is
	// stale as soon as the object was used, or anything about it changed.
	RequiresUnused bool `json:"untouched,omitempty"`

	Reason         string   `json:"reason,omitempty"`
	Changes        []Change `json:"changes,omitempty"`
	DataLoss       string   `json:"loses,omitempty"` // what cannot be brought back, in words
	RetainedReason string   `json:"kept,omitempty"`  // what is not as wanted and left as it is, and why
	Drift          Drift    `json:"drift,omitempty"`

	// Unowned means that no fleet owns the object: it is no object of the plan's
	// fleet, and is only counted where something is done to it.
	Unowned bool `json:"unowned,omitempty"`

	// Uncompared lists the attributes of the object that were not compared, since
	// their wanted values depend on values that are not set.
	Uncompared []string `json:"not_compared,omitempty"`

	// NeededBy is the step for which this one was selected, too; zero for what
	// was selected by itself.
	NeededBy spec.Address `json:"needed_by,omitzero"`

	Cause spec.Cause `json:"cause,omitempty"` // where the drift comes from; empty where there is none, or it is expected

	// Forced says that the replacement was asked for, and not found necessary.
	Forced bool `json:"forced,omitempty"`

	// Rollout is the one that the step is part of, and Wave its place in it, from
	// 1. A step of wave 0 makes the group whole, and waits for nothing.
	Rollout *Rollout `json:"-"`
	Wave    int      `json:"wave,omitempty"`

	// TrialStep is the step that must have been done before this one starts, since
	// both send the same create request and this one would lose its sandbox to a
	// refusal. The zero TrialStep waits for none.
	TrialStep spec.Address `json:"trial_of,omitzero"`

	// IncreasesUsage reports whether a step with a trial needs more of the quotas than it
	// frees: a quota that refuses the trial then refuses this one, too.
	IncreasesUsage bool `json:"-"`

	// Surge says that the new sandbox is created before the old one is deleted.
	Surge bool `json:"surge,omitempty"`

	// SurgeLeftover is a second sandbox under the step's address, which is left over from
	// a surge that was interrupted; nil when there is none.
	SurgeLeftover *Object `json:"-"`

	// Rollback is the step that brings the sandbox back to what it was, if the rollout
	// fails; nil when there is none, or it is not wanted.
	Rollback *Step `json:"-"`

	// Labels are those that the sandbox is to have, instead of the ones that
	// follow from Want; nil for all steps but those of Back.
	Labels map[string]string `json:"-"`

	// LinkedIDs holds the ids of existing sandboxes that the wanted one is linked
	// to, by key.
	LinkedIDs map[string]string `json:"-"`

	Want *spec.Resource `json:"-"` // nil for what the spec does not declare
	Have *Object        `json:"-"` // nil for what is not there
}

// destroys reports whether the step takes an object away, be it one that is left
// over.
func (s *Step) destroys() bool { return s.Action.Destroys() || s.SurgeLeftover != nil }

// hasVerb reports whether an operation of the step is the verb.
func (s *Step) hasVerb(verb Verb) bool {
	return slices.ContainsFunc(s.Ops, func(op Op) bool { return op.Verb == verb })
}

// A Change is one attribute of a step, formatted for a reader; secret values
// are hidden.
type Change struct {
	Attribute string `json:"attribute"`
	Have      string `json:"have"`
	Want      string `json:"want"`
	Rule      string `json:"rule,omitempty"` // why it takes more than a call
	Forces    bool   `json:"forces_replacement,omitempty"`

	Cause spec.Cause `json:"cause,omitempty"` // where the difference comes from
}

// A Block says why a step must not be carried out and what would allow it.
type Block struct {
	Kind    BlockKind `json:"kind"`
	Reason  string    `json:"reason"`
	Unblock string    `json:"unblock,omitempty"` // the flag or edit
}

// A BlockKind is a reason to refuse a step.
type BlockKind string

// The reasons to refuse a step.
const (
	Conflict    BlockKind = "conflict"     // the name belongs to somebody else
	Protected   BlockKind = "protected"    // protect forbids it
	BlastRadius BlockKind = "blast radius" // too much would go at once
	Illegal     BlockKind = "illegal"      // the server would refuse it
	Renamed     BlockKind = "renamed"      // it moves, and with another name it would be another object
	InUse       BlockKind = "in use"       // sandboxes outside of the fleet use it
	Unavailable BlockKind = "unavailable"  // too many of its group cannot be used
	Environment BlockKind = "environment"  // the fleet was last applied for another environment of the spec
	Withheld    BlockKind = "withheld"     // its rollout failed, and is not begun again by itself
)

// An Op is one operation on the object of a step: a request and the wait for
// its effect.
type Op struct {
	Verb     Verb       `json:"verb"`
	Call     *spec.Call `json:"call,omitempty"` // what the verb call sends
	HookName string     `json:"hook,omitempty"` // which one, as the spec calls it
	ID       string     `json:"id,omitempty"`   // of the object that it is about, where that is not the step's

	Command  *spec.Hook     `json:"-"` // of the hook
	Resource *spec.Resource `json:"-"` // that has the hook, and knows what must not be shown of its output
	Timeout  time.Duration  `json:"-"` // longest time that it may take; 0: as long as the step may
}

// StaleReason says why the step must not be carried out on its object, or its spare
// one, as it is now: what the plan was made from no longer holds. It returns ""
// when it does.
func (s *Step) StaleReason(now *Object) string {
	if s.SurgeLeftover != nil && now.ID == s.SurgeLeftover.ID {
		leftover := Step{Have: s.SurgeLeftover}
		return leftover.StaleReason(now)
	}
	switch {
	case s.Have == nil:
		return ""
	case now.Name != s.Have.Name:
		return fmt.Sprintf("it is now called %q", now.Name)
	case now.Shared:
		return "it belongs to the platform"
	case now.Fleet() != s.Have.Fleet() || now.Key() != s.Have.Key():
		return "its ownership labels changed"
	case now.Labels[spec.ProtectLabel] == "true" && s.Have.Labels[spec.ProtectLabel] != "true":
		return "it was protected"
	case s.RequiresUnused:
		return s.Have.changedSince(now)
	}
	return ""
}

// changedSince says what happened to an object since it was observed; "" is nothing.
func (o *Object) changedSince(now *Object) string {
	switch {
	case !now.LastActive.Equal(o.LastActive):
		return "it was used"
	case !maps.Equal(now.Labels, o.Labels):
		return "its labels changed"
	case now.State != o.State:
		return fmt.Sprintf("it is now %s", now.State)
	}
	return ""
}
