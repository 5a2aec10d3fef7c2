package plan

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"fleet/spec"
)

// A Step is the part of a plan for one resource.
//
// Apply executes Ops on the object, in the order given by After, Rollout, Wave and
// TrialStep. Reason, Changes, DataLoss, RetainedReason, Drift, Cause and NeededBy
// explain the step to a reader and have no effect.
type Step struct {
	Address spec.Address   `json:"address"`              // of the resource in the spec
	Action  Action         `json:"action"`               // what the step does as a whole
	Name    string         `json:"name"`                 // of the object on Daytona
	ID      string         `json:"id,omitempty"`         // of the existing object; empty for Create
	Ops     []Op           `json:"operations,omitempty"` // in order; none if nothing is to be done
	After   []spec.Address `json:"after,omitempty"`      // steps that must be done before
	Timeout time.Duration  `json:"-"`                    // of the whole step, without the time spent waiting for rate limits
	Blocked *Block         `json:"blocked,omitempty"`    // why the step must not be applied; nil if it may

	// RequiresUnused makes the step stale as soon as the object was used or changed in
	// any way.
	RequiresUnused bool `json:"untouched,omitempty"`

	Reason         string   `json:"reason,omitempty"`  // why the step is necessary, as a clause; may be empty if Changes show it
	Changes        []Change `json:"changes,omitempty"` // of attributes
	DataLoss       string   `json:"loses,omitempty"`   // the data that is lost for good, in words; empty for none
	RetainedReason string   `json:"kept,omitempty"`    // the differences that the step does not correct, and why; empty for none
	Drift          Drift    `json:"drift,omitempty"`   // the kind of difference; empty for none

	// Unowned is set if no fleet owns the object. Such a step is counted only if it
	// changes the object.
	Unowned bool `json:"unowned,omitempty"`

	// FormerVersionOf is the declared snapshot if the object is a former version of it;
	// zero for all other objects.
	FormerVersionOf spec.Address `json:"former_version_of,omitzero"`

	// Uncompared lists the attributes that were not compared, since their declared
	// values depend on variables that are not set.
	Uncompared []string `json:"not_compared,omitempty"`

	// NeededBy is the selected step that needs this one; zero if this one was selected
	// itself.
	NeededBy spec.Address `json:"needed_by,omitzero"`

	Cause spec.Cause `json:"cause,omitempty"` // of the drift; empty if there is none, or it is expected

	// Forced is set if the replacement was requested with --replace.
	Forced bool `json:"forced,omitempty"`

	// Rollout is the rollout that the step is part of; nil for none. Wave is its wave,
	// from 1. A step of wave 0 repairs a member of the group and waits for no wave.
	Rollout *Rollout `json:"-"`
	Wave    int      `json:"wave,omitempty"`

	// TrialStep is the step that must succeed before this one starts, since both send
	// the same create request and this one would lose its sandbox if the server
	// refused it. The zero TrialStep waits for none.
	TrialStep spec.Address `json:"trial_of,omitzero"`

	// IncreasesUsage is set if a step with a trial needs more of the quotas than it
	// frees. A quota that refuses the trial then refuses this step, too.
	IncreasesUsage bool `json:"-"`

	// Surge is set if the new sandbox is created before the old one is deleted.
	Surge bool `json:"surge,omitempty"`

	// SurgeLeftover is a second sandbox under the step's address, left over from an
	// interrupted surge; nil if there is none.
	SurgeLeftover *Object `json:"-"`

	// Rollback is the step that restores the sandbox if the rollout fails; nil if the
	// spec does not ask for a rollback, or none is possible.
	Rollback *Step `json:"-"`

	// Labels are the labels to write instead of those that follow from Want; nil for
	// all steps except rollbacks.
	Labels map[string]string `json:"-"`

	// LinkedIDs holds the ids of the existing sandboxes that Want is linked to, by
	// their keys.
	LinkedIDs map[string]string `json:"-"`

	Want *spec.Resource `json:"-"` // the declared resource; nil if the spec does not declare it
	Have *Object        `json:"-"` // the observed object; nil if it does not exist
}

