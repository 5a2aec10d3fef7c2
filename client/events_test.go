package client

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"fleet/internal/emulator"
	"fleet/internal/memnet"

	"github.com/google/go-cmp/cmp"
)

// connected returns a client of an emulator in memory.
func connected(t *testing.T, opts emulator.Options, change ...func(*Config)) (*Client, *memnet.Network, *emulator.Server) {
	t.Helper()
	opts.Control = true
	server, err := emulator.New(opts)
	if err != nil {
		t.Fatal(err)
	}
	network := memnet.New(t, server)
	t.Cleanup(func() { server.Close() })
	config := Config{URL: "http://localhost/api", Key: testKey, Version: "1.2.3", Transport: network}
	for _, f := range change {
		f(&config)
	}
	c, err := New(config)
	if err != nil {
		t.Fatal(err)
	}
	return c, network, server
}

// received are the events of a connection, and the error that ended it.
type received struct {
	events chan Event
	err    chan error
}

// receive reads the events of a client until ctx ends.
func receive(ctx context.Context, t *testing.T, c *Client) received {
	t.Helper()
	events, err := c.Events(ctx)
	if err != nil {
		t.Fatal(err)
	}
	r := received{make(chan Event, 100), make(chan error, 1)}
	go func() {
		defer events.Close()
		for {
			e, err := events.Next(ctx)
			if err != nil {
				r.err <- err
				return
			}
			r.events <- e
		}
	}()
	return r
}

// TestEvents: a client receives what others do, and what the platform does on its own, as
// long as it wants, without a request of its own.
func TestEvents(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, network, _ := connected(t, emulator.Options{Delays: emulator.Delays{Create: time.Second}})
		ctx, cancel := context.WithCancel(t.Context())
		r := receive(ctx, t, c)
		time.Sleep(time.Hour) // many pings
		s, err := c.CreateSandbox(ctx, map[string]any{"name": "box", "labels": map[string]string{"a": "b"}, "env": map[string]string{"K": "secret"}})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := c.StopSandbox(ctx, s.ID); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Second)
		want := []Event{
			{Kind: SandboxCreated, NewState: StateCreating},
			{Kind: SandboxStateUpdated, OldState: StateCreating, NewState: StateStarted},
			{Kind: SandboxDesiredStateUpdated, OldState: StateStarted, NewState: StateStopped},
			{Kind: SandboxStateUpdated, OldState: StateStarted, NewState: StateStopping},
			{Kind: SandboxStateUpdated, OldState: StateStopping, NewState: StateStopped},
		}
		for _, w := range want {
			w.ID, w.Labels = s.ID, map[string]string{"a": "b"}
			if diff := cmp.Diff(w, <-r.events); diff != "" {
				t.Error(diff)
			}
		}
		if network.Dials() != 2 { // one for the events, one for the requests
			t.Errorf("%d connections", network.Dials())
		}
		cancel()
		if err := <-r.err; !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	})
}

// TestEventsEnd: after each end of a connection, another attempt may help.
func TestEventsEnd(t *testing.T) {
	for name, end := range map[string]func(*memnet.Network, *emulator.Server){
		"network": func(n *memnet.Network, _ *emulator.Server) { n.Break() },
		"server":  func(_ *memnet.Network, s *emulator.Server) { s.Close() },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c, network, server := connected(t, emulator.Options{})
				r := receive(t.Context(), t, c)
				end(network, server)
				if err := <-r.err; ErrorClassOf(err) != Unreachable || EventsRefused(err) {
					t.Error(err)
				}
			})
		})
	}
}

// TestEventsRefused: a server that offers no events is distinguished from one that is
// down, and the reason is reported without the key.
func TestEventsRefused(t *testing.T) {
	for fault, want := range map[string]struct {
		refused bool
		text    string
	}{
		"404 /socket.io":                       {true, "not found"},
		"401 /socket.io message=no " + testKey: {true, "no (hidden)"},
		"400 /socket.io/":                      {true, "bad request"},
		"403 GET /socket.io":                   {true, "forbidden"},
		"html /socket.io":                      {true, "offers no events"},
		"event-refuse":                         {true, "the server refused the connection: Unauthorized"},
		"503 /socket.io":                       {false, "service unavailable"},
		"429 /socket.io retry-after=7":         {false, "too many requests"},
		"reset-before /socket.io":              {false, "EOF"},
		"hang /socket.io":                      {false, "the server stopped responding"},
		"maintenance":                          {false, "maintenance"},
	} {
		t.Run(fault, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c, _, _ := connected(t, emulator.Options{Faults: []string{fault}})
				events, err := c.Events(t.Context())
				if err == nil {
					events.Close()
					t.Fatal("accepted")
				}
				if EventsRefused(err) != want.refused || !strings.Contains(strings.ToLower(err.Error()), strings.ToLower(want.text)) {
					t.Errorf("%v: refused is %v", err, EventsRefused(err))
				}
				if strings.Contains(err.Error(), testKey) {
					t.Errorf("the key is in %v", err)
				}
			})
		})
	}
}
