package push

import (
	"context"
	"math/rand/v2"
	"sync"
	"time"

	"fleet/client"
	"fleet/internal/watch"
	"fleet/spec"
)

// Options configure a Listener. Client and Fleet are required.
type Options struct {
	Client *client.Client
	Fleet  string // name of the fleet, by which events of new sandboxes are recognised

	// SetState is called with each new state of the connection, in words for a user:
	// "connected", "reconnecting since ..." or "not offered by this server: ...". It must
	// not block. nil means that the state is not reported.
	SetState func(text string)

	Now    func() time.Time                       // nil means time.Now
	After  func(d time.Duration) <-chan time.Time // nil means time.After
	Random func() float64                         // from 0 to 1, for jitter; nil means rand.Float64
}

// A Listener keeps a connection for events, and collects which objects of the fleet they
// announce. Its methods may be called by several goroutines at once; only one pass may
// run at a time.
//
// A pass calls Take before it reads anything, and Settle or PutBack at its end:
//
//	ids, all := l.Take()   // read these objects by id, or list everything
//	...
//	l.Settle(states)       // or l.PutBack(ids, all) if the pass failed or was skipped
type Listener struct {
	o      Options
	causes chan watch.Cause
	ready  chan struct{} // closed after the first attempt
	wake   chan struct{} // wakes announce after a change

	mu        sync.Mutex
	marks     marks
	inPass    bool      // from Take to Settle or PutBack, and before the first Take
	marksDue  time.Time // when to announce marked objects; zero if that is done
	allDue    time.Time // when to announce that everything has to be listed; zero if that is done
	lastList  time.Time // when a pass last listed everything
	connected bool
}

// New returns a Listener that Run connects. Until the first pass has ended, no cause is
// sent.
func New(o Options) *Listener {
	if o.SetState == nil {
		o.SetState = func(string) {}
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.After == nil {
		o.After = time.After
	}
	if o.Random == nil {
		o.Random = rand.Float64
	}
	return &Listener{o: o, causes: make(chan watch.Cause, 1), ready: make(chan struct{}), wake: make(chan struct{}, 1), inPass: true}
}

// Run connects and receives events until ctx ends. It must be called once. It returns
// when all that it started has ended.
func (l *Listener) Run(ctx context.Context) {
	var announcing sync.WaitGroup
	announcing.Go(func() { l.announce(ctx) })
	l.connect(ctx)
	announcing.Wait()
}

// Causes returns the channel of causes. At most one is pending; it covers all that is
// marked. A pass that takes the marks over withdraws it.
func (l *Listener) Causes() <-chan watch.Cause { return l.causes }

// Ready returns a channel that is closed once the first attempt to connect has succeeded
// or failed, which takes 10 seconds at most. What is listed after that needs no second
// list.
func (l *Listener) Ready() <-chan struct{} { return l.ready }

// Connected reports whether events are received.
func (l *Listener) Connected() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.connected
}

// Take starts a pass: it returns the ids of the objects to read, sorted, and whether
// everything has to be listed. They are not marked any longer.
func (l *Listener) Take() (ids []string, all bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.inPass, l.marksDue, l.allDue = true, time.Time{}, time.Time{}
	l.withdraw()
	if ids, all = l.marks.take(); all {
		l.lastList = l.o.Now()
	}
	return ids, all
}

// Settle ends a pass. known are the states of all sandboxes, snapshots and volumes of the
// fleet by id, as the server reported them last; the Listener keeps it, and the caller
// must not change it. Events of other objects are ignored from then on, unless they have
// the label of the fleet. So are those that only report how objects got into these
// states: the changes of the pass itself cause no further one.
func (l *Listener) Settle(known map[string]string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if known == nil {
		known = map[string]string{}
	}
	l.marks.known, l.inPass = known, false
	l.marks.drop()
	l.changed()
}

// PutBack ends a pass that did not read what it took. It marks the objects again, for the
// pass that the caller makes next; they cause none.
func (l *Listener) PutBack(ids []string, all bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.inPass = false
	l.marks.putBack(ids, all)
	l.changed()
}

// event marks the object of an event. During a pass, and before it is known which objects
// belong to the fleet, those of others are marked too: Settle removes them.
func (l *Listener) event(e client.Event) {
	owned := l.o.Fleet != "" && e.Labels[spec.FleetLabel] == l.o.Fleet
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.inPass && l.marks.known != nil && !l.marks.relevant(e.ID, owned) {
		return
	}
	l.marks.add(e, owned)
	if l.marks.overflow() {
		l.listDue()
	}
	l.markDue()
}
