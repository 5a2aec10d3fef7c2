package plan

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// An Action is what a step does to a resource. Its value is the symbol that
// stands for it in output. All that fleet knows of an action is in its row of
// [actions].
type Action rune

// The actions. The zero Action is not valid: each step of a plan has one of
// these.
const (
	NoOp       Action = ' '
	Create     Action = '+'
	Update     Action = '~' // change in place
	Replace    Action = '±' // delete, then create
	Delete     Action = '-'
	Adopt      Action = '@' // take over, changing in place what differs
	Start      Action = '>'
	Stop       Action = '.'
	Pause      Action = '='
	Archive    Action = '_'
	Recover    Action = '!' // repair an object in an error state
	Activate   Action = '*' // activate a snapshot
	Deactivate Action = 'o' // deactivate a snapshot
	Release    Action = '^' // remove the fleet's labels, so that no fleet owns it
	Clear      Action = 'x' // delete what an interrupted replacement left over
	Wait       Action = 'w' // wait for a change under way that ends as the spec wants it
)

// A quotaEffect is what an action does to the number of objects that count
// towards a quota.
type quotaEffect int

const (
	keepsQuota quotaEffect = iota
	takesQuota             // the object counts afterwards
	givesQuota             // the object does not count afterwards
)

// An actionRow is what fleet knows of an action.
type actionRow struct {
	name     string             // in JSON, on the command line and in output
	past     string             // past participle of a sentence such as "it was replaced"
	category Action             // the action under which counts and headings list it
	count    func(*Counts) *int // its number in the counts of a plan
	creates  bool               // it makes a new object
	deletes  bool               // it deletes an object
	quota    quotaEffect        // on the number of snapshots and volumes
}

// actions has a row for each action. A row names all its fields.
var actions = map[Action]actionRow{
	NoOp:       {name: "no-op", past: "ready", category: NoOp, count: countUnchanged, creates: false, deletes: false, quota: keepsQuota},
	Create:     {name: "create", past: "created", category: Create, count: countCreate, creates: true, deletes: false, quota: takesQuota},
	Update:     {name: "update", past: "updated", category: Update, count: countChange, creates: false, deletes: false, quota: keepsQuota},
	Replace:    {name: "replace", past: "replaced", category: Replace, count: countReplace, creates: true, deletes: true, quota: takesQuota},
	Delete:     {name: "delete", past: "deleted", category: Delete, count: countDestroy, creates: false, deletes: true, quota: givesQuota},
	Adopt:      {name: "adopt", past: "adopted", category: Adopt, count: countAdopt, creates: false, deletes: false, quota: keepsQuota},
	Start:      {name: "start", past: "started", category: Update, count: countChange, creates: false, deletes: false, quota: keepsQuota},
	Stop:       {name: "stop", past: "stopped", category: Update, count: countChange, creates: false, deletes: false, quota: keepsQuota},
	Pause:      {name: "pause", past: "paused", category: Update, count: countChange, creates: false, deletes: false, quota: keepsQuota},
	Archive:    {name: "archive", past: "archived", category: Update, count: countChange, creates: false, deletes: false, quota: keepsQuota},
	Recover:    {name: "recover", past: "recovered", category: Update, count: countChange, creates: false, deletes: false, quota: keepsQuota},
	Activate:   {name: "activate", past: "activated", category: Update, count: countChange, creates: false, deletes: false, quota: takesQuota},
	Deactivate: {name: "deactivate", past: "deactivated", category: Update, count: countChange, creates: false, deletes: false, quota: givesQuota},
	Release:    {name: "release", past: "released", category: Update, count: countChange, creates: false, deletes: false, quota: keepsQuota},
	Clear:      {name: "clear", past: "cleared", category: Update, count: countChange, creates: false, deletes: true, quota: keepsQuota},
	Wait:       {name: "wait", past: "waited for", category: Wait, count: countWaiting, creates: false, deletes: false, quota: keepsQuota},
}

func countUnchanged(c *Counts) *int { return &c.Unchanged }
func countCreate(c *Counts) *int    { return &c.Create }
func countChange(c *Counts) *int    { return &c.Change }
func countReplace(c *Counts) *int   { return &c.Replace }
func countDestroy(c *Counts) *int   { return &c.Destroy }
func countAdopt(c *Counts) *int     { return &c.Adopt }
func countWaiting(c *Counts) *int   { return &c.Waiting }

// Actions returns all actions, sorted by name.
func Actions() []Action {
	return slices.SortedFunc(maps.Keys(actions), func(a, b Action) int { return strings.Compare(a.String(), b.String()) })
}

// String returns the action's name, or "" if a is not valid.
func (a Action) String() string { return actions[a].name }

// MarshalText returns the action's name.
func (a Action) MarshalText() ([]byte, error) {
	row, ok := actions[a]
	if !ok {
		return nil, fmt.Errorf("plan: action %d is not valid", a)
	}
	return []byte(row.name), nil
}

// UnmarshalText sets a to the action with the name.
func (a *Action) UnmarshalText(name []byte) error {
	for action, row := range actions {
		if row.name == string(name) {
			*a = action
			return nil
		}
	}
	return fmt.Errorf("plan: unknown action %q", name)
}

// PastTense returns the past participle of a, as in "it was replaced".
func (a Action) PastTense() string { return actions[a].past }

// Category returns the action under which counts and headings list a: Update for
// all changes in place, else a itself.
func (a Action) Category() Action { return actions[a].category }

// Creates reports whether a makes a new object.
func (a Action) Creates() bool { return actions[a].creates }

// Deletes reports whether a deletes an object.
func (a Action) Deletes() bool { return actions[a].deletes }

// Destroys reports whether a deletes the object that the step is about. Clear
// does not: it deletes another one.
func (a Action) Destroys() bool { return a.Deletes() && a != Clear }

// runState returns the run state to which a step with the action moves a
// sandbox, or "" if it moves it to none.
func (a Action) runState() string {
	for v, row := range verbs {
		if row.action == a && v.ChangesRunState() {
			return row.runState
		}
	}
	return ""
}
