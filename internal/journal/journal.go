package journal

import (
	"cmp"
	"maps"
	"slices"
	"sync"
	"time"
)

// Bounds of the memory of a journal.
const (
	maxPasses = 500
	maxEvents = 2000
	maxSize   = 16 << 20 // bytes of all events, as far as size counts them
)

// A Journal is written by one watch and read by many goroutines. It must be made by [New].
type Journal struct {
	now func() time.Time

	mu      sync.Mutex
	head    Head
	passes  []Pass // the oldest first
	objects map[string]Object
	plan    *Plan          // not shared with readers
	steps   map[string]int // of plan by address
	alarms  map[string]Alarm
	paused  map[string]bool // by address; "" is the whole fleet
	events  []Event         // the last ones, the oldest first
	size    int             // of events
	seq     uint64
	changed chan struct{} // closed at the next event
}

// A Head is what a reader has to know of the watch as a whole.
type Head struct {
	Fleet        string    `json:"fleet"`
	Environment  string    `json:"environment,omitempty"`
	Server       string    `json:"server"`
	Organization string    `json:"organization,omitempty"`
	Mode         string    `json:"mode"`
	Version      string    `json:"version"`
	Started      time.Time `json:"started"`
	Pushes       string    `json:"pushes,omitempty"` // state of the connection for the platform's events; empty if there is none
	NextPass     time.Time `json:"next_pass,omitzero"`
	LastSuccess  time.Time `json:"last_success,omitzero"`      // end of the last pass that succeeded; set by [Journal.End]
	Waiting      int       `json:"triggers_waiting,omitempty"` // triggers that the next pass will serve
	OtherWatch   string    `json:"other_watch,omitempty"`      // signs of a second watch of the fleet; empty for none
}

// A State is the journal at one moment.
type State struct {
	Head
	Seq     uint64   `json:"seq"` // of the last event that is included
	Passes  []Pass   `json:"passes"`
	Objects []Object `json:"objects"` // sorted by address
	Plan    *Plan    `json:"plan,omitempty"`
	Alarms  []Alarm  `json:"alarms"` // that last, the oldest first
	Paused  []string `json:"paused"`
}

// New returns an empty journal. now is the clock.
func New(now func() time.Time, head Head) *Journal {
	head.Started = now()
	return &Journal{
		now: now, head: head, objects: map[string]Object{}, alarms: map[string]Alarm{}, paused: map[string]bool{},
		changed: make(chan struct{}),
	}
}

// add adds an event. The caller holds the lock.
func (j *Journal) add(e Event) {
	j.seq++
	e.Seq, e.Time = j.seq, j.now()
	if len(j.events) == maxEvents || j.size > maxSize {
		j.events = slices.Delete(j.events, 0, max(len(j.events)/2, 1))
		j.size = 0
		for _, kept := range j.events {
			j.size += kept.size()
		}
	}
	j.events = append(j.events, e)
	j.size += e.size()
	close(j.changed)
	j.changed = make(chan struct{})
}

// SetHead changes what is known of the watch as a whole. There is no event if it stays the
// same.
func (j *Journal) SetHead(change func(*Head)) {
	j.mu.Lock()
	defer j.mu.Unlock()
	before := j.head
	change(&j.head)
	if head := j.head; head != before {
		j.add(Event{Kind: HeadChanged, Head: &head})
	}
}

// Begin starts a pass, and returns its number.
func (j *Journal) Begin(cause, revision string) int {
	j.mu.Lock()
	defer j.mu.Unlock()
	p := j.newPass(cause)
	p.Revision = revision
	j.remember(p)
	j.add(Event{Kind: PassStarted, Pass: &p})
	return p.Number
}

// Skip records a pass that was not made.
func (j *Journal) Skip(cause, reason string) {
	j.mu.Lock()
	defer j.mu.Unlock()
	p := j.newPass(cause)
	p.End, p.Outcome, p.Reason = p.Start, Skipped, reason
	j.remember(p)
	j.add(Event{Kind: PassSkipped, Pass: &p})
}

// newPass returns a pass that starts now. The caller holds the lock.
func (j *Journal) newPass(cause string) Pass {
	number := 1
	if n := len(j.passes); n > 0 {
		number = j.passes[n-1].Number + 1
	}
	return Pass{Number: number, Cause: cause, Start: j.now()}
}

// remember adds a pass. The caller holds the lock.
func (j *Journal) remember(p Pass) {
	if len(j.passes) == maxPasses {
		j.passes = slices.Delete(j.passes, 0, maxPasses/2)
	}
	j.passes = append(j.passes, p)
}

// update changes the last pass and returns a copy. The caller holds the lock.
func (j *Journal) update(change func(*Pass)) *Pass {
	last := &j.passes[len(j.passes)-1]
	change(last)
	p := *last
	return &p
}