// destroys reports whether the step deletes an object, a leftover of a surge
// included.
func (s *Step) destroys() bool { return s.Action.Destroys() || s.SurgeLeftover != nil }

// hasVerb reports whether an operation of the step has the verb.
func (s *Step) hasVerb(verb Verb) bool {
	return slices.ContainsFunc(s.Ops, func(op Op) bool { return op.Verb == verb })
}

// A Change is the change of one attribute; secret values are hidden.
type Change struct {
	Attribute string `json:"attribute"` // its key in the spec

	HaveValue spec.Value `json:"have,omitzero"` // the observed value as in a spec, null if there is none; absent if it is not known or not shown
	WantValue spec.Value `json:"want,omitzero"` // the declared value, in the same way; absent if it is not shown

	// Sensitive is set if placeholders replace at least a part of the values, such as
	// (hidden), and (changed) for a value that differs from the observed one.
	Sensitive bool `json:"sensitive,omitempty"`

	Have string `json:"-"` // the observed value as text: of mappings only the entries that differ
	Want string `json:"-"` // the declared value as text

	Details []string `json:"details,omitempty"`            // what differs, in clauses, if the values do not show it
	Rule    string   `json:"rule,omitempty"`               // why the change takes more than one request; empty if it does not
	Forces  bool     `json:"forces_replacement,omitempty"` // it cannot be made in place

	Cause spec.Cause `json:"cause,omitempty"` // of the difference: a change of the spec or of the object
}

// A Block is the reason why a step must not be applied, with the remedy.
type Block struct {
	Kind    BlockKind `json:"kind"`              // for programs
	Reason  string    `json:"reason"`            // a clause
	Unblock string    `json:"unblock,omitempty"` // the flag or the edit of the spec that lifts the block; empty if unknown
}

// A BlockKind is the kind of reason for which a step is blocked.
type BlockKind string

// The kinds of blocks.
const (
	Conflict    BlockKind = "conflict"     // an object that the fleet does not own has the name
	Protected   BlockKind = "protected"    // protect: true forbids the deletion
	BlastRadius BlockKind = "blast radius" // the plan would destroy too many objects
	Illegal     BlockKind = "illegal"      // the server would refuse it
	Renamed     BlockKind = "renamed"      // the object moves to another address and would get another name, which makes it another object
	InUse       BlockKind = "in use"       // sandboxes outside of the fleet use it
	Unavailable BlockKind = "unavailable"  // too many members of the group are unavailable
	Environment BlockKind = "environment"  // the fleet was last applied for another environment of the spec
	Withheld    BlockKind = "withheld"     // its rollout failed and is not restarted automatically
	Mode        BlockKind = "mode"         // the mode of the watch does not permit it
	Paused      BlockKind = "paused"       // a user paused it
	Window      BlockKind = "sync window"  // no sync window is open
	BackOff     BlockKind = "back-off"     // it failed a short time ago
	Flapping    BlockKind = "flapping"     // another client reverts it again and again
)

// An Op is one operation on the object of a step: a request and the wait for
// its effect.
type Op struct {
	Verb     Verb       `json:"verb"`           // what the operation does
	Call     *spec.Call `json:"call,omitempty"` // the request of DoCall; nil for other verbs
	HookName string     `json:"hook,omitempty"` // key of the hook in the spec; empty for other verbs than DoHook
	ID       string     `json:"id,omitempty"`   // of the object, if it is not the step's

	Command  *spec.Hook     `json:"-"` // of a hook
	Resource *spec.Resource `json:"-"` // that declares the hook; it redacts the output
	Timeout  time.Duration  `json:"-"` // limit of this operation; 0 leaves only the limit of the step
}

// StaleReason returns why the step must no longer be applied to the object now: the
// object of the step or its surge leftover, read again. It returns "" if what the
// plan was computed from still holds.
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

// changedSince returns how an object has changed since it was observed, or "".
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
