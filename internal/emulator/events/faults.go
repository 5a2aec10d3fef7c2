package events

import (
	"math/rand/v2"
	"slices"
	"time"

	"fleet/internal/emulator/world"
)

// shuffleWait is how long an event waits for a later one that overtakes it.
const shuffleWait = time.Second

// heldEvent is an event that is sent later.
type heldEvent struct {
	text     string
	due      world.Instant
	overtake bool // whether it is sent after the next event, if that is earlier
}

// draws decides which events a fault concerns. The zero value has not drawn yet.
type draws struct {
	rng  *rand.Rand
	seed uint64
}

// hits reports whether the next event of a rate is concerned.
func (d *draws) hits(seed uint64, rate float64) bool {
	if rate <= 0 {
		return false
	}
	if d.rng == nil || d.seed != seed {
		d.rng, d.seed = rand.New(rand.NewPCG(seed, seed)), seed
	}
	return d.rng.Float64() < rate
}

// disturb sends an event as the faults allow. The caller holds the lock.
func (h *Hub) disturb(now world.Instant, f world.EventFaults, text string) {
	hits := func(rate float64) bool { return h.draws.hits(f.Seed, rate) }
	if hits(f.Loss) {
		return
	}
	copies := 1
	if hits(f.Double) {
		copies = 2
	}
	for range copies {
		switch {
		case hits(f.RateOfLate()):
			h.held = append(h.held, heldEvent{text: text, due: now.Plus(f.Delay())})
		case hits(f.Shuffle):
			h.held = append(h.held, heldEvent{text: text, due: now.Plus(shuffleWait), overtake: true})
		default:
			h.send(text)
			h.release(func(e heldEvent) bool { return e.overtake })
		}
	}
	if hits(f.Disconnect) {
		for sub := range h.subscribers {
			h.drop(sub)
		}
	}
}

// release sends the held events that are ready, the earliest ones first. The caller
// holds the lock.
func (h *Hub) release(ready func(heldEvent) bool) {
	var rest []heldEvent
	slices.SortStableFunc(h.held, func(a, b heldEvent) int { return a.due.Compare(b.due.Time) })
	for _, e := range h.held {
		if ready(e) {
			h.send(e.text)
		} else {
			rest = append(rest, e)
		}
	}
	h.held = rest
}
