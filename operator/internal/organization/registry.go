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

	Now func() time.Time // nil means time.Now
}

// A Registry has the organisations that fleets use. It must be made by [NewRegistry].
type Registry struct {
	o Options

	mu   sync.Mutex
	open map[string]*Organization // by server and key
}

// NewRegistry returns a Registry without organisations.
func NewRegistry(o Options) *Registry {
	if o.Now == nil {
		o.Now = time.Now
	}
	return &Registry{o: o, open: map[string]*Organization{}}
}

// Name returns what identifies the organisation of a configuration while its id is not
// known: a digest of server and key.
func Name(config client.Config) string {
	sum := sha256.Sum256([]byte(config.URL + "\x00" + config.Key))
	return "key-" + hex.EncodeToString(sum[:8])
}

// Join returns the organisation of a configuration, and adds a member to it. The error is
// a *client.ConfigError. Each Join needs a [Organization.Leave].
func (r *Registry) Join(config client.Config, m Member) (*Organization, error) {
	name := Name(config)
	r.mu.Lock()
	defer r.mu.Unlock()
	org := r.open[name]
	if org == nil {
		c, err := r.connect(config)
		if err != nil {
			return nil, err
		}
		org = newOrganization(name, c, r)
		r.open[name] = org
	}
	org.add(m)
	return org, nil
}

// connect returns a client of a configuration.
func (r *Registry) connect(config client.Config) (*client.Client, error) {
	config.Version, config.Instrument = r.o.Version, r.o.Fence
	if r.o.Dial != nil {
		network, err := config.Network()
		if err != nil {
			return nil, err
		}
		network.DialContext = r.o.Dial
		config.Transport = network
	}
	return client.New(config)
}

// leave removes a member, and ends an organisation without members.
func (r *Registry) leave(org *Organization, m Member) {
	r.mu.Lock()
	last := org.remove(m)
	if last {
		delete(r.open, org.name)
	}
	r.mu.Unlock()
	if last {
		org.end()
	}
}

// Each calls f for each organisation.
func (r *Registry) Each(f func(*Organization)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, org := range r.open {
		f(org)
	}
}

// background is the context of what belongs to no request.
func background() (context.Context, context.CancelFunc) {
	return context.WithCancel(context.Background())
}
