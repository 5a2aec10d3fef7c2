package client

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"

	"fleet/internal/foreign"
	"fleet/internal/memnet"

	"github.com/coder/websocket"
	"github.com/google/go-cmp/cmp"
)

// handshake is what a server learns from a client that connects for events.
type handshake struct {
	path, authorization, organization, payload string
	query                                      url.Values
}

// greet accepts the connections of clients, records what they send, and refuses them.
func greet(seen *handshake) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		*seen = handshake{
			path: r.URL.Path, query: r.URL.Query(),
			authorization: r.Header.Get("Authorization"), organization: r.Header.Get("X-Daytona-Organization-Id"),
		}
		socket, err := websocket.Accept(w, r, nil)
		if err != nil {
			return
		}
		defer socket.CloseNow()
		_ = socket.Write(context.Background(), websocket.MessageText, []byte(`0{"sid":"s","pingInterval":25000,"pingTimeout":20000}`))
		_, payload, _ := socket.Read(context.Background())
		seen.payload = string(payload)
		_ = socket.Write(context.Background(), websocket.MessageText, []byte(`44{"message":"bad token `+strings.ReplaceAll(seen.payload[2:], `"`, "'")+`"}`))
		_, _, _ = socket.Read(context.Background())
	}
}

// TestEventsHandshake: a key is enough, and a JWT needs the organisation, without which
// the server sends nothing. Neither is in a log or an error.
func TestEventsHandshake(t *testing.T) {
	protocol := func(pairs ...string) url.Values {
		q := url.Values{"EIO": {"4"}, "transport": {"websocket"}, "source": {"fleet"}, "sdkVersion": {"1.2.3"}}
		for i := 0; i < len(pairs); i += 2 {
			q.Set(pairs[i], pairs[i+1])
		}
		return q
	}
	const jwt = "header.payload.signature"
	for name, c := range map[string]struct {
		change func(*Config)
		secret string
		want   handshake
	}{
		"key": {func(*Config) {}, testKey, handshake{
			path: "/api/socket.io/", authorization: "Bearer " + testKey, payload: `40{"token":"` + testKey + `"}`, query: protocol(),
		}},
		"JWT": {func(c *Config) { c.Key, c.JWT, c.Organization = "", jwt, "org" }, jwt, handshake{
			path: "/api/socket.io/", authorization: "Bearer " + jwt, organization: "org", payload: `40{"token":"` + jwt + `"}`, query: protocol("organizationId", "org"),
		}},
		"both": {func(c *Config) { c.JWT, c.Organization = jwt, "org" }, testKey, handshake{
			path: "/api/socket.io/", authorization: "Bearer " + testKey, payload: `40{"token":"` + testKey + `"}`, query: protocol(),
		}},
		"other path": {func(c *Config) { c.URL = "http://localhost/" }, testKey, handshake{
			path: "/socket.io/", authorization: "Bearer " + testKey, payload: `40{"token":"` + testKey + `"}`, query: protocol(),
		}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var log bytes.Buffer
				var seen handshake
				client := over(t, nil, func(cfg *Config) {
					cfg.URL, cfg.Transport = "http://localhost/api", memnet.New(t, greet(&seen))
					cfg.Log = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
					c.change(cfg)
				})
				_, err := client.Events(t.Context())
				if diff := cmp.Diff(c.want, seen, cmp.AllowUnexported(handshake{})); diff != "" {
					t.Error(diff)
				}
				if text := err.Error(); !strings.Contains(text, "bad token") || strings.Contains(text, c.secret) {
					t.Error(err)
				}
				if text := log.String(); !strings.Contains(text, "status=101") || strings.Contains(text, c.secret) || strings.Contains(text, "sdkVersion") {
					t.Error(text)
				}
			})
		})
	}
}

// TestEventsAreNotRedirected: a server that redirects is not the API and gets no key.
func TestEventsAreNotRedirected(t *testing.T) {
	requests := 0
	client := over(t, nil, func(cfg *Config) {
		cfg.URL = "http://localhost/api"
		cfg.Transport = memnet.New(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			requests++
			http.Redirect(w, r, "http://elsewhere.test/", http.StatusTemporaryRedirect)
		}))
	})
	if _, err := client.Events(t.Context()); !EventsRefused(err) || requests != 1 {
		t.Errorf("%d requests, %v", requests, err)
	}
}

