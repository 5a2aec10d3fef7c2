package schedule

import (
	"time"

	"fleet/plan"
)

// A limiter bounds how many operations of a class are in flight. Unless it is
// fixed, it adapts to the server (AIMD): from where it starts, the limit doubles
// with each round until the server is overloaded for the first time, then grows
// by one with each round, and shrinks by a third when the server refuses requests
// or becomes slow.
type limiter struct {
	limit       float64
	maxLimit    int
	fixed       bool
	start       func() (n int, known bool) // where the limit starts; nil once it is known, or never will be
	inFlight    int
	used        bool // an operation has ended
	slowStart   bool
	saturatedAt time.Time // when the limit was last reached
	reducedAt   time.Time // samples of operations that started before do not count
	latencies   map[plan.Verb]*latency
}

const (
	// initialLimit is where a limit starts while nothing is known about the server: it
	// uses up the smallest rate limit on creations (300 a minute) if each creation takes
	// two seconds. Latency alone never reduces a limit below it.
	initialLimit   = 10
	decreaseFactor = 2.0 / 3
)

func newLimiter(maxLimit int, fixed bool) *limiter {
	l := &limiter{limit: initialLimit, maxLimit: maxLimit, fixed: fixed, slowStart: true, latencies: map[plan.Verb]*latency{}}
	if fixed || maxLimit < initialLimit {
		l.limit = float64(maxLimit)
	}
	return l
}

// startAt lets the limit start at the number that start returns, as soon as that is
// known.
func (l *limiter) startAt(start func() (n int, known bool)) {
	l.start = start
	l.learnStart()
}

func (l *limiter) learnStart() {
	if l.fixed || l.start == nil {
		return
	}
	n, known := l.start()
	if !known {
		return
	}
	l.start = nil
	if l.slowStart { // otherwise the server has shown that it is overloaded
		l.limit = float64(max(min(n, l.maxLimit), 1))
	}
}

// reached returns the limit that operations have shown to be right; 0 if none have.
func (l *limiter) reached() int {
	if l.fixed || !l.used || l.start != nil {
		return 0
	}
	return int(l.limit)
}

// available reports whether one more operation may start.
func (l *limiter) available() bool { return l.inFlight < int(l.limit) }

// acquire counts one more operation in flight.
func (l *limiter) acquire(now time.Time) {
	if l.inFlight++; !l.available() {
		l.saturatedAt = now
	}
}

// A Sample is how the server took one operation.
type Sample struct {
	Verb    plan.Verb
	Start   time.Time
	Latency time.Duration // without the time that requests waited to be sent
	Refused bool          // the server turned a request away, or was unavailable
}

// release counts one operation less in flight, and adapts the limit to its sample.
func (l *limiter) release(now time.Time, s Sample) {
	l.inFlight--
	if l.fixed {
		return
	}
	l.used = true
	l.learnStart()
	slow := l.latency(s.Verb).observe(s.Latency)
	switch {
	case s.Refused:
		l.reduce(now, s.Start, 1)
	case slow && l.limit > initialLimit:
		l.reduce(now, s.Start, initialLimit)
	case l.saturatedAt.Before(s.Start): // a limit that was not reached was not tested
	case l.slowStart:
		l.limit = min(l.limit+1, float64(l.maxLimit))
	default:
		l.limit = min(l.limit+1/l.limit, float64(l.maxLimit))
	}
}

// reduce lowers the limit, once for all operations that started under the same one.
func (l *limiter) reduce(now, start time.Time, floor int) {
	if start.Before(l.reducedAt) {
		return
	}
	l.reducedAt, l.slowStart = now, false
	l.limit = max(l.limit*decreaseFactor, float64(min(floor, l.maxLimit, int(l.limit))))
}

func (l *limiter) latency(v plan.Verb) *latency {
	if l.latencies[v] == nil {
		l.latencies[v] = &latency{}
	}
	return l.latencies[v]
}

// A latency is how long operations of one verb take.
type latency struct {
	lowest, mean time.Duration
}

// Latencies vary with the size of the sandbox. These factors are well above that.
const (
	slowFactor = 4
	slowMargin = 500 * time.Millisecond
	smoothing  = 8
)

// observe adds one measurement, and reports whether operations now take much
// longer than at first.
func (l *latency) observe(d time.Duration) bool {
	if l.lowest == 0 {
		l.lowest, l.mean = d, d
	}
	l.lowest = min(l.lowest, d)
	l.mean += (d - l.mean) / smoothing
	return l.mean > slowFactor*l.lowest+slowMargin
}
