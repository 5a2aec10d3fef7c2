package session

import (
	"context"
	"errors"
	"strings"
	"sync"
	"time"

	"fleet/client"
	"fleet/internal/observe"
	"fleet/internal/redact"
	"fleet/operator/internal/organization"
	"fleet/operator/internal/source"
	"fleet/spec"
)

// Options configure a Session. All are required.
type Options struct {
	Organizations *organization.Registry
	Memory        *Memory

	// Wake is called when the platform reports a change of the fleet. It must not block.
	Wake func()

	// Resync is called when changes of any fleet may have been missed. It must not block.
	Resync func()

	Now func() time.Time
}

// A Session is one fleet while it is reconciled. Pass and Use are called by one goroutine
// at a time.
type Session struct {
	o     Options
	input *source.Input

	secrets *redact.Redactor // hides the sensitive values of the fleet and the key; nil before Use

	org   *organization.Access
	cache observe.Cache
	used  time.Time // when the shared listing of the cache was started

	mu    sync.Mutex // protects what events change
	names func(fleet string) bool
	known map[string]bool // ids of the fleet's sandboxes
	dirty map[string]bool // ids of sandboxes that changed
}

var _ organization.Member = (*Session)(nil)

// New returns a Session without a spec.
func New(o Options) *Session {
	return &Session{o: o, dirty: map[string]bool{}, names: func(string) bool { return false }}
}

// Input returns what the session uses; nil before Use.
func (s *Session) Input() *source.Input { return s.input }

// Fleet returns the fleet of the last valid spec; nil before Use.
func (s *Session) Fleet() *spec.Fleet {
	if s.input == nil {
		return nil
	}
	return s.input.Fleet
}

// Use makes a spec and its server those of the session, and closes the former ones.
func (s *Session) Use(in *source.Input) error {
	if s.input == in {
		return nil
	}
	if s.input == nil || organization.Name(s.input.Config) != organization.Name(in.Config) {
		org, err := s.o.Organizations.Join(in.Config, s)
		if err != nil {
			return err
		}
		s.leave()
		s.org = org
	}
	former := s.input
	s.input, s.secrets = in, redact.New(append(in.Fleet.Sensitive(), in.Config.Key))
	former.Close()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.names = in.Fleet.HasName
	return nil
}

// leave leaves the organisation, with all that is known of it.
func (s *Session) leave() {
	if s.org != nil {
		s.org.Leave(s)
	}
	s.cache, s.used = observe.Cache{}, time.Time{}
}

// Close ends the session.
func (s *Session) Close() {
	s.leave()
	s.org = nil
	s.input.Close()
	s.input, s.secrets = nil, nil
}

// Organization returns the id of the organisation, or a digest of server and key if the
// server does not report it. Unless it is urgent, it does not wait for another fleet that
// asks the server.
//
// The error is an *[Error], organization.ErrBusy, or that of the context.
func (s *Session) Organization(ctx context.Context, urgent bool) (string, error) {
	id, err := s.org.ID(ctx, urgent)
	switch {
	case errors.Is(err, organization.ErrBusy):
		return "", err
	case err != nil && ctx.Err() != nil:
		return "", ctx.Err()
	case err != nil:
		return "", s.newError(err)
	}
	return strings.ToValidUTF8(s.Redact(id[:min(len(id), maxID)]), ""), nil
}

// maxID is the number of bytes of an id that is shown.
const maxID = 128

// Connected reports whether the platform's events are received.
func (s *Session) Connected() bool { return s.org.Connected() }

// Server returns the URL of the server; empty before Use.
func (s *Session) Server() string {
	if s.input == nil {
		return ""
	}
	return s.input.Config.URL
}

// Event implements organization.Member.
func (s *Session) Event(e client.Event) {
	s.mu.Lock()
	concerned := s.known[e.ID] || s.names(e.Labels[spec.FleetLabel])
	if concerned {
		s.dirty[e.ID] = true
	}
	s.mu.Unlock()
	if concerned {
		s.o.Wake()
	}
}

// Lost implements organization.Member.
func (s *Session) Lost() {
	s.o.Resync() // the organisation makes a new listing
}

// take returns and forgets which sandboxes changed.
func (s *Session) take() (ids []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for id := range s.dirty {
		ids = append(ids, id)
	}
	s.dirty = map[string]bool{}
	return ids
}

// putBack remembers sandboxes that were not read.
func (s *Session) putBack(ids []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, id := range ids {
		s.dirty[id] = true
	}
}

// setKnown sets the ids of the fleet's sandboxes.
func (s *Session) setKnown(ids map[string]bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.known = ids
}
