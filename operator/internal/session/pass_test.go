package session_test

import (
	"context"
	"errors"
	"net/http/httptest"
	"testing"
	"time"

	"fleet/client"
	"fleet/internal/emulator"
	"fleet/internal/watch/policy"
	"fleet/operator/internal/organization"
	"fleet/operator/internal/session"
	"fleet/operator/internal/source"
	"fleet/spec"
)

// newSession returns a session for a fleet on a Daytona of its own.
func newSession(t *testing.T, text string, memory *session.Memory) *session.Session {
	t.Helper()
	return newSessionOn(t, newEmulator(t), text, memory)
}

// newEmulator returns a Daytona whose key is k.
func newEmulator(t *testing.T) *emulator.Server {
	t.Helper()
	e, err := emulator.New(emulator.Options{Key: "k", Control: true})
	must(t, err)
	t.Cleanup(func() { _ = e.Close() })
	return e
}

// newSessionOn returns a session for a fleet on a Daytona.
func newSessionOn(t *testing.T, e *emulator.Server, text string, memory *session.Memory) *session.Session {
	t.Helper()
	server := httptest.NewServer(e)
	t.Cleanup(server.Close)
	must(t, memory.Restore(""))
	s := session.New(session.Options{
		Organizations: organization.NewRegistry(organization.Options{}), Memory: memory, Wake: func() {}, Resync: func() {}, Now: time.Now,
	})
	t.Cleanup(s.Close)
	must(t, s.Use(&source.Input{Fleet: parse(t, text), Config: client.Config{URL: server.URL + "/api", Key: "k"}}))
	return s
}

// use makes a text the spec of a session.
func use(t *testing.T, s *session.Session, text string) {
	t.Helper()
	must(t, s.Use(&source.Input{Fleet: parse(t, text), Config: s.Input().Config}))
}

func parse(t *testing.T, text string) *spec.Fleet {
	t.Helper()
	fleet, err := spec.Parse(spec.Source{Name: "fleet.yaml", Text: []byte(text)})
	must(t, err)
	return fleet
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// TestPassWithoutMemory: a memory that cannot be stored is reported, and stops no change.
func TestPassWithoutMemory(t *testing.T) {
	memory := &session.Memory{Store: func(context.Context, string) error { return errors.New("the quota is full") }}
	s := newSession(t, "version: 1\nname: web\nsandboxes: {web: {count: 2}}\n", memory)
	for pass, done := range []int{2, 0} {
		r, err := s.Pass(t.Context(), session.Order{Urgent: true, MaxAge: time.Hour})
		must(t, err)
		if !r.InSync() || r.Done != done || r.AsWanted != 2 || r.NotStored == "" {
			t.Errorf("pass %d: %+v", pass, r)
		}
	}
}

// TestObservedPlan: a plan that is only observed is shown as it would be applied.
func TestObservedPlan(t *testing.T) {
	s := newSession(t, "version: 1\nname: web\nsandboxes: {web: {count: 2}}\n", &session.Memory{})
	r, err := s.Pass(t.Context(), session.Order{Urgent: true, MaxAge: time.Hour, Policy: policy.Policy{Mode: policy.Observe}})
	must(t, err)
	if r.Runs || r.Done != 0 || r.Changes != 2 || r.Summary != "Plan: 2 to create, 0 to update, 0 to replace, 0 to delete; 0 unchanged." {
		t.Errorf("%+v", r)
	}
}
