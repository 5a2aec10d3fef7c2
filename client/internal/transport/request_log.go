package transport

import (
	"slices"
	"time"
)

// A RequestLog sums up the requests that were sent for one purpose, such as one
// operation on a sandbox.
type RequestLog struct {
	Requests    int           // attempts sent
	Retries     int           // attempts after the first of a call
	RateLimited int           // attempts that a rate limit turned away
	Unavailable int           // attempts answered with 502, 503 or 504
	Wait        time.Duration // time that requests were held back, or waited before another attempt
	RequestIDs  []string      // ids of the last requests for the support of the server, at most MaxRequestIDs

	// Throttled is the part of Wait in which at least one request was held back: for a
	// rate limit, or until it was known whether there is one.
	Throttled time.Duration

	// RateLimitWait is the part of Throttled in which at least one request waited for a
	// rate limit that the server has.
	RateLimitWait time.Duration
}

// Delayed returns the part of Wait that the server caused: by its rate limits, or
// because another attempt was due.
func (l RequestLog) Delayed() time.Duration { return l.Wait - l.Throttled + l.RateLimitWait }

// MaxRequestIDs is the number of ids that a request log keeps. Support asks for those
// of a failure, which are the last ones.
const MaxRequestIDs = 5

// Add returns the sum of both logs; the requests of other are the later ones.
func (l RequestLog) Add(other RequestLog) RequestLog {
	ids := slices.Concat(l.RequestIDs, other.RequestIDs)
	return RequestLog{
		Requests:    l.Requests + other.Requests,
		Retries:     l.Retries + other.Retries,
		RateLimited: l.RateLimited + other.RateLimited,
		Unavailable: l.Unavailable + other.Unavailable,
		Wait:        l.Wait + other.Wait,
		RequestIDs:  ids[max(len(ids)-MaxRequestIDs, 0):],

		Throttled:     l.Throttled + other.Throttled,
		RateLimitWait: l.RateLimitWait + other.RateLimitWait,
	}
}

func (l *RequestLog) addThrottled(d time.Duration) {
	l.Wait += d
	l.Throttled += d
}
