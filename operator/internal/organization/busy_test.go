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
		if _, err := a.ID(t.Context()); err != nil {
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
