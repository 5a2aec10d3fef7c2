package organization

import (
	"context"
	"maps"
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

// An Organization is one organisation on one server. Its methods may be called by several
// goroutines at once.
type Organization struct {
	name     string
	client   *client.Client
	registry *Registry
	feed     *feed
	listing  chan struct{} // holds a token while nobody lists

	mu       sync.Mutex
	members  map[Member]bool
	id       string
	listed   *plan.World       // the last listing; nil for none
	listedAt time.Time         // when it was begun
	changed  map[string]change // by id, since the listing was begun and a little before
	lost     bool              // events may have been lost since
}

// A change is a change of a sandbox.
type change struct {
	fleet string // in its label; may be empty
	at    time.Time
}

// newOrganization returns an organisation, and starts to receive its events.
func newOrganization(name string, c *client.Client, r *Registry) *Organization {
	o := &Organization{
		name: name, client: c, registry: r, listing: make(chan struct{}, 1),
		members: map[Member]bool{}, changed: map[string]change{}, lost: true,
	}
	o.listing <- struct{}{}
	o.feed = startFeed(o)
	return o
}

// Client returns the client that the fleets share.
func (o *Organization) Client() *client.Client { return o.client }

// Connected reports whether the platform's events are received.
func (o *Organization) Connected() bool { return o.feed.isConnected() }

// Leave removes a member. The last one ends the connections.
func (o *Organization) Leave(m Member) { o.registry.leave(o, m) }

// ID returns the id of the organisation, for which it may ask the server; or its name if
// the server does not report it.
func (o *Organization) ID(ctx context.Context) (string, error) {
	o.mu.Lock()
	id := o.id
	o.mu.Unlock()
	if id != "" {
		return id, nil
	}
	key, err := o.client.CurrentKey(ctx)
	if err != nil {
		return "", err
	}
	id = key.OrganizationID
	if id == "" {
		id = o.name
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.id = id
	return id, nil
}

// A Listing is what existed in an organisation.
type Listing struct {
	World   *plan.World // must not be changed
	Begun   time.Time
	Changed map[string]string // labels of fleets, by the ids of sandboxes that changed since
}

// Listing returns a listing that was begun at most a given time ago. It makes a new one if
// the last one is older, or if events were lost since; callers that need one at the same
// time share it.
func (o *Organization) Listing(ctx context.Context, maxAge time.Duration) (Listing, error) {
	select {
	case <-o.listing:
	case <-ctx.Done():
		return Listing{}, ctx.Err()
	}
	defer func() { o.listing <- struct{}{} }()
	if err := o.feed.wait(ctx); err != nil { // what is listed before a connection has to be listed again
		return Listing{}, err
	}
	if l, ok := o.last(maxAge); ok {
		return l, nil
	}
	begun := o.begin()
	w, err := observe.ListOrganization(ctx, o.client)
	o.mu.Lock()
	defer o.mu.Unlock()
	if err != nil {
		o.lost = true
		return Listing{}, err
	}
	if id := w.Organization(); id != "" {
		o.id = id
	}
	o.listed, o.listedAt = w, begun
	return o.latest(), nil
}

// last returns the last listing, if it is good enough.
func (o *Organization) last(maxAge time.Duration) (Listing, bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.listed == nil || o.lost || o.registry.o.Now().Sub(o.listedAt) > maxAge {
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

// begin begins a listing, and returns the time. What changes from now on may not be in it,
// and what changed a moment ago neither, since lists lag.
func (o *Organization) begin() time.Time {
	o.mu.Lock()
	defer o.mu.Unlock()
	now := o.registry.o.Now()
	maps.DeleteFunc(o.changed, func(_ string, c change) bool { return now.Sub(c.at) > client.DefaultListLag })
	o.lost = false
	return now
}

// Wrote reports sandboxes that a fleet may have changed, by id.
func (o *Organization) Wrote(fleet string, ids ...string) {
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

// remove removes a member, and reports whether none is left.
func (o *Organization) remove(m Member) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	delete(o.members, m)
	return len(o.members) == 0
}

// end ends the connections, and waits for what uses them.
func (o *Organization) end() {
	o.feed.stop()
	o.client.Close()
}

// maxChanged is the number of changed sandboxes from which on everything is listed again.
const maxChanged = 10_000

// event passes an event to the members.
func (o *Organization) event(e client.Event) {
	o.mu.Lock()
	if o.changed[e.ID] = (change{ownerOf(e), o.registry.o.Now()}); len(o.changed) > maxChanged {
		o.changed, o.lost = map[string]change{}, true
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
	o.lost = true
	var members []Member
	if o.listed != nil { // otherwise nothing was missed
		members = o.membersLocked()
	}
	o.mu.Unlock()
	for _, m := range members {
		m.Lost()
	}
}

func (o *Organization) membersLocked() []Member {
	list := make([]Member, 0, len(o.members))
	for m := range o.members {
		list = append(list, m)
	}
	return list
}