// TestDecodeEvent: the events that are understood, and what is kept of them.
func TestDecodeEvent(t *testing.T) {
	long := strings.Repeat("x", maxEventID+1)
	for _, c := range []struct {
		name, payload string
		want          Event // without the kind; no id means that the event is skipped
	}{
		{"sandbox.created", `{"id":"a","state":"creating","labels":{"k":"v"},"env":{"K":"secret"}}`, Event{ID: "a", NewState: "creating", Labels: map[string]string{"k": "v"}}},
		{"sandbox.created", ` {"id":"a"}`, Event{ID: "a"}},
		{"sandbox.state.updated", `{"sandbox":{"id":"a","labels":{}},"oldState":"started","newState":"stopping"}`, Event{ID: "a", OldState: "started", NewState: "stopping", Labels: map[string]string{}}},
		{"sandbox.state.updated", `{"sandbox":{"id":"a","labels":7,"state":[]},"oldState":null,"newState":{}}`, Event{ID: "a"}},
		{"sandbox.state.updated", `{"sandbox":{"id":"a"},"newState":"\u001b[31m"}`, Event{ID: "a", NewState: `\x1b[31m`}},
		{"sandbox.desired-state.updated", `{"sandbox":{"id":"a"},"oldDesiredState":"started","newDesiredState":"destroyed"}`, Event{ID: "a", OldState: "started", NewState: "destroyed"}},
		{"snapshot.created", `{"id":"b","state":"pending"}`, Event{ID: "b", NewState: "pending"}},
		{"snapshot.state.updated", `{"snapshot":{"id":"b"},"oldState":"pending","newState":"active"}`, Event{ID: "b", OldState: "pending", NewState: "active"}},
		{"snapshot.removed", `"b"`, Event{ID: "b"}},
		{"snapshot.removed", `{"id":"b","state":"removing"}`, Event{ID: "b"}},
		{"volume.created", `{"id":"c","state":"creating"}`, Event{ID: "c", NewState: "creating"}},
		{"volume.state.updated", `{"volume":{"id":"c"},"oldState":"creating","newState":"ready"}`, Event{ID: "c", OldState: "creating", NewState: "ready"}},

		{name: "volume.last-used-at.updated", payload: `{"id":"c"}`},
		{name: "runner.created", payload: `{"id":"c"}`},
		{name: "audit-log.created", payload: `{"id":"c"}`},
		{name: "", payload: `{"id":"c"}`},
		{name: "sandbox.created", payload: ``},
		{name: "sandbox.created", payload: `null`},
		{name: "sandbox.created", payload: `"a"`},
		{name: "sandbox.created", payload: `[{"id":"a"}]`},
		{name: "sandbox.created", payload: `{"state":"started"}`},
		{name: "sandbox.created", payload: `{"id":""}`},
		{name: "sandbox.created", payload: `{"id":7}`},
		{name: "sandbox.created", payload: `{"id":"a/../b"}`},
		{name: "sandbox.created", payload: `{"id":"a\nb"}`},
		{name: "sandbox.created", payload: `{"id":"ä"}`},
		{name: "sandbox.created", payload: `{"id":"` + long + `"}`},
		{name: "sandbox.state.updated", payload: `{"id":"a","newState":"started"}`},
		{name: "sandbox.state.updated", payload: `{"sandbox":"a","newState":"started"}`},
		{name: "snapshot.removed", payload: `""`},
		{name: "snapshot.removed", payload: `[]`},
	} {
		got, ok := decodeEvent(c.name, []byte(c.payload))
		if c.want.ID != "" {
			c.want.Kind = EventKind(c.name)
		}
		if ok != (c.want.ID != "") || ok && !cmp.Equal(got, c.want) {
			t.Errorf("%s %s: got %+v, %v", c.name, c.payload, got, ok)
		}
	}
}

// FuzzEvent: any payload is an event of an object with a usable id, or skipped.
func FuzzEvent(f *testing.F) {
	f.Add("sandbox.state.updated", `{"sandbox":{"id":"a","labels":{"k":7}},"oldState":"started","newState":"stopping"}`)
	f.Add("snapshot.removed", `"b"`)
	f.Add("volume.created", `{"id":"c","state":"\u001b","id":"d"}`)
	f.Fuzz(func(t *testing.T, name, payload string) {
		e, ok := decodeEvent(name, []byte(payload))
		if ok && (!isEventID(e.ID) || string(e.Kind) != name || foreign.Escape(string(e.NewState)) != string(e.NewState)) {
			t.Errorf("%s %s: %+v", name, payload, e)
		}
	})
}
