package transport

import (
	"cmp"
	"time"

	"fleet/client/internal/api"
)

const (
	// DefaultProbes is the number of requests in flight while their limit is unknown.
	DefaultProbes = 16

	unlimited   = 1 << 20                // requests in flight if the server has no limit
	windowSlack = 100 * time.Millisecond // the server's window begins when a request arrives, not when it is sent
	// rounding is the precision of the server's seconds, which are rounded up: a
	// smaller difference is no reason to move a window that our own request opened.
	rounding = time.Second
)

// window is the state of one rate limit. The server counts in windows of a fixed
// length; the first request after the end of a window opens the next one. The zero
// window knows nothing.
type window struct {
	known     bool // a response has reported the limit, or that there is none
	limit     int  // requests in a window; 0 if there is no limit, or none was reported
	remaining int  // requests left in this window, by our count
	inFlight  int  // requests sent and not answered
	unpaced   int  // requests sent before the limit was known
	maxProbes int  // requests in flight before the limit is known; 0 means DefaultProbes
	cautious  int  // the same after the server refused a request of an unknown limit; 0 means that it never did

	start, end   time.Time
	length       time.Duration
	blockedUntil time.Time // nothing is sent before
}

// delay returns how long a request has to wait; 0 means that it may be sent. reserve
// is the number of requests of each window that are left to other programs.
func (w *window) delay(now time.Time, reserve int) time.Duration {
	if now.Before(w.blockedUntil) {
		return w.blockedUntil.Sub(now)
	}
	if !w.known {
		if w.inFlight < cmp.Or(w.cautious, w.maxProbes, DefaultProbes) {
			return 0
		}
		return api.MaxRetryAfter // the next response ends the wait early
	}
	if w.limit == 0 {
		return 0
	}
	if !now.Before(w.end) {
		w.start, w.end, w.remaining = now, now.Add(w.length+windowSlack), w.limit
	}
	if w.remaining > reserve {
		return 0
	}
	return w.end.Sub(now)
}

// acquire counts a request that is about to be sent.
func (w *window) acquire() {
	w.inFlight++
	w.remaining--
	if !w.known {
		w.unpaced++
	}
}

// update applies the status in the response to a request that was sent at a time.
func (w *window) update(sent time.Time, status api.RateStatus) {
	w.limit, w.known = status.Limit, true
	w.length = max(w.length, status.Reset)
	end := sent.Add(status.Reset + windowSlack)
	switch {
	case sent.Before(w.start): // the request counted in a window that is over
	case w.end.IsZero() && status.Limit-status.Remaining <= w.unpaced: // our own requests opened it
		w.start, w.end, w.remaining = sent, end, status.Limit-w.unpaced
	case end.After(w.end.Add(w.length / 2)): // another program opened a new window
		w.start, w.end, w.remaining = sent, end, status.Remaining-w.inFlight
	default:
		w.remaining = min(w.remaining, status.Remaining)
		if end.Add(-rounding).After(w.end) {
			w.end = end
		}
	}
}

// blockUntil blocks all requests until a time, at which a new window begins.
func (w *window) blockUntil(until time.Time) {
	if until.After(w.blockedUntil) {
		w.blockedUntil, w.end = until, until
	}
	w.unpaced = 0
	if w.known = w.limit > 0; !w.known {
		w.cautious = DefaultProbes
	}
}

// accepted records a response other than 429. It shows that there is no limit if it
// reports none, unless the server has refused a request before: then there is a limit
// that the server does not report, and one more request may be in flight.
func (w *window) accepted() {
	if w.cautious > 0 && w.limit == 0 {
		w.cautious++
		return
	}
	w.known = true
}
