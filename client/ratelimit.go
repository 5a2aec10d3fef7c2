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

// quota is what an answer tells of one class.
type quota struct {
	limit, remaining int
	reset            time.Duration // until the window ends
}

// quotas reads all classes an answer tells of.
func quotas(h http.Header) map[RateClass]quota {
	found := map[RateClass]quota{}
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
		if err1 == nil && err2 == nil && err3 == nil && limit > 0 && reset >= 0 && reset <= int(maxToldWait/time.Second) {
			found[RateClass(strings.ToLower(class))] = quota{limit, remaining, time.Duration(reset) * time.Second}
		}
	}
	return found
}

// retryAfter is the longest wait an answer asks for, in whatever spelling.
func retryAfter(h http.Header, now time.Time) (wait time.Duration, told bool) {
	for name, values := range h {
		if name != headerRetryAfter && !strings.HasPrefix(name, headerRetryAfter+"-") {
			continue
		}
		for _, value := range values {
			if d, ok := parseRetryAfter(value, now); ok {
				wait, told = max(wait, d), true
			}
		}
	}
	return wait, told
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

// limitedClass is the class a 429 speaks of: the one its headers name, or else
// the one the request counts in.
func limitedClass(h http.Header, sent RateClass) RateClass {
	for name := range h {
		if class, ok := strings.CutPrefix(name, headerRetryAfter+"-"); ok {
			return RateClass(strings.ToLower(class))
		}
	}
	if _, ok := quotas(h)[FailedAuth]; ok {
		return FailedAuth
	}
	return sent
}
