package apply

import (
	"time"

	"fleet/plan"
)

// A budget is how many operations of a sort may be under way at once. Unless it
// is fixed, it finds out how many the server bears: it doubles until something
// is too much for the first time, then grows by one with each round of answers,
// and shrinks by a third when the server turns requests away, or takes much
// longer for them than it did.
type limiter struct {
	limit       float64
	maxLimit    int
	fixed       bool
	inFlight    int
	slowStart   bool
	saturatedAt time.Time // when it was last used up
	reducedAt   time.Time // what was begun before says nothing about the limit since
	latencies   map[plan.Verb]*latency
}

const (
	// initialLimit fills the smallest limit on creations (300 a minute) at the two
	// seconds that a creation takes. No latency makes a budget smaller.
	initialLimit   = 10
	decreaseFactor = 2.0 / 3
)

func newLimiter(most int, fixed bool) *limiter {
	b := &limiter{limit: initialLimit, maxLimit: most, fixed: fixed, slowStart: true, latencies: map[plan.Verb]*latency{}}
	if fixed || most < initialLimit {
		b.limit = float64(most)
	}
	return b
}

// available reports whether one more operation may begin.
func (b *limiter) available() bool { return b.inFlight < int(b.limit) }

// acquire begins one more operation.
func (b *limiter) acquire(now time.Time) {
	if b.inFlight++; !b.available() {
		b.saturatedAt = now
	}
}

// An answer is what a budget learns from.
type sample struct {
	verb    plan.Verb
	start   time.Time
	latency time.Duration // without the time that requests waited to be sent
	refused bool          // the server turned a request away, or was not able to answer
}

// release takes back an operation, and learns from how it went.
func (b *limiter) release(a sample) {
	b.inFlight--
	if b.fixed {
		return
	}
	slow := b.latency(a.verb).observe(a.latency)
	switch {
	case a.refused:
		b.reduce(a.start, 1)
	case slow && b.limit > initialLimit:
		b.reduce(a.start, initialLimit)
	case b.saturatedAt.Before(a.start): // what was not used up says nothing
	case b.slowStart:
		b.limit = min(b.limit+1, float64(b.maxLimit))
	default:
		b.limit = min(b.limit+1/b.limit, float64(b.maxLimit))
	}
}

// reduce shrinks the budget, once for all that was begun under the same limit.
func (b *limiter) reduce(start time.Time, floor int) {
	if start.Before(b.reducedAt) {
		return
	}
	b.reducedAt, b.slowStart = time.Now(), false
	b.limit = max(b.limit*decreaseFactor, float64(min(floor, b.maxLimit, int(b.limit))))
}

func (b *limiter) latency(v plan.Verb) *latency {
	if b.latencies[v] == nil {
		b.latencies[v] = &latency{}
	}
	return b.latencies[v]
}

// A latency is how long operations of one verb take.
type latency struct {
	lowest, mean time.Duration
}

// Times differ by what is created or stopped; what counts as slow is well above
// that.
const (
	slowFactor = 4
	slowMargin = 500 * time.Millisecond
	smoothing  = 8
)

// observe takes in one more, and reports whether they take much longer than they
// did.
func (l *latency) observe(d time.Duration) bool {
	if l.lowest == 0 {
		l.lowest, l.mean = d, d
	}
	l.lowest = min(l.lowest, d)
	l.mean += (d - l.mean) / smoothing
	return l.mean > slowFactor*l.lowest+slowMargin
}
