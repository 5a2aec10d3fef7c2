package organization_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"fleet/client"
	"fleet/internal/memnet"
	"fleet/operator/internal/organization"
)

// A caller is what became of a call.
type caller struct {
	took time.Duration
	err  error
}

// callAll calls a function for several fleets at the same time, and waits for all.
func callAll(fleets int, call func(i int) error) []caller {
	list := make([]caller, fleets)
	start := time.Now()
	var wg sync.WaitGroup
	for i := range fleets {
		wg.Go(func() {
			err := call(i)
			list[i] = caller{time.Since(start), err}
		})
	}
	wg.Wait()
	return list
}

// silent returns a registry with accesses to a server that answers nothing. keyOf returns the
// key of a fleet.
func silent(t *testing.T, o organization.Options, fleets int, keyOf func(i int) string) []*organization.Access {
	t.Helper()
	network := memnet.New(t, http.HandlerFunc(func(_ http.ResponseWriter, req *http.Request) { <-req.Context().Done() }))
	r := organization.NewRegistry(o)
	var list []*organization.Access
	for i := range fleets {
		m := &member{}
		a, err := r.Join(client.Config{URL: "http://localhost/api", Key: keyOf(i), Transport: network}, m)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { a.Leave(m) })
		list = append(list, a)
	}
	return list
}

func sameKey(int) string     { return "k" }
func ownKey(i int) string    { return fmt.Sprintf("k%d", i) }
func isBusy(err error) bool  { return errors.Is(err, organization.ErrBusy) }
func isOther(err error) bool { return err != nil && !isBusy(err) }

// count returns the number of callers with an error.
func count(list []caller, is func(error) bool) (n int) {
	for _, c := range list {
		if is(c.err) {
			n++
		}
	}
	return n
}

// longest returns the time of the slowest caller.
func longest(list []caller) (d time.Duration) {
	for _, c := range list {
		d = max(d, c.took)
	}
	return d
}

// total returns the time that all callers took together.
func total(list []caller) (d time.Duration) {
	for _, c := range list {
		d += c.took
	}
	return d
}

// TestSilentServer: of the fleets of a server that does not answer, one asks it, for half a
// minute at most. Urgent ones wait for that for a while, others do not wait, and all learn of
// the failure.
func TestSilentServer(t *testing.T) {
	const fleets = 20
	for _, test := range []struct {
		wait    bool
		longest time.Duration // of one caller
		total   time.Duration // of all callers
	}{{false, 30 * time.Second, 30 * time.Second}, {true, 30 * time.Second, 30*time.Second + (fleets-1)*15*time.Second}} {
		synctest.Test(t, func(t *testing.T) {
			all := silent(t, organization.Options{}, fleets, sameKey)
			call := func(i int) error { _, err := all[i].Listing(t.Context(), time.Hour, test.wait); return err }
			list := callAll(fleets, call)
			if longest(list) > test.longest || total(list) > test.total || count(list, isOther) != 1 || count(list, isBusy) != fleets-1 {
				t.Errorf("urgent %v: callers took %s, together %s: %+v", test.wait, longest(list), total(list), list)
			}
			list = callAll(fleets, call)
			for _, c := range list {
				if c.err == nil || isBusy(c.err) || !strings.Contains(c.err.Error(), "no answer from http://localhost/api within 30s; check spec.server.url") {
					t.Errorf("urgent %v: a later caller gets %v", test.wait, c.err)
				}
			}
			if longest(list) > test.longest {
				t.Errorf("urgent %v: later callers took %s", test.wait, longest(list))
			}
		})
	}
}

// TestPlaces: fleets with many keys of a server that does not answer occupy no more callers
// than the server has places, and those of another server none.
func TestPlaces(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const fleets, places = 20, 4
		all := silent(t, organization.Options{Places: places}, fleets, ownKey)
		list := callAll(fleets, func(i int) error { _, err := all[i].ID(t.Context(), false); return err })
		if count(list, isBusy) != fleets-places || total(list) > places*30*time.Second {
			t.Errorf("callers took %s together: %+v", total(list), list)
		}
		list = callAll(fleets, func(i int) error { _, err := all[i].ID(t.Context(), true); return err })
		if total(list) > places*30*time.Second+(fleets-places)*15*time.Second {
			t.Errorf("urgent callers took %s together: %+v", total(list), list)
		}
		list = callAll(places, func(i int) error { _, err := all[i].ID(t.Context(), false); return err }) // the places are free again
		if count(list, isBusy) != 0 {
			t.Errorf("later callers: %+v", list)
		}
	})
}

