package journal

import (
	"slices"
	"time"
)

// A Kind is the subject of an [Event]. Programs that read events know these texts.
type Kind string

// The kinds of events, with the fields of [Event] that they set besides Seq and Time.
const (
	PassStarted    Kind = "pass.started"    // Pass
	PassPlanned    Kind = "pass.planned"    // Pass, Plan
	PassEnded      Kind = "pass.ended"      // Pass
	PassSkipped    Kind = "pass.skipped"    // Pass
	StepChanged    Kind = "step.changed"    // Step
	ObjectsChanged Kind = "objects.changed" // Objects, Gone
	AlarmRaised    Kind = "alarm.raised"    // Alarm
	AlarmCleared   Kind = "alarm.cleared"   // Alarm
	ApprovalNeeded Kind = "approval.needed" // Plan
	PlanApproved   Kind = "plan.approved"   // Plan, By
	Paused         Kind = "paused"          // Address, By
	Resumed        Kind = "resumed"         // Address, By
	HeadChanged    Kind = "head.changed"    // Head
)

// An Event is a change of the journal.
type Event struct {
	Seq  uint64    `json:"seq"` // 1, 2, 3, ... since the start of the watch
	Time time.Time `json:"time"`
	Kind Kind      `json:"kind"`

	Pass    *Pass    `json:"pass,omitempty"`
	Plan    *Plan    `json:"plan,omitempty"`
	Step    *Step    `json:"step,omitempty"`
	Objects []Object `json:"objects,omitempty"` // new or changed
	Gone    []string `json:"gone,omitempty"`    // addresses of objects that are not declared and do not exist
	Alarm   *Alarm   `json:"alarm,omitempty"`
	Address string   `json:"address,omitempty"` // empty for the whole fleet
	By      string   `json:"by,omitempty"`      // who asked for it: page, command
	Head    *Head    `json:"head,omitempty"`
}

// size returns about how many bytes an event takes.
func (e Event) size() int {
	const item = 200 // bytes of a step or an object
	n := item + item*len(e.Objects) + len(e.Gone)*item/2
	if e.Plan != nil {
		n += len(e.Plan.Text) + item*len(e.Plan.Steps)
	}
	return n
}

// A Pass is one reconciliation, or one that was skipped.
type Pass struct {
	Number   int       `json:"number"` // 1, 2, 3, ... since the start of the watch
	Cause    string    `json:"cause"`  // what triggered it, for example "file change: fleet.yaml"
	Start    time.Time `json:"start"`
	End      time.Time `json:"end,omitzero"`       // zero while it runs
	Outcome  Outcome   `json:"outcome,omitempty"`  // empty while it runs
	Reason   string    `json:"reason,omitempty"`   // why it was skipped, waits or failed
	Revision string    `json:"revision,omitempty"` // of the spec: the commit, or the start of its digest
	ListedAt time.Time `json:"listed_at,omitzero"` // when the listing that it planned from was made
	Digest   string    `json:"digest,omitempty"`   // of its plan; empty without changes
	Drift    int       `json:"drift"`              // steps that the plan needed
	Done     int       `json:"done"`               // steps that were done
	Failed   int       `json:"failed"`
	Blocked  int       `json:"blocked"`
	Requests int       `json:"requests"`
	Limited  int       `json:"limited"` // requests that were answered 429

	// RequestsByClass counts the requests by the class of their rate limit, such as
	// sandbox-list. It may be nil, and must not be changed after it is set.
	RequestsByClass map[string]int `json:"requests_by_class,omitempty"`
}

// An Outcome is how a pass ended.
type Outcome string

// The outcomes.
const (
	InSync   Outcome = "in sync"  // nothing was to be done
	Changed  Outcome = "changed"  // all that was to be done was done
	Observed Outcome = "observed" // there is drift, and the mode only reports it
	Waiting  Outcome = "waiting"  // what is left needs approval, or a sync window
	Failed   Outcome = "failed"
	Skipped  Outcome = "skipped"
)

// Succeeded reports whether a pass with the outcome read the fleet and did all that it
// was allowed to do.
func (o Outcome) Succeeded() bool {
	return o == InSync || o == Changed || o == Observed || o == Waiting
}

// A Plan is what a pass found to do.
type Plan struct {
	Digest        string    `json:"digest"`
	Time          time.Time `json:"time"`
	Text          string    `json:"text"` // as fleet plan prints it, without colours
	Steps         []Step    `json:"steps,omitempty"`
	NeedsApproval string    `json:"needs_approval,omitempty"` // why; empty if it needs none
	Approved      bool      `json:"approved,omitempty"`
}

// clone returns a copy.
func (p *Plan) clone() *Plan {
	if p == nil {
		return nil
	}
	other := *p
	other.Steps = slices.Clone(p.Steps)
	return &other
}

// A Step is a step of a plan, and how far it has come.
type Step struct {
	Address string `json:"address"`
	Action  string `json:"action"`          // create, update, replace, delete, ...
	Wave    int    `json:"wave,omitempty"`  // of a rollout; 0 for none
	Phase   string `json:"phase,omitempty"` // empty until it starts
	Text    string `json:"text,omitempty"`  // what it waits for, or why it failed or is blocked
}

// An Object is one address with its desired and its actual state.
type Object struct {
	Address string `json:"address"`
	Group   string `json:"group"`             // address without the index
	Desired string `json:"desired,omitempty"` // state that the spec wants; empty if it declares none
	State   string `json:"state,omitempty"`   // state in the server's words; empty if it does not exist
	Drift   string `json:"drift,omitempty"`   // what differs, in a few words; empty for nothing
	Failed  bool   `json:"failed,omitempty"`
	Paused  bool   `json:"paused,omitempty"`
}

// An Alarm is something that a person should know until it is over.
type Alarm struct {
	Name  string    `json:"name"` // of the kind, such as "spec-invalid"; with the address if it is about one
	Text  string    `json:"text"`
	Since time.Time `json:"since"`
	Until time.Time `json:"until,omitzero"` // zero while it lasts
}
