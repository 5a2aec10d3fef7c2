package apply

import (
	"time"

	"fleet/plan"
)

// A load is a sort of requests with a budget of its own: one that the server
// takes badly does not slow down the others.
type load int

const (
	creations load = iota
	builds
	lifecycle // of sandboxes: starts, stops, deletions
	changes   // all else that writes, with the reads that go before
	checks    // commands and probes, which the API does not see
	loads
)

// loadOf is the load of an operation of a step.
func loadOf(s *plan.Step, verb plan.Verb) load {
	switch verb {
	case plan.DoCreate:
		if s.Want.Builds() {
			return builds
		}
		return creations
	case plan.DoDelete, plan.DoStart, plan.DoStop, plan.DoPause, plan.DoArchive, plan.DoRecover:
		return lifecycle
	case plan.DoReady, plan.DoHook:
		return checks
	}
	return changes
}

// A budget is how many operations of a sort may be under way at once. Unless it
// is fixed, it finds out how many the server bears: it doubles until something
// is too much for the first time, then grows by one with each round of answers,
// and shrinks by a third when the server turns requests away, or takes much
// longer for them than it did.
type budget struct {
	limit  float64
	most   int
	fixed  bool
	busy   int
	rising bool
	full   time.Time // when it was last used up
	cut    time.Time // what was begun before says nothing about the limit since
	usual  map[plan.Verb]*latency
}

const (
	// firstLimit fills the smallest limit on creations (300 a minute) at the two
	// seconds that a creation takes. No latency makes a budget smaller.
	firstLimit = 10
	shrink     = 2.0 / 3
)

func newBudget(most int, fixed bool) *budget {
	b := &budget{limit: firstLimit, most: most, fixed: fixed, rising: true, usual: map[plan.Verb]*latency{}}
	if fixed || most < firstLimit {
		b.limit = float64(most)
	}
	return b
}

// free reports whether one more operation may begin.
func (b *budget) free() bool { return b.busy < int(b.limit) }

// take begins one more operation.
func (b *budget) take(now time.Time) {
	if b.busy++; !b.free() {
		b.full = now
	}
}

// An answer is what a budget learns from.
type answer struct {
	verb    plan.Verb
	began   time.Time
	took    time.Duration // without the time that requests waited to be sent
	refused bool          // the server turned a request away, or was not able to answer
}

// done takes back an operation, and learns from how it went.
func (b *budget) done(a answer) {
	b.busy--
	if b.fixed {
		return
	}
	slow := b.latency(a.verb).add(a.took)
	switch {
	case a.refused:
		b.less(a.began, 1)
	case slow && b.limit > firstLimit:
		b.less(a.began, firstLimit)
	case b.full.Before(a.began): // what was not used up says nothing
	case b.rising:
		b.limit = min(b.limit+1, float64(b.most))
	default:
		b.limit = min(b.limit+1/b.limit, float64(b.most))
	}
}

// less shrinks the budget, once for all that was begun under the same limit.
func (b *budget) less(began time.Time, least int) {
	if began.Before(b.cut) {
		return
	}
	b.cut, b.rising = time.Now(), false
	b.limit = max(b.limit*shrink, float64(min(least, b.most, int(b.limit))))
}

func (b *budget) latency(v plan.Verb) *latency {
	if b.usual[v] == nil {
		b.usual[v] = &latency{}
	}
	return b.usual[v]
}

// A latency is how long operations of one verb take.
type latency struct {
	least, mean time.Duration
}

// Times differ by what is created or stopped; what counts as slow is well above
// that.
const (
	slowFactor = 4
	slowMargin = 500 * time.Millisecond
	smoothing  = 8
)

// add takes in one more, and reports whether they take much longer than they
// did.
func (l *latency) add(d time.Duration) bool {
	if l.least == 0 {
		l.least, l.mean = d, d
	}
	l.least = min(l.least, d)
	l.mean += (d - l.mean) / smoothing
	return l.mean > slowFactor*l.least+slowMargin
}
