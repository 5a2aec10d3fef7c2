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
	Fleet    string   `json:"fleet"`
	Steps    []*Step  `json:"steps"` // one for each resource, unchanged ones included, in the order of the spec, then the deletions
	Warnings []string `json:"warnings,omitempty"`

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
	Unlisted Counts     `json:"-"` // what is counted though no step is about it
	Refused  error      `json:"-"` // why the selection cannot be made; such a plan has no steps
}

// An Action is what a step does to a resource. It is its own symbol.
type Action rune

// The actions. The zero Action is not valid: a plan never leaves one open.
const (
	NoOp     Action = ' '
	Create   Action = '+'
	Update   Action = '~' // change in place
	Replace  Action = '±' // delete, then create anew
	Delete   Action = '-'
	Adopt    Action = '@' // take over, changing in place what differs
	Start    Action = '>'
	Stop     Action = '.'
	Pause    Action = '='
	Archive  Action = '_'
	Recover  Action = '!' // bring back from an error state
	Activate Action = '*'
	Retire   Action = 'o' // deactivate a snapshot
	Release  Action = '^' // take the fleet's labels off: it is nobody's then
)

var actionNames = map[Action]string{
	NoOp: "no-op", Create: "create", Update: "update", Replace: "replace", Delete: "delete", Adopt: "adopt",
	Start: "start", Stop: "stop", Pause: "pause", Archive: "archive", Recover: "recover",
	Activate: "activate", Retire: "deactivate", Release: "release",
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

	// Untouched means that the step is for an object that nobody uses: it is
	// stale as soon as the object was used, or anything about it changed.
	Untouched bool `json:"untouched,omitempty"`

	Reason  string   `json:"reason,omitempty"`
	Changes []Change `json:"changes,omitempty"`
	Loses   string   `json:"loses,omitempty"` // what cannot be brought back, in words
	Kept    string   `json:"kept,omitempty"`  // what is not as wanted and left as it is, and why
	Drift   Drift    `json:"drift,omitempty"`

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

	// Surge says that the new sandbox is created before the old one is deleted.
	Surge bool `json:"surge,omitempty"`

	// Spare is a second sandbox under the step's address, which is left over from
	// a surge that was interrupted; nil when there is none.
	Spare *Object `json:"-"`

	// Back is the step that brings the sandbox back to what it was, if the rollout
	// fails; nil when there is none, or it is not wanted.
	Back *Step `json:"-"`

	// Labels are those that the sandbox is to have, instead of the ones that
	// follow from Want; nil for all steps but those of Back.
	Labels map[string]string `json:"-"`

	// Linked holds the ids of existing sandboxes that the wanted one is linked
	// to, by key.
	Linked map[string]string `json:"-"`

	Want *spec.Resource `json:"-"` // nil for what the spec does not declare
	Have *Object        `json:"-"` // nil for what is not there
}

// has reports whether an operation of the step is the verb.
func (s *Step) has(verb Verb) bool {
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
)

// A Verb is one thing to do to an object.
type Verb string

// The verbs of operations.
const (
	DoSettle     Verb = "settle" // wait until nothing is under way with it
	DoCreate     Verb = "create" // and wait until it is usable
	DoDelete     Verb = "delete" // and wait until it is gone
	DoCall       Verb = "call"   // change attributes by Call
	DoLabel      Verb = "label"  // write the labels, merged into what is there
	DoStart      Verb = "start"
	DoStop       Verb = "stop"
	DoPause      Verb = "pause"
	DoArchive    Verb = "archive"
	DoRecover    Verb = "recover"
	DoActivate   Verb = "activate"
	DoDeactivate Verb = "deactivate"
	DoRelease    Verb = "release" // take the fleet's labels off
	DoConfirm    Verb = "confirm" // read it again, and leave it alone unless it is what the plan saw
	DoReady      Verb = "ready"   // check that it is ready, until it is
	DoHook       Verb = "hook"    // run a command of the user's
	DoFinish     Verb = "finish"  // note that all that follows a creation was done
)

// An Op is one operation on the object of a step: a request and the wait for
// its effect.
type Op struct {
	Verb Verb       `json:"verb"`
	Call *spec.Call `json:"call,omitempty"` // what the verb call sends
	Hook string     `json:"hook,omitempty"` // which one, as the spec calls it
	ID   string     `json:"id,omitempty"`   // of the object that it is about, where that is not the step's

	Command *spec.Hook    `json:"-"` // of the hook
	Timeout time.Duration `json:"-"` // longest time that it may take; 0: as long as the step may
}

// Counts counts the steps by action, blocked ones apart.
type Counts struct {
	Create    int `json:"create"`
	Change    int `json:"change"` // in place, run states included
	Replace   int `json:"replace"`
	Destroy   int `json:"destroy"`
	Adopt     int `json:"adopt"`
	Unchanged int `json:"unchanged"`
	Kept      int `json:"kept"` // nothing is done, and not all is as wanted
	Blocked   int `json:"blocked"`

	NotSelected int `json:"not_selected,omitempty"` // what a selection leaves out, whatever is to be done to it
}

// Counts counts the steps of the plan.
func (p *Plan) Counts() Counts {
	c := p.Unlisted
	for _, s := range p.Steps {
		switch {
		case s.Blocked != nil:
			c.Blocked++
		case s.Action == NoOp && s.Kept != "":
			c.Kept++
		case s.Action == NoOp:
			c.Unchanged++
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

// Held has the steps that are not carried out though the others are: the blocked
// ones, and those that wait for one of them, with what it is that they wait for;
// a blocked one has itself.
func (p *Plan) Held() map[spec.Address]spec.Address {
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

// Destroys counts the steps that take an object away, blocked ones apart.
func (p *Plan) Destroys() int {
	n := 0
	for _, s := range p.Steps {
		if s.Blocked == nil && s.Action.Destroys() {
			n++
		}
	}
	return n
}

// Stale says why the step must not be carried out on its object, or its spare
// one, as it is now: what the plan was made from no longer holds. It returns ""
// when it does.
func (s *Step) Stale(now *Object) string {
	if s.Spare != nil && now.ID == s.Spare.ID {
		spare := Step{Have: s.Spare}
		return spare.Stale(now)
	}
	switch {
	case s.Have == nil:
		return ""
	case now.Name != s.Have.Name:
		return fmt.Sprintf("it is now called %q", now.Name)
	case now.Shared:
		return "it is the platform's"
	case now.Fleet() != s.Have.Fleet() || now.Key() != s.Have.Key():
		return "its ownership labels changed"
	case now.Labels[spec.ProtectLabel] == "true" && s.Have.Labels[spec.ProtectLabel] != "true":
		return "it was protected"
	case s.Untouched:
		return s.Have.touched(now)
	}
	return ""
}

// touched says what happened to an object since it was observed; "" is nothing.
func (o *Object) touched(now *Object) string {
	switch {
	case !now.Active.Equal(o.Active):
		return "it was used"
	case !maps.Equal(now.Labels, o.Labels):
		return "its labels changed"
	case now.State != o.State:
		return fmt.Sprintf("it is now %s", now.State)
	}
	return ""
}
