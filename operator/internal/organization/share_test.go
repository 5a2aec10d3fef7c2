package organization_test

import (
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"fleet/client"
	"fleet/internal/emulator"
	"fleet/internal/memnet"
	"fleet/operator/internal/organization"
)

// A member counts what it is called with.
type member struct {
	mu           sync.Mutex
	events, lost int
}

func (m *member) Event(client.Event) { m.mu.Lock(); m.events++; m.mu.Unlock() }
func (m *member) Lost()              { m.mu.Lock(); m.lost++; m.mu.Unlock() }

func (m *member) count() (events, lost int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.events, m.lost
}

// A bench is a Daytona, and a registry of its organisations, in a bubble.
type bench struct {
	t        *testing.T
	server   *emulator.Server
	network  *memnet.Network
	registry *organization.Registry
	feeds    atomic.Int32 // connections for events so far

	mu   sync.Mutex
	gate chan struct{} // holds lists of sandboxes until it is closed; nil holds none
}

func newBench(t *testing.T) *bench {
	t.Helper()
	s, err := emulator.New(emulator.Options{Control: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	b := &bench{t: t, server: s, registry: organization.NewRegistry(organization.Options{})}
	b.network = memnet.New(t, http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		if strings.Contains(req.URL.Path, "socket.io") {
			b.feeds.Add(1)
		}
		if gate := b.closed(); gate != nil && strings.HasPrefix(req.URL.Path, "/api/sandbox") {
			select {
			case <-gate:
			case <-req.Context().Done():
			}
		}
		s.ServeHTTP(w, req)
	}))
	return b
}

func (b *bench) closed() chan struct{} {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.gate
}

// hold holds lists of sandboxes until the function is called that it returns.
func (b *bench) hold() (release func()) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.gate = make(chan struct{})
	return func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		close(b.gate)
		b.gate = nil
	}
}

// join adds a member with a key.
func (b *bench) join(key string) (*organization.Access, *member) {
	b.t.Helper()
	m := &member{}
	return b.joinAs(key, m), m
}

// joinAs adds a member with a key, which may be one more.
func (b *bench) joinAs(key string, m *member) *organization.Access {
	b.t.Helper()
	a, err := b.registry.Join(client.Config{URL: "http://localhost/api", Key: key, Transport: b.network}, m)
	if err != nil {
		b.t.Fatal(err)
	}
	b.t.Cleanup(func() { a.Leave(m) }) // it may leave earlier
	return a
}

// send sends a request as another client.
func (b *bench) send(method, path, body string) []byte {
	req := httptest.NewRequest(method, path, strings.NewReader(body))
	req.Header.Set("Authorization", "Bearer other")
	req.Header.Set("Content-Type", "application/json")
	rec := httptest.NewRecorder()
	b.server.ServeHTTP(rec, req)
	return rec.Body.Bytes()
}

// count returns the requests so far to a path.
func (b *bench) count(path string) (n int) {
	b.t.Helper()
	var list []struct{ Path string }
	if err := json.Unmarshal(b.send("GET", "/_emulator/log", ""), &list); err != nil {
		b.t.Fatal(err)
	}
	for _, r := range list {
		if strings.HasPrefix(r.Path, path) {
			n++
		}
	}
	return n
}

// list lists with an access.
func (b *bench) list(a *organization.Access) organization.Listing {
	b.t.Helper()
	l, err := a.Listing(b.t.Context(), time.Hour, true)
	if err != nil {
		b.t.Fatal(err)
	}
	return l
}

// TestKeysShare: two keys of an organisation share its listing, its events and its limits.
func TestKeysShare(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		first, one := b.join("key-1")
		second, two := b.join("key-2")
		var wg sync.WaitGroup
		for range 10 {
			for _, a := range []*organization.Access{first, second} {
				wg.Go(func() { b.list(a) })
			}
		}
		wg.Wait()
		if b.list(first).World != b.list(second).World {
			t.Error("there are two listings")
		}
		if lists, feeds, keys := b.count("/sandbox/paginated"), b.feeds.Load(), b.count("/api-keys/current"); lists != 1 || feeds != 1 || keys > 3 {
			t.Errorf("%d lists, %d connections, %d questions about keys", lists, feeds, keys)
		}
		// Only one of the keys made the listing.
		if n, m := first.Client().NotedLimits(), second.Client().NotedLimits(); first.Client() == second.Client() || len(n) < 2 || !maps.Equal(n, m) {
			t.Errorf("limits %v and %v", n, m)
		}
		b.send("POST", "/api/sandbox", `{"name": "x"}`)
		synctest.Wait()
		if n, _ := one.count(); n == 0 {
			t.Error("the first key gets no events")
		}
		if n, _ := two.count(); n == 0 {
			t.Error("the second key gets no events")
		}
	})
}

// TestRefusedKey: a listing of another key does not hide that a key is refused.
func TestRefusedKey(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		first, _ := b.join("key-1")
		second, _ := b.join("key-2")
		b.list(first)
		b.list(second)
		b.send("POST", "/_emulator/keys", `{"key": "key-2", "revoked": true}`)
		time.Sleep(2 * time.Hour)
		b.list(first)
		if _, err := second.Listing(t.Context(), time.Hour, true); client.ErrorClassOf(err) != client.Unauthorized {
			t.Errorf("the error is %v", err)
		}
		b.list(first)
	})
}

// TestKeyLeaves: the events of an organisation continue with another key when the one that
// they are received with is given up, and everything is listed again.
func TestKeyLeaves(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		first, one := b.join("key-1")
		b.list(first)
		second, two := b.join("key-2")
		b.list(second)
		first.Leave(one)
		synctest.Wait()
		if second.Connected() {
			t.Fatal("the connection has a key that is given up")
		}
		time.Sleep(time.Minute)
		if _, lost := two.count(); !second.Connected() || lost == 0 {
			t.Errorf("connected %v, events lost %d", second.Connected(), lost)
		}
		b.list(second)
		b.send("POST", "/api/sandbox", `{"name": "x"}`)
		synctest.Wait()
		if n, _ := two.count(); n == 0 || b.feeds.Load() != 2 {
			t.Errorf("%d events on %d connections", n, b.feeds.Load())
		}
	})
}

// TestLastLeaves: an organisation without members ends, and a later one starts afresh.
func TestLastLeaves(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		first, one := b.join("key-1")
		before := b.list(first).World
		first.Leave(one)
		again, _ := b.join("key-1")
		if b.list(again).World == before {
			t.Error("the listing is that of the former organisation")
		}
	})
}

// TestRotatedKey: fleets that change to a new key of the organisation one after the other
// still get its events.
func TestRotatedKey(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		old, one := b.join("key-1")
		two := &member{}
		b.joinAs("key-1", two)
		b.list(old)
		for _, m := range []*member{one, two} {
			a := b.joinAs("key-2", m)
			old.Leave(m)
			b.list(a)
		}
		time.Sleep(time.Minute)
		before, _ := two.count()
		b.send("POST", "/api/sandbox", `{"name": "x"}`)
		synctest.Wait()
		if after, _ := two.count(); after == before {
			t.Error("no event")
		}
		first, _ := one.count()
		if first == 0 {
			t.Error("no event for the first fleet")
		}
	})
}
