package organization

import (
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"fleet/client"
	"fleet/internal/observe"
	"fleet/plan"
)

// A Member is a fleet of an organisation. Its methods must not block.
type Member interface {
	// Event is called with each event of the platform.
	Event(client.Event)

	// Lost is called when events may have been lost, so that everything has to be listed.
	Lost()
}

// An Organization is one organisation on one server, which fleets with several keys may
// use. Its methods may be called by several goroutines at once.
type Organization struct {
	key      string // of server and id, in the registry
	registry *Registry
	limits   *client.Limits
	writes   *client.Writes
	feed     *feed
	turn     *turn // to list

	mu       sync.Mutex
	id       string
	accesses map[*Access]bool
	members  map[Member]bool
	listed   *plan.World       // the last listing; nil for none
	listedAt time.Time         // when it was started
	changed  map[string]change // by id, since the listing was started and a little before
	losses   int               // times that events may have been lost
	covered  int               // losses before the listing was started
}

// A change is a change of a sandbox.
type change struct {
	fleet string // in its label; may be empty
	at    time.Time
}

// newOrganization returns an organisation without accesses, which receives no events yet.
func newOrganization(key, id string, r *Registry) *Organization {
	o := &Organization{
		key: key, id: id, registry: r, limits: client.NewLimits(), writes: &client.Writes{}, turn: newTurn(),
		accesses: map[*Access]bool{}, members: map[Member]bool{}, changed: map[string]change{},
	}
	o.feed = newFeed(o)
	return o
}

// currentID returns the id, as far as the server has reported it.
func (o *Organization) currentID() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.id
}

// A Listing is what existed in an organisation.
type Listing struct {
	World   *plan.World // must not be changed
	Begun   time.Time
	Changed map[string]string // labels of fleets, by the ids of sandboxes that changed since
}

// list is [Access.Listing] for an access, whose key a new listing is made with.
func (o *Organization) list(ctx context.Context, a *Access, maxAge time.Duration, wait bool) (Listing, error) {
	called := o.registry.o.Now()
	if l, ok := o.last(maxAge, called); ok {
		return l, nil
	}
	if err := o.turn.take(ctx, a, wait); err != nil {
		return Listing{}, err
	}
	defer o.turn.putBack()
	if err := o.feed.wait(ctx); err != nil { // what is listed before a connection has to be listed again
		return Listing{}, err
	}
	if l, ok := o.last(maxAge, called); ok {
		return l, nil
	}
	leave, err := a.server.enter(ctx, wait)
	if err != nil {
		return Listing{}, err
	}
	defer leave()
	return o.renew(ctx, a)
}

// renew makes a listing. The caller has the turn.
func (o *Organization) renew(ctx context.Context, a *Access) (Listing, error) {
	started, losses := o.start()
	w, err := observe.ListOrganization(ctx, a.Client())
	o.turn.record(ctx, a, err)
	if err != nil {
		return Listing{}, err
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if id := w.Organization(); id != "" {
		o.id = id
	}
	// What changed a moment before the listing may not be in it, since lists lag.
	maps.DeleteFunc(o.changed, func(_ string, c change) bool { return started.Sub(c.at) > client.DefaultListLag })
	o.listed, o.listedAt, o.covered = w, started, losses
	a.accept()
	return o.latest(), nil
}

// start returns the time at which a listing is started, and the losses before it.
func (o *Organization) start() (now time.Time, losses int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.registry.o.Now(), o.losses
}

// last returns the last listing, if it is good enough for a call: younger than maxAge, or
// started after the call.
func (o *Organization) last(maxAge time.Duration, called time.Time) (Listing, bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.listed == nil || o.covered != o.losses {
		return Listing{}, false
	}
	if o.registry.o.Now().Sub(o.listedAt) > maxAge && !o.listedAt.After(called) {
		return Listing{}, false
	}
	return o.latest(), true
}

// latest returns the last listing. The caller holds the lock.
func (o *Organization) latest() Listing {
	l := Listing{World: o.listed, Begun: o.listedAt, Changed: make(map[string]string, len(o.changed))}
	for id, c := range o.changed {
		l.Changed[id] = c.fleet
	}
	return l
}

// wrote is [Access.Wrote].
func (o *Organization) wrote(fleet string, ids ...string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, id := range ids {
		o.changed[id] = change{fleet, o.registry.o.Now()}
	}
}

func (o *Organization) add(m Member) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.members[m] = true
}

func (o *Organization) remove(m Member) {
	o.mu.Lock()
	defer o.mu.Unlock()
	delete(o.members, m)
}

// addAccess adds an access with its members.
func (o *Organization) addAccess(a *Access) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.accesses[a] = true
	maps.Copy(o.members, a.members)
}

// removeAccess removes an access without members, and reports whether none is left.
func (o *Organization) removeAccess(a *Access) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	delete(o.accesses, a)
	return len(o.accesses) == 0
}

// hasAccess reports whether an access has members.
func (o *Organization) hasAccess(a *Access) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.accesses[a]
}

// accessList returns the accesses in any order.
func (o *Organization) accessList() []*Access {
	o.mu.Lock()
	defer o.mu.Unlock()
	return slices.Collect(maps.Keys(o.accesses))
}

// maxChanged is the number of changed sandboxes from which on everything is listed again.
const maxChanged = 10_000

// event passes an event to the members.
func (o *Organization) event(e client.Event) {
	o.mu.Lock()
	if o.changed[e.ID] = (change{ownerOf(e), o.registry.o.Now()}); len(o.changed) > maxChanged {
		o.changed = map[string]change{}
		o.losses++
	}
	members := o.membersLocked()
	o.mu.Unlock()
	for _, m := range members {
		m.Event(e)
	}
}

// loseEvents records that events may have been lost.
func (o *Organization) loseEvents() {
	o.mu.Lock()
	o.losses++
	var members []Member
	if o.listed != nil { // otherwise nothing was missed
		members = o.membersLocked()
	}
	o.mu.Unlock()
	for _, m := range members {
		m.Lost()
	}
}

func (o *Organization) membersLocked() []Member { return slices.Collect(maps.Keys(o.members)) }