// Planned records the plan of the pass that runs; nil means that nothing is to be done.
func (j *Journal) Planned(pl *Plan, change func(*Pass)) {
	j.mu.Lock()
	defer j.mu.Unlock()
	p := j.update(change)
	asked := j.plan != nil && pl != nil && j.plan.Digest == pl.Digest && j.plan.NeedsApproval != "" && !j.plan.Approved
	j.plan, j.steps = pl.clone(), map[string]int{}
	if pl != nil {
		for i, s := range pl.Steps {
			j.steps[s.Address] = i
		}
	}
	j.add(Event{Kind: PassPlanned, Pass: p, Plan: pl})
	if pl != nil && pl.NeedsApproval != "" && !pl.Approved && !asked {
		j.add(Event{Kind: ApprovalNeeded, Plan: pl})
	}
}

// End records how the pass that runs ended.
func (j *Journal) End(change func(*Pass)) {
	j.mu.Lock()
	defer j.mu.Unlock()
	p := j.update(func(p *Pass) {
		p.End = j.now()
		change(p)
	})
	if p.Outcome.Succeeded() {
		j.head.LastSuccess = p.End
	}
	j.add(Event{Kind: PassEnded, Pass: p})
}

// Step records how far a step has come.
func (j *Journal) Step(s Step) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if i, planned := j.steps[s.Address]; planned {
		j.plan.Steps[i] = s
	}
	j.add(Event{Kind: StepChanged, Step: &s})
}

// SetObjects replaces the objects of the fleet.
func (j *Journal) SetObjects(list []Object) {
	j.mu.Lock()
	defer j.mu.Unlock()
	var changed []Object
	now := make(map[string]Object, len(list))
	for _, o := range list {
		if o != j.objects[o.Address] {
			changed = append(changed, o)
		}
		now[o.Address] = o
	}
	var gone []string
	for address := range j.objects {
		if _, kept := now[address]; !kept {
			gone = append(gone, address)
		}
	}
	if j.objects = now; len(changed)+len(gone) > 0 {
		slices.Sort(gone)
		j.add(Event{Kind: ObjectsChanged, Objects: changed, Gone: gone})
	}
}

// Raise raises an alarm, or changes the text of one that lasts.
func (j *Journal) Raise(name, text string) {
	j.mu.Lock()
	defer j.mu.Unlock()
	a, lasts := j.alarms[name]
	if lasts && a.Text == text {
		return
	}
	if !lasts {
		a = Alarm{Name: name, Since: j.now()}
	}
	a.Text = text
	j.alarms[name] = a
	j.add(Event{Kind: AlarmRaised, Alarm: &a})
}

// Clear ends an alarm. It reports whether there was one.
func (j *Journal) Clear(name string) bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	a, lasts := j.alarms[name]
	if !lasts {
		return false
	}
	delete(j.alarms, name)
	a.Until = j.now()
	j.add(Event{Kind: AlarmCleared, Alarm: &a})
	return true
}

// Approved records that the plan was approved.
func (j *Journal) Approved(digest, by string) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.plan == nil || j.plan.Digest != digest {
		return
	}
	j.plan.Approved = true
	j.add(Event{Kind: PlanApproved, Plan: j.plan.clone(), By: by})
}

// SetPaused records that an address, or "" for the whole fleet, is paused or resumed.
func (j *Journal) SetPaused(address string, paused bool, by string) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.paused[address] == paused {
		return
	}
	kind := Resumed
	if delete(j.paused, address); paused {
		j.paused[address], kind = true, Paused
	}
	j.add(Event{Kind: kind, Address: address, By: by})
}

// Alarms returns the alarms that last, the oldest first.
func (j *Journal) Alarms() []Alarm {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.sortedAlarms()
}

// sortedAlarms returns the alarms that last, the oldest first. The caller holds the lock.
func (j *Journal) sortedAlarms() []Alarm {
	return slices.SortedFunc(maps.Values(j.alarms), func(a, b Alarm) int {
		return cmp.Or(a.Since.Compare(b.Since), cmp.Compare(a.Name, b.Name))
	})
}

// State returns what the journal holds now. The caller must not change it.
func (j *Journal) State() State {
	j.mu.Lock()
	defer j.mu.Unlock()
	return State{
		Head: j.head, Seq: j.seq, Passes: list(slices.Clone(j.passes)), Plan: j.plan.clone(),
		Objects: list(slices.SortedFunc(maps.Values(j.objects), func(a, b Object) int { return cmp.Compare(a.Address, b.Address) })),
		Alarms:  list(j.sortedAlarms()),
		Paused:  list(slices.Sorted(maps.Keys(j.paused))),
	}
}

// list returns a slice that is not nil, which is a list in JSON even if it is empty.
func list[T any](s []T) []T {
	if s == nil {
		return []T{}
	}
	return s
}

// Since returns the events after the one with the number seq, and a channel that is
// closed at the next one. complete is false if older ones of them are forgotten: the
// reader needs the [Journal.State].
func (j *Journal) Since(seq uint64) (events []Event, complete bool, changed <-chan struct{}) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if seq >= j.seq {
		return nil, seq == j.seq, j.changed
	}
	first := j.seq - uint64(len(j.events)) // the number before that of the first one
	if seq < first {
		return slices.Clone(j.events), false, j.changed
	}
	return slices.Clone(j.events[seq-first:]), true, j.changed
}
