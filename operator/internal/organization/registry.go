package organization

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net"
	"net/http"
	"sync"
	"time"

	"fleet/client"
)

// Options configure a Registry. The zero Options are usable.
type Options struct {
	Version string // of the operator, for the server

	// Fence wraps the round tripper that sends requests; nil means no wrapper.
	Fence func(http.RoundTripper) http.RoundTripper

	// Dial opens the connections to servers; nil means a dialer of package net.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)

	// Places is the number of callers that may ask one server at the same time, so that a
	// server that does not answer leaves workers for others. 0 means no limit.
	Places int

	Now func() time.Time // nil means time.Now
}

// A Registry has the organisations that fleets use, and the keys that they use them with. It must be made by [NewRegistry].
type Registry struct {
	o Options

	mu            sync.Mutex
	accesses      map[string]*Access       // by server and key
	organizations map[string]*Organization // by server and id
}

// NewRegistry returns a Registry without organisations.
func NewRegistry(o Options) *Registry {
	if o.Now == nil {
		o.Now = time.Now
	}
	return &Registry{o: o, accesses: map[string]*Access{}, organizations: map[string]*Organization{}}
}

// Name returns what identifies the organisation of a configuration while its id is not
// known: a digest of server and key.
func Name(config client.Config) string {
	sum := sha256.Sum256([]byte(config.URL + "\x00" + config.Key))
	return "key-" + hex.EncodeToString(sum[:8])
}

// Join returns the access to the organisation of a configuration, and adds a member to it.
// It sends nothing. The error is a *client.ConfigError. Each Join needs an [Access.Leave].
func (r *Registry) Join(config client.Config, m Member) (*Access, error) {
	name := Name(config)
	r.mu.Lock()
	defer r.mu.Unlock()
	a := r.accesses[name]
	if a == nil {
		config, err := r.complete(config)
		if err != nil {
			return nil, err
		}
		if a, err = newAccess(name, config, r); err != nil {
			return nil, err
		}
		r.accesses[name] = a
	}
	a.members[m] = true
	if org := a.organization(); org != nil {
		org.add(m)
	}
	return a, nil
}

// serverOf returns the server with a URL. The caller holds the lock.
func (r *Registry) serverOf(url string) server {
	for _, a := range r.accesses {
		if a.config.URL == url {
			return a.server
		}
	}
	return newServer(r.o.Places)
}

// complete adds to a configuration what all clients have.
func (r *Registry) complete(config client.Config) (client.Config, error) {
	config.Version, config.Instrument = r.o.Version, r.o.Fence
	if r.o.Dial == nil {
		return config, nil
	}
	network, err := config.Network()
	if err != nil {
		return config, err
	}
	network.DialContext = r.o.Dial
	config.Transport = network
	return config, nil
}

// attach makes the organisation with an id that of an access, which has a member.
func (r *Registry) attach(a *Access, id string) (*Organization, error) {
	key := a.config.URL + "\x00" + id
	r.mu.Lock()
	defer r.mu.Unlock()
	org := r.organizations[key]
	isNew := org == nil
	if isNew {
		org = newOrganization(key, id, r)
	}
	if err := a.use(org); err != nil {
		return nil, err
	}
	org.addAccess(a)
	if isNew {
		r.organizations[key] = org
		org.feed.start()
	}
	return org, nil
}

// leave removes a member, and ends what has no members.
func (r *Registry) leave(a *Access, m Member) {
	org, last := r.remove(a, m)
	switch {
	case org == nil:
	case last:
		org.feed.stop()
	default:
		org.feed.leave(a)
	}
}

// remove removes a member. It returns the organisation if the access has no members left,
// and whether the organisation has no other access.
func (r *Registry) remove(a *Access, m Member) (org *Organization, last bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	org = a.organization()
	if delete(a.members, m); org != nil && !r.hasMember(org, m) {
		org.remove(m)
	}
	if len(a.members) > 0 {
		return nil, false
	}
	delete(r.accesses, a.name)
	a.Client().Close()
	if org == nil {
		return nil, false
	}
	if last = org.removeAccess(a); last {
		delete(r.organizations, org.key)
	}
	return org, last
}

// hasMember reports whether a member uses an organisation with some key: while a fleet
// changes its key, it has two. The caller holds the lock.
func (r *Registry) hasMember(org *Organization, m Member) bool {
	for _, a := range r.accesses {
		if a.members[m] && a.organization() == org {
			return true
		}
	}
	return false
}

// background is the context of what belongs to no request.
func background() (context.Context, context.CancelFunc) {
	return context.WithCancel(context.Background())
}
