package push

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// disturb lets other clients stop, start, delete and create sandboxes of the fleet at
// random for six minutes, while passes read what is marked.
func (r *rig) disturb(seed uint64) {
	r.t.Helper()
	rng := rand.New(rand.NewPCG(seed, seed))
	var ids []string
	for i := range 10 {
		ids = append(ids, r.create(fmt.Sprint("first-", i), "mine"))
	}
	for i := range 60 {
		r.run(time.Duration(rng.IntN(12_000)) * time.Millisecond)
		at := rng.IntN(len(ids))
		s, err := r.api.Sandbox(r.t.Context(), ids[at])
		r.must(ids[at], err)
		switch {
		case rng.IntN(5) == 0:
			r.delete(ids[at])
			ids[at] = r.create(fmt.Sprint("next-", i), "mine")
		case s.State == "started":
			r.stop(ids[at])
		case s.State == "stopped":
			_, err := r.api.StartSandbox(r.t.Context(), ids[at])
			r.must(ids[at], err)
		}
	}
	r.run(time.Minute)
}

// wrong returns how the states that the passes know differ from the real ones.
func (r *rig) wrong() string {
	known, lists := maps.Clone(r.known), r.lists
	r.list()
	r.lists = lists
	defer func() { r.known = known }()
	return cmp.Diff(r.known, known)
}

// TestDisturbedEvents: as long as no event is lost, every change is found, in any order
// of the events, and without a list.
func TestDisturbedEvents(t *testing.T) {
	for name, faults := range map[string][]string{
		"double":               {"event-double rate=0.5"},
		"late":                 {"event-late 5s rate=0.5"},
		"all late":             {"event-late 20s"},
		"shuffled":             {"event-shuffle rate=0.5"},
		"double late shuffled": {"event-double rate=0.3", "event-late 3s rate=0.3", "event-shuffle rate=0.3"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := start(t, faults...)
				r.disturb(1)
				if diff := r.wrong(); diff != "" || r.lists != 1 {
					t.Errorf("%d lists: %s", r.lists, diff)
				}
			})
		})
	}
}

// TestLostEvents: what lost events hide is found by the list after the next connection;
// the others are found at once.
func TestLostEvents(t *testing.T) {
	for seed := range uint64(2) {
		synctest.Test(t, func(t *testing.T) {
			r := start(t, "event-loss rate=0.1", "event-double rate=0.1", "event-late 2s rate=0.1", "event-shuffle rate=0.1", fmt.Sprint("event-loss rate=0.1 seed=", seed))
			r.disturb(seed)
			r.network.Break()
			r.run(2 * time.Minute)
			if diff := r.wrong(); diff != "" || r.lists != 2 {
				t.Errorf("seed %d, %d lists: %s", seed, r.lists, diff)
			}
		})
	}
}

// TestBreakingConnections: nothing is lost in the gaps between connections.
func TestBreakingConnections(t *testing.T) {
	for seed := range uint64(2) {
		synctest.Test(t, func(t *testing.T) {
			r := start(t, fmt.Sprint("event-disconnect rate=0.1 seed=", seed))
			r.disturb(seed)
			r.run(2 * time.Minute)
			if diff := r.wrong(); diff != "" {
				t.Errorf("seed %d: %s", seed, diff)
			}
		})
	}
}
