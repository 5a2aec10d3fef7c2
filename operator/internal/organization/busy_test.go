package organization_test

import (
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"fleet/operator/internal/organization"
)

// TestBusy: while one caller lists, those that do not wait get ErrBusy, those that the last
// listing is good enough for get that, and the others wait for the new one.
func TestBusy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		a, _ := b.join("key-1")
		former := b.list(a).World
		time.Sleep(time.Minute)
		release := b.hold()
		var wg sync.WaitGroup
		list := func(maxAge time.Duration, wait, isNew bool, want error) {
			l, err := a.Listing(t.Context(), maxAge, wait)
			if !errors.Is(err, want) || err == nil && (l.World != former) != isNew {
				t.Errorf("listing %+v, %v; want error %v, a new one: %v", l, err, want, isNew)
			}
		}
		wg.Go(func() { list(time.Second, true, true, nil) })
		synctest.Wait()
		list(time.Second, false, false, organization.ErrBusy)
		list(time.Hour, false, false, nil)
		wg.Go(func() { list(time.Second, true, true, nil) })
		synctest.Wait()
		release()
		wg.Wait()
		if n := b.count("/sandbox/paginated"); n != 2 {
			t.Errorf("%d lists", n)
		}
	})
}

// TestFailureIsShared: callers that wait for a listing that fails get its error, instead of
// trying one after the other.
func TestFailureIsShared(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		a, _ := b.join("key-1")
		if _, err := a.ID(t.Context(), true); err != nil {
			t.Fatal(err)
		}
		b.send("POST", "/_emulator/faults", `{"kind": "status", "status": 400, "path": "/sandbox"}`)
		release := b.hold()
		var wg sync.WaitGroup
		for range 10 {
			wg.Go(func() {
				if _, err := a.Listing(t.Context(), time.Hour, true); err == nil {
					t.Error("the listing succeeds")
				}
			})
		}
		synctest.Wait()
		release()
		wg.Wait()
		if n := b.count("/sandbox/paginated"); n != 1 {
			t.Errorf("%d attempts", n)
		}
		b.send("DELETE", "/_emulator/faults", "")
		b.list(a)
	})
}

// TestBusyAfterFailure: while one caller tries again, those that do not wait get the error of
// the last attempt with their key, and those with another key get ErrBusy.
func TestBusyAfterFailure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		first, _ := b.join("key-1")
		second, _ := b.join("key-2")
		for _, a := range []*organization.Access{first, second} {
			if _, err := a.ID(t.Context(), true); err != nil {
				t.Fatal(err)
			}
		}
		b.send("POST", "/_emulator/faults", `{"kind": "status", "status": 400, "path": "/sandbox"}`)
		_, failure := first.Listing(t.Context(), time.Hour, true)
		release := b.hold()
		var wg sync.WaitGroup
		wg.Go(func() { _, _ = first.Listing(t.Context(), time.Hour, true) })
		synctest.Wait()
		for range 10 {
			if _, err := first.Listing(t.Context(), time.Hour, false); err == nil || !errors.Is(err, failure) {
				t.Errorf("the error with the same key is %v", err)
			}
			if _, err := second.Listing(t.Context(), time.Hour, false); !errors.Is(err, organization.ErrBusy) {
				t.Errorf("the error with another key is %v", err)
			}
		}
		release()
		wg.Wait()
		if n := b.count("/sandbox/paginated"); n != 2 {
			t.Errorf("%d attempts", n)
		}
	})
}

// TestLostConnection: fleets that are woken up because events may be lost share one listing.
func TestLostConnection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		var all []*organization.Access
		var members []*member
		for range 20 {
			a, m := b.join("key-1")
			all, members = append(all, a), append(members, m)
		}
		b.list(all[0])
		for _, m := range members {
			if _, lost := m.count(); lost != 0 {
				t.Fatal("the first connection lost events")
			}
		}
		b.network.Break()
		time.Sleep(time.Minute)
		before := b.count("/sandbox/paginated")
		var wg sync.WaitGroup
		for i, a := range all {
			if _, lost := members[i].count(); lost == 0 {
				t.Error("a fleet was not woken up")
			}
			wg.Go(func() { b.list(a) })
		}
		wg.Wait()
		if n := b.count("/sandbox/paginated") - before; n != 1 {
			t.Errorf("%d lists", n)
		}
	})
}
