package api

import (
	"net/http"
	"strconv"
	"strings"
	"time"
)

// The headers of rate limits end in the name of their class. A plain Retry-After
// comes from the limit on refused credentials, or from a proxy.
const (
	headerLimit      = "X-Ratelimit-Limit-"
	headerRemaining  = "X-Ratelimit-Remaining-"
	headerReset      = "X-Ratelimit-Reset-"
	headerRetryAfter = "Retry-After"
)

// MaxRetryAfter is the longest time that a request waits because a server asks for
// it. A server that asks for more gets no further attempt.
const MaxRetryAfter = 5 * time.Minute

// A RateStatus is the state of one rate limit when a response was sent.
type RateStatus struct {
	Limit     int           // requests in a window
	Remaining int           // requests left in this window
	Reset     time.Duration // until the window ends, rounded up to seconds by the server
}

// RateStatuses returns the state of each class that the headers of a response
// report. A status with an odd value is left out.
func RateStatuses(h http.Header) map[RateClass]RateStatus {
	found := map[RateClass]RateStatus{}
	for name := range h {
		class, ok := strings.CutPrefix(name, headerLimit)
		if !ok {
			continue
		}
		limit, err1 := strconv.Atoi(h.Get(name))
		remaining, err2 := strconv.Atoi(h.Get(headerRemaining + class))
		reset, err3 := strconv.Atoi(h.Get(headerReset + class))
		// Some proxies report the time of the reset, in seconds since 1970. A wait
		// until then would last for years.
		if err1 == nil && err2 == nil && err3 == nil && limit > 0 && reset >= 0 && reset <= int(MaxRetryAfter/time.Second) {
			found[RateClass(strings.ToLower(class))] = RateStatus{limit, remaining, time.Duration(reset) * time.Second}
		}
	}
	return found
}

// RetryAfter returns the longest wait that the headers of a response ask for, under
// any of their names. It reports false if they ask for none.
func RetryAfter(h http.Header, now time.Time) (wait time.Duration, found bool) {
	for name, values := range h {
		if name != headerRetryAfter && !strings.HasPrefix(name, headerRetryAfter+"-") {
			continue
		}
		for _, value := range values {
			if d, ok := parseRetryAfter(value, now); ok {
				wait, found = max(wait, d), true
			}
		}
	}
	return wait, found
}

// parseRetryAfter reads a number of seconds, also with a fraction, or an HTTP date.
func parseRetryAfter(value string, now time.Time) (time.Duration, bool) {
	if seconds, err := strconv.ParseFloat(value, 64); err == nil && seconds >= 0 && seconds < 1e9 {
		return time.Duration(seconds * float64(time.Second)), true
	}
	if date, err := http.ParseTime(value); err == nil {
		return max(date.Sub(now), 0), true
	}
	return 0, false
}

// RateLimitedClass returns the class whose limit caused a 429: the one that its
// headers name, or fallback.
func RateLimitedClass(h http.Header, fallback RateClass) RateClass {
	for name := range h {
		if class, ok := strings.CutPrefix(name, headerRetryAfter+"-"); ok {
			return RateClass(strings.ToLower(class))
		}
	}
	if _, ok := RateStatuses(h)[RateFailedAuth]; ok {
		return RateFailedAuth
	}
	return fallback
}
