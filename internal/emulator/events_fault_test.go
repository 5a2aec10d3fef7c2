package emulator

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"fleet/internal/emulator/fault"
	"fleet/internal/memnet"

	"github.com/coder/websocket"
)

// inMemory returns a server in a bubble, and the function that connects to its events.
func inMemory(t *testing.T, faults ...string) (*rig, func() *listener) {
	t.Helper()
	srv, err := New(Options{Faults: faults, Control: true})
	if err != nil {
		t.Fatal(err)
	}
	g := &rig{t: t, srv: srv, key: "k"}
	network := memnet.New(t, srv)
	t.Cleanup(func() { srv.Close() })
	return g, func() *listener {
		conn, _, err := websocket.Dial(t.Context(), "http://daytona.test/api/socket.io/?EIO=4&transport=websocket", &websocket.DialOptions{HTTPClient: &http.Client{Transport: network}})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { conn.CloseNow() })
		l := &listener{t, conn}
		l.next()
		l.send(`40{"token":"k"}`)
		l.next()
		return l
	}
}

// volumes returns the names of the volumes in the events of the next d whose names begin
// with a prefix, and "end" if the connection ended. It uses up the listener.
func (l *listener) volumes(d time.Duration, prefix string) string {
	ctx, cancel := context.WithTimeout(l.t.Context(), d)
	defer cancel()
	var list []string
	for {
		_, text, err := l.conn.Read(ctx)
		if err != nil {
			if ctx.Err() == nil {
				list = append(list, "end")
			}
			return strings.Join(list, " ")
		}
		if _, rest, found := strings.Cut(string(text), `"name":"`); found && strings.HasPrefix(string(text), `42["`+prefix) {
			name, _, _ := strings.Cut(rest, `"`)
			list = append(list, name)
		}
	}
}

// TestEventFaults: five volumes are created, a second after each other.
func TestEventFaults(t *testing.T) {
	for text, want := range map[string]struct {
		faults []string
		events string
	}{
		"none":               {nil, "1 2 3 4 5"},
		"loss":               {[]string{"event-loss"}, ""},
		"no loss":            {[]string{"event-loss rate=0", "event-late 1h rate=0"}, "1 2 3 4 5"},
		"double":             {[]string{"event-double rate=1"}, "1 1 2 2 3 3 4 4 5 5"},
		"late":               {[]string{"event-late 2500ms"}, "1 2 3 4 5"},
		"too late":           {[]string{"event-late 2m"}, ""},
		"double and lost":    {[]string{"event-double", "event-loss rate=1"}, ""},
		"disconnect":         {[]string{"event-disconnect"}, "1 end"},
		"shuffle everything": {[]string{"event-shuffle"}, "1 2 3 4 5"}, // each waits a second at most
	} {
		t.Run(text, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				g, connect := inMemory(t, want.faults...)
				l := connect()
				var writing sync.WaitGroup
				defer writing.Wait()
				writing.Go(func() {
					for i := range 5 {
						time.Sleep(time.Second)
						g.must("POST", "/volumes", obj("name", fmt.Sprint(i+1)))
					}
				})
				if got := l.volumes(20*time.Second, "volume.created"); got != want.events {
					t.Errorf("got %q, want %q", got, want.events)
				}
			})
		})
	}
}

// TestEventRates: at a rate, some events are concerned, the same ones with the same seed,
// and others with another one.
func TestEventRates(t *testing.T) {
	run := func(t *testing.T, faults ...string) (result string) {
		t.Helper()
		synctest.Test(t, func(t *testing.T) {
			g, connect := inMemory(t, faults...)
			l := connect()
			for i := range 40 {
				g.must("POST", "/volumes", obj("name", fmt.Sprint(i)))
			}
			result = l.volumes(20*time.Second, "volume.")
		})
		return result
	}
	plain := run(t)
	for _, kind := range []string{"loss", "double", "shuffle", "late 2s"} {
		t.Run(kind, func(t *testing.T) {
			line := "event-" + kind + " rate=0.2"
			first, again, other := run(t, line), run(t, line), run(t, line+" seed=7")
			if first == plain || first != again || first == other {
				t.Errorf("%q, again %q, with another seed %q", first, again, other)
			}
			more := cmp.Compare(len(strings.Fields(first)), len(strings.Fields(plain)))
			if want := map[string]int{"loss": -1, "double": 1}[kind]; more != want {
				t.Errorf("%q, without faults %q", first, plain)
			}
		})
	}
}

// TestEventsAreRefusedByFaults: a connection is refused in the protocol, or before it.
func TestEventsAreRefusedByFaults(t *testing.T) {
	g := newRig(t, Options{Faults: []string{"404 /socket.io message=gone", "503 rate=0"}})
	g.expect("GET", "/socket.io/?EIO=4&transport=websocket", nil, 404, "gone")
	g.must("GET", "/volumes", nil)
	g.control("POST", "organization", obj("events", obj("refuse", true)))
	if g.srv.Authenticates(`{"token":"k"}`) {
		t.Error("accepted")
	}
	for _, odd := range []map[string]any{obj("loss", 2), obj("late", "soon"), obj("shuffle", -1)} {
		if a := g.do("POST", "/_emulator/organization", obj("events", odd)); a.status != 400 {
			t.Errorf("%v: %d", odd, a.status)
		}
	}
	for _, text := range []string{"event-loss rate=2", "event-loss 3", "event-late", "event-late soon", "event-late -1s", "event-late 1s 2s", "event-refuse now", "event-double rate"} {
		if _, err := fault.Parse(text); err == nil {
			t.Errorf("%q is accepted", text)
		}
	}
}

// TestDesiredStateEvents: the deletion of a sandbox in an error state is announced by its
// desired state only.
func TestDesiredStateEvents(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g, connect := inMemory(t)
		id := g.sandbox(obj("name", "box"))
		g.must("GET", "/sandbox/"+id, nil)
		g.hold(id, "error")
		l := connect()
		g.must("DELETE", "/sandbox/"+id, nil)
		name, payload := l.event()
		if fields := payload.(map[string]any); name != "sandbox.desired-state.updated" || fields["newDesiredState"] != "destroyed" || fields["oldDesiredState"] != "started" {
			t.Errorf("got %s %v", name, payload)
		}
	})
}
