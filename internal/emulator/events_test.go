package emulator

import (
	"context"
	"encoding/json"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"fleet/internal/emulator/world"

	"github.com/coder/websocket"
	"go.uber.org/goleak"
)

// listener is a client of the events.
type listener struct {
	t    *testing.T
	conn *websocket.Conn
}

func listen(t *testing.T, url, token string) *listener {
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	t.Cleanup(cancel)
	conn, resp, err := websocket.Dial(ctx, url+"/api/socket.io/?EIO=4&transport=websocket", nil)
	if err != nil {
		t.Fatal(err)
	}
	if resp.Body != nil {
		resp.Body.Close()
	}
	l := &listener{t, conn}
	if open := l.next(); !strings.HasPrefix(open, `0{"sid":"`) || !strings.Contains(open, `"pingInterval":25000`) {
		t.Errorf("open: %s", open)
	}
	l.send(`40{"token":"` + token + `"}`)
	return l
}

func (l *listener) send(text string) {
	l.t.Helper()
	if err := l.conn.Write(l.t.Context(), websocket.MessageText, []byte(text)); err != nil {
		l.t.Fatal(err)
	}
}

// next returns the next message, or the reason why there is none.
func (l *listener) next() string {
	l.t.Helper()
	ctx, cancel := context.WithTimeout(l.t.Context(), 30*time.Second)
	defer cancel()
	_, text, err := l.conn.Read(ctx)
	if err != nil {
		return err.Error()
	}
	return string(text)
}

// event returns the name of the next event and its payload.
func (l *listener) event() (string, any) {
	l.t.Helper()
	text := l.next()
	var event []any
	if err := json.Unmarshal([]byte(strings.TrimPrefix(text, "42")), &event); err != nil || len(event) != 2 {
		l.t.Fatalf("no event: %s", text)
	}
	return event[0].(string), event[1]
}

func newEventServer(t *testing.T, opts Options) (*rig, string) {
	leaks := goleak.IgnoreCurrent()
	g := &rig{t: t, key: "k"}
	srv, err := New(opts)
	if err != nil {
		t.Fatal(err)
	}
	g.srv = srv
	web := httptest.NewServer(srv)
	t.Cleanup(func() {
		srv.Close()
		web.Close()
		goleak.VerifyNone(t, leaks)
	})
	return g, web.URL
}

func TestEvents(t *testing.T) {
	g, url := newEventServer(t, Options{Key: "k", Delays: world.Delays{Stop: time.Millisecond, Delete: time.Millisecond}})
	l := listen(t, url, "k")
	if hello := l.next(); !strings.HasPrefix(hello, `40{"sid":"`) {
		t.Fatalf("connect: %s", hello)
	}
	id := g.sandbox(obj("name", "box"))
	g.must("POST", "/sandbox/box/stop", nil)
	// No client sends a request from here on: the events arrive without one.
	g.must("DELETE", "/volumes/"+g.must("POST", "/volumes", obj("name", "v")).text("id"), nil)
	seen := map[string]int{}
	for seen["volume deleted"] == 0 || seen["sandbox stopped"] == 0 {
		name, payload := l.event()
		fields := payload.(map[string]any)
		switch name {
		case "sandbox.created":
			if fields["id"] != id || fields["state"] != "creating" {
				t.Errorf("%s: %v", name, fields)
			}
		case "sandbox.state.updated", "volume.state.updated":
			kind := strings.TrimSuffix(name, ".state.updated")
			record := fields[kind].(map[string]any)
			if record["state"] != fields["newState"] || fields["oldState"] == fields["newState"] {
				t.Errorf("%s: %v", name, fields)
			}
			seen[kind+" "+fields["newState"].(string)]++
			continue
		}
		seen[name]++
	}
	for _, want := range []string{"sandbox.created", "sandbox started", "sandbox stopping", "volume.created", "volume creating", "volume ready", "volume pending_delete", "volume deleting"} {
		if seen[want] != 1 {
			t.Errorf("%s came %d times: %v", want, seen[want], seen)
		}
	}
	snap := g.must("POST", "/snapshots", obj("name", "s", "imageName", "a:1")).text("id")
	g.must("GET", "/snapshots/"+snap, nil)
	g.must("DELETE", "/snapshots/"+snap, nil)
	for {
		if name, payload := l.event(); name == "snapshot.removed" {
			if payload != snap {
				t.Errorf("%s: %v", name, payload)
			}
			break
		}
	}
	l.send("41")
	if end := l.next(); strings.HasPrefix(end, "4") {
		t.Errorf("after the disconnect: %s", end)
	}
}

func TestEventsAreRefused(t *testing.T) {
	g, url := newEventServer(t, Options{Key: "k"})
	l := listen(t, url, "wrong")
	if text := l.next(); text != `44{"message":"Unauthorized"}` {
		t.Errorf("got %s", text)
	}
	l.send("40/admin,{}")
	if text := l.next(); text != `44/admin,{"message":"Invalid namespace"}` {
		t.Errorf("got %s", text)
	}
	l.send(`40{"token":"k"}`)
	if text := l.next(); !strings.HasPrefix(text, "40{") {
		t.Errorf("got %s", text)
	}
	if a := g.api("GET", "/socket.io/?EIO=4&transport=polling", nil); a.status != 400 || a.text("message") != "Transport unknown" {
		t.Errorf("polling: %d %s", a.status, a.raw)
	}
	// The connection is open; the server closes it.
}
