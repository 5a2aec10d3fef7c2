package client

import (
	"net/http"
	"strconv"
	"strings"
	"time"
)

// The headers of rate limits end in the name of their class; a plain
// Retry-After comes from the limit on refused credentials, or from a proxy.
const (
	headerLimit      = "X-Ratelimit-Limit-"
	headerRemaining  = "X-Ratelimit-Remaining-"
	headerReset      = "X-Ratelimit-Reset-"
	headerRetryAfter = "Retry-After"
)

// rateStatus is what an answer tells of one class.
type rateStatus struct {
	limit, remaining int
	reset            time.Duration // until the window ends
}

// rateStatuses reads all classes an answer tells of.
func rateStatuses(h http.Header) map[RateClass]rateStatus {
	found := map[RateClass]rateStatus{}
	for name := range h {
		class, ok := strings.CutPrefix(name, headerLimit)
		if !ok {
			continue
		}
		limit, err1 := strconv.Atoi(h.Get(name))
		remaining, err2 := strconv.Atoi(h.Get(headerRemaining + class))
		reset, err3 := strconv.Atoi(h.Get(headerReset + class))
		// A reset that is further away is none that can be waited for: some proxies
		// give the time of it, in seconds since 1970.
		if err1 == nil && err2 == nil && err3 == nil && limit > 0 && reset >= 0 && reset <= int(maxRetryAfter/time.Second) {
			found[RateClass(strings.ToLower(class))] = rateStatus{limit, remaining, time.Duration(reset) * time.Second}
		}
	}
	return found
}

// retryAfter is the longest wait an answer asks for, in whatever spelling.
func retryAfter(h http.Header, now time.Time) (wait time.Duration, found bool) {
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

// parseRetryAfter reads seconds, also fractions of them, or an HTTP date.
func parseRetryAfter(value string, now time.Time) (time.Duration, bool) {
	if seconds, err := strconv.ParseFloat(value, 64); err == nil && seconds >= 0 && seconds < 1e9 {
		return time.Duration(seconds * float64(time.Second)), true
	}
	if date, err := http.ParseTime(value); err == nil {
		return max(date.Sub(now), 0), true
	}
	return 0, false
}

// rateLimitedClass is the class a 429 speaks of: the one its headers name, or else
// the one the request counts in.
func rateLimitedClass(h http.Header, fallback RateClass) RateClass {
	for name := range h {
		if class, ok := strings.CutPrefix(name, headerRetryAfter+"-"); ok {
			return RateClass(strings.ToLower(class))
		}
	}
	if _, ok := rateStatuses(h)[RateFailedAuth]; ok {
		return RateFailedAuth
	}
	return fallback
}
