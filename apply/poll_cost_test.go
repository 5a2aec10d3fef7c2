package apply_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"fleet/internal/emulator"
	"fleet/plan"
)

// specOf returns a spec with n objects of a kind.
func specOf(kind string, n int) string {
	var b strings.Builder
	b.WriteString("version: 1\nname: cost\nowns: {volumes: ['w-*'], snapshots: ['w-*']}\n")
	switch {
	case kind == "sandboxes":
		fmt.Fprintf(&b, "sandboxes: {w: {count: %d, snapshot: daytona-small}}\n", n)
	case n > 0:
		b.WriteString(kind + ":\n")
	}
	for i := range n {
		switch kind {
		case "volumes":
			fmt.Fprintf(&b, "  w-%d: {}\n", i)
		case "snapshots":
			fmt.Fprintf(&b, "  w-%d: {image: 'debian:12'}\n", i)
		}
	}
	return b.String()
}

// requestsToDelete returns how many requests a run sends to delete the last n of the
// objects of a kind, if each takes three seconds to go.
func requestsToDelete(t *testing.T, kind string, exist, n int) (requests int) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		const slow = 3 * time.Second
		d := newDaytona(t, emulator.Options{
			Latency: 5 * time.Millisecond, Delays: emulator.Delays{Delete: slow, VolumeDelete: slow, SnapshotRemove: slow},
		})
		defer d.close()
		d.settled(specOf(kind, exist))
		p := d.plan(parse(t, specOf(kind, exist-n)), plan.Options{AllowDestroy: exist})
		d.log()
		r := d.run(p)
		if !r.OK() || p.Counts().Destroy != n {
			t.Fatal(outcome(r), p.Counts())
		}
		if r.Duration > 2*slow {
			t.Errorf("it took %s", r.Duration)
		}
		all, _ := d.log()
		requests = len(all)
	})
	return requests
}

// TestPollsOfFewObjects checks that it takes hardly more than a read and a deletion for
// each object to delete some: one list shows all that are waited for.
func TestPollsOfFewObjects(t *testing.T) {
	const polls = 12                                                                       // of a wait for three seconds
	for kind, each := range map[string]int{"sandboxes": 2, "volumes": 2, "snapshots": 3} { // a snapshot's users are looked up
		last := 0
		for _, n := range []int{1, 2, 5, 20, 21} {
			requests := requestsToDelete(t, kind, n+1, n)
			t.Logf("%d of %d %s: %d requests", n, n+1, kind, requests)
			if requests > each*n+polls {
				t.Errorf("%d %s: %d requests, want at most %d", n, kind, requests, each*n+polls)
			}
			if requests < last {
				t.Errorf("%d %s take %d requests, and fewer take %d", n, kind, requests, last)
			}
			last = requests
		}
	}
}

// TestPollsInLargeFleet checks that a few objects are read one by one if the list that
// has them takes several pages.
func TestPollsInLargeFleet(t *testing.T) {
	const exist, n, polls = 1001, 3, 12
	if requests := requestsToDelete(t, "sandboxes", exist, n); requests > 2*n+polls*n {
		t.Errorf("%d of %d: %d requests, want at most %d", n, exist, requests, 2*n+polls*n)
	}
}