// TestPlacesOfListings: listings take places, too.
func TestPlacesOfListings(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		b.registry = organization.NewRegistry(organization.Options{Places: 1})
		first, _ := b.join("key-1")
		b.list(first)
		second, _ := b.join("key-2")
		time.Sleep(time.Minute)
		release := b.hold()
		var wg sync.WaitGroup
		wg.Go(func() { _, _ = first.Listing(t.Context(), 0, true) })
		synctest.Wait()
		if _, err := second.ID(t.Context(), false); !isBusy(err) {
			t.Errorf("the error is %v", err)
		}
		release()
		wg.Wait()
		if _, err := second.ID(t.Context(), false); err != nil {
			t.Error(err)
		}
	})
}

// TestGivenUpCaller: that one caller is given up while it asks is no failure for others.
func TestGivenUpCaller(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		a, _ := b.join("key-1")
		if _, err := a.ID(t.Context(), true); err != nil {
			t.Fatal(err)
		}
		release := b.hold()
		ctx, cancel := context.WithCancel(t.Context())
		var wg sync.WaitGroup
		wg.Go(func() {
			if _, err := a.Listing(ctx, time.Hour, true); !errors.Is(err, context.Canceled) {
				t.Errorf("the caller that is given up gets %v", err)
			}
		})
		synctest.Wait()
		wg.Go(func() { b.list(a) })
		synctest.Wait()
		cancel()
		synctest.Wait()
		release()
		wg.Wait()
	})
}

// TestNowIsShared: callers that need a listing that is newer than their call share one.
func TestNowIsShared(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		b.network = memnet.New(t, http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
			if strings.HasPrefix(req.URL.Path, "/api/sandbox") {
				time.Sleep(time.Second) // a listing takes some time
			}
			b.server.ServeHTTP(w, req)
		}))
		a, _ := b.join("key-1")
		b.list(a)
		time.Sleep(time.Minute)
		before := b.count("/sandbox/paginated")
		for _, c := range callAll(20, func(int) error {
			called := time.Now()
			l, err := a.Listing(t.Context(), 0, true)
			if l.Begun.Before(called) {
				t.Errorf("a caller of %s gets a listing of %s", called, l.Begun)
			}
			return err
		}) {
			if c.err != nil {
				t.Error(c.err)
			}
		}
		if n := b.count("/sandbox/paginated") - before; n > 2 {
			t.Errorf("%d lists for 20 callers at the same time", n)
		}
	})
}

// TestAcceptedAgain: after a key was refused and accepted again, no caller gets the old error.
func TestAcceptedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		var gate chan struct{} // holds questions about keys
		b.network = memnet.New(t, http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
			if gate != nil && strings.HasPrefix(req.URL.Path, "/api/api-keys") {
				<-gate
			}
			b.server.ServeHTTP(w, req)
		}))
		first, _ := b.join("key-1")
		second, _ := b.join("key-2")
		b.list(first)
		b.list(second)
		revoke := func(revoked bool) {
			b.send("POST", "/_emulator/keys", fmt.Sprintf(`{"key": "key-2", "revoked": %v}`, revoked))
		}
		revoke(true)
		time.Sleep(2 * time.Hour)
		b.list(first)
		if _, err := second.Listing(t.Context(), time.Hour, true); client.ErrorClassOf(err) != client.Unauthorized {
			t.Fatalf("the error is %v", err)
		}
		revoke(false)
		time.Sleep(2 * time.Hour)
		b.list(second)
		time.Sleep(2 * time.Hour)
		b.list(first)
		gate = make(chan struct{})
		var wg sync.WaitGroup
		wg.Go(func() { b.list(second) })
		synctest.Wait()
		if _, err := second.Listing(t.Context(), time.Hour, false); !isBusy(err) {
			t.Errorf("the error is %v", err)
		}
		close(gate)
		wg.Wait()
	})
}
