package client

import (
	"cmp"
	"time"
)

const (
	defaultProbes = 16                     // requests in flight while nothing is known of a limit
	unlimited     = 1 << 20                // of them where there is none
	windowSlack   = 100 * time.Millisecond // the server's window begins when a request arrives
	// Seconds are told rounded up: less than this is no news about a window
	// that one of our own requests opened.
	rounding = time.Second
)

// window is what is known of one rate limit. The server counts in windows of a
// fixed length, the first request after the end of one opening the next. The
// zero window knows nothing.
type window struct {
	known     bool // an answer has told the limit, or that there is none
	limit     int  // 0 when there is none, or none was told
	remaining int  // by our count
	inFlight  int  // sent, not answered
	maxProbes int  // that may be in flight before a limit is known; 0: the usual

	start, end   time.Time
	length       time.Duration
	blockedUntil time.Time // nothing is sent before
}

// delay is how long a request has to wait; at 0 it may be sent. reserve is the
// number of requests of each window that are left to others.
func (w *window) delay(now time.Time, reserve int) time.Duration {
	if now.Before(w.blockedUntil) {
		return w.blockedUntil.Sub(now)
	}
	if !w.known {
		if w.inFlight < cmp.Or(w.maxProbes, defaultProbes) {
			return 0
		}
		return maxRetryAfter // an answer ends it
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
}

// update takes in what the answer to a request sent at a time tells.
func (w *window) update(sent time.Time, q rateStatus) {
	w.limit, w.known = q.limit, true
	w.length = max(w.length, q.reset)
	end := sent.Add(q.reset + windowSlack)
	switch {
	case sent.Before(w.start): // counted in a window that is over
	case end.After(w.end.Add(w.length / 2)): // a window we did not know of
		w.start, w.end, w.remaining = sent, end, q.remaining-w.inFlight
	default:
		w.remaining = min(w.remaining, q.remaining)
		if end.Add(-rounding).After(w.end) {
			w.end = end
		}
	}
}

// blockUntil holds everything back until a time, at which a new window begins.
func (w *window) blockUntil(until time.Time) {
	if until.After(w.blockedUntil) {
		w.blockedUntil, w.end = until, until
	}
	w.known = w.limit > 0
}
