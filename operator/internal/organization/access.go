package organization

import (
	"cmp"
	"context"
	"errors"
	"sync"
	"time"

	"fleet/client"
)

// An Access is the use of an organisation with one key. Its methods may be called by
// several goroutines at once.
type Access struct {
	name     string // of server and key
	config   client.Config
	registry *Registry
	members  map[Member]bool // protected by the registry
	server   server          // of all accesses with the same URL
	turn     *turn           // to ask the server about the key

	mu       sync.Mutex
	client   *client.Client
	org      *Organization // nil until the id of the organisation is known
	accepted time.Time     // when the server accepted the key last
}

// newAccess returns an access without members. The caller holds the lock of the registry.
func newAccess(name string, config client.Config, r *Registry) (*Access, error) {
	c, err := client.New(config)
	if err != nil {
		return nil, err
	}
	a := &Access{name: name, config: config, registry: r, members: map[Member]bool{}, turn: newTurn(), client: c}
	a.server = r.serverOf(config.URL)
	return a, nil
}

// Client returns the client of the key, which shares its rate limits with those of other
// keys of the organisation once [Access.ID] has returned.
func (a *Access) Client() *client.Client {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.client
}

// organization returns the organisation; nil if it is not known.
func (a *Access) organization() *Organization {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.org
}

// Connected reports whether the platform's events are received.
func (a *Access) Connected() bool {
	org := a.organization()
	return org != nil && org.feed.isConnected()
}

// Leave removes a member. The last one of an organisation ends its connections.
func (a *Access) Leave(m Member) { a.registry.leave(a, m) }

// ID returns the id of the organisation, for which it may ask the server; or a digest of
// server and key if the server does not report it. While another caller asks with the same
// key, it waits at most 15 seconds, or not at all without wait. The error is then ErrBusy, or
// the error with which that failed before.
func (a *Access) ID(ctx context.Context, wait bool) (string, error) {
	org, err := a.attach(ctx, wait)
	if err != nil {
		return "", err
	}
	return org.currentID(), nil
}

// attach returns the organisation, for whose id it asks the server once.
func (a *Access) attach(ctx context.Context, wait bool) (*Organization, error) {
	if org := a.organization(); org != nil {
		return org, nil
	}
	if err := a.turn.take(ctx, a, wait); err != nil {
		return nil, err
	}
	defer a.turn.putBack()
	if org := a.organization(); org != nil {
		return org, nil
	}
	id := ""
	err := a.ask(ctx, wait, func(ctx context.Context) (err error) {
		id, err = readID(ctx, a.Client())
		return err
	})
	if err != nil {
		return nil, err
	}
	return a.registry.attach(a, cmp.Or(id, a.name))
}

// readID asks the server for the id of the organisation of a key; "" if it does not report
// it.
func readID(ctx context.Context, api *client.Client) (string, error) {
	key, err := api.CurrentKey(ctx)
	if err != nil || key.OrganizationID != "" {
		return key.OrganizationID, err
	}
	storage, err := api.PushAccess(ctx)
	if _, refused := errors.AsType[*client.Error](err); refused { // such as a server without an object storage
		return "", nil
	}
	return storage.OrganizationID, err
}

// use makes an organisation that of the access. The caller holds the lock of the registry.
func (a *Access) use(org *Organization) error {
	config := a.config
	config.Limits, config.Writes = org.limits, org.writes
	c, err := client.New(config)
	if err != nil {
		return err
	}
	a.mu.Lock()
	former := a.client
	a.client, a.org, a.accepted = c, org, a.registry.o.Now()
	a.mu.Unlock()
	former.Close()
	return nil
}

// Listing returns a listing that was started at most a given time ago, or after the call. It
// makes a new one if the last one is older, or if events were lost since. Callers that need
// one at the same time share it, also with different keys. While another caller makes one, it
// waits at most 15 seconds, or not at all without wait. The error is then ErrBusy, or the
// error with which that failed before.
func (a *Access) Listing(ctx context.Context, maxAge time.Duration, wait bool) (Listing, error) {
	org, err := a.attach(ctx, wait)
	if err != nil {
		return Listing{}, err
	}
	l, err := org.list(ctx, a, maxAge, wait)
	if err != nil {
		return Listing{}, err
	}
	return l, a.check(ctx, l, wait)
}

// check asks the server whether it accepts the key, if it may have been refused since: a
// listing may have been made with another key.
func (a *Access) check(ctx context.Context, l Listing, wait bool) error {
	if !a.acceptedBefore(l.Begun) {
		return nil
	}
	if err := a.turn.take(ctx, a, wait); err != nil {
		return err
	}
	defer a.turn.putBack()
	if !a.acceptedBefore(l.Begun) {
		return nil
	}
	return a.ask(ctx, wait, func(ctx context.Context) error {
		_, err := a.Client().CurrentKey(ctx)
		if err == nil {
			a.accept()
		}
		return err
	})
}

// accept records that the server has accepted the key.
func (a *Access) accept() {
	a.turn.succeed(a)
	a.mu.Lock()
	defer a.mu.Unlock()
	a.accepted = a.registry.o.Now()
}

// acceptedBefore reports whether the server accepted the key last before a time.
func (a *Access) acceptedBefore(t time.Time) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.accepted.Before(t)
}

// Wrote reports sandboxes that a fleet may have changed, by id. The organisation is known
// by then.
func (a *Access) Wrote(fleet string, ids ...string) {
	if org := a.organization(); org != nil {
		org.wrote(fleet, ids...)
	}
}
