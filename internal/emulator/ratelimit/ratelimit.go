// Package ratelimit enforces the rate limits of the emulated API.
package ratelimit

import (
	"math"
	"net/http"
	"strconv"
	"time"

	"fleet/internal/emulator/world"
)

// The rate classes.
const (
	ClassAnonymous     = "anonymous"
	ClassAuthenticated = "authenticated"
	ClassCreate        = "sandbox-create"
	ClassLifecycle     = "sandbox-lifecycle"
	ClassList          = "sandbox-list"
	ClassFailedAuth    = "failed-auth"
	ClassUncounted     = "uncounted" // without a limit
)

// defaultRateLimit is the limit of a class for which none was set.
var defaultRateLimit = world.RateLimit{Limit: 100000, TTL: 60}

// window is the fixed window of one class.
type window struct {
	start        world.Instant // of the window
	count        int
	blockedUntil *world.Instant
}

// Limiter counts the requests of each class. It is not safe for concurrent use.
type Limiter struct {
	windows map[string]*window
}

// NewLimiter returns a Limiter without requests.
func NewLimiter() *Limiter { return &Limiter{windows: map[string]*window{}} }

// LimitOf returns the class for which a request counts, and its limit; false if there
// is no limit. Lists have a class of their own only if a limit was set for it.
func LimitOf(org *world.Organization, class string) (string, world.RateLimit, bool) {
	l, ok := org.RateLimits[class]
	if !ok && class == ClassList {
		class = ClassAuthenticated
		l, ok = org.RateLimits[class]
	}
	if !ok {
		return class, defaultRateLimit, class != ClassFailedAuth
	}
	return class, l, true
}

// Count counts one request and writes the remaining number to h. It returns an error
// if the limit is exceeded.
func (l *Limiter) Count(w *world.World, class string, h http.Header) error {
	class, limit, ok := LimitOf(&w.Org, class)
	if !ok {
		return nil
	}
	if err := l.Blocked(w, class, h); err != nil {
		return err
	}
	win := l.window(w, class, limit)
	win.count++
	if win.count > limit.Limit {
		win.blockedUntil = new(w.Now.Plus(limit.Span()))
		return l.Blocked(w, class, h)
	}
	if !w.Org.UntoldLimits {
		setRateHeaders(h, class, limit, limit.Limit-win.count, win.start.Plus(limit.Span()).Sub(w.Now.Time))
	}
	return nil
}

// Blocked returns an error while the class is blocked: for one window after the first
// request above the limit.
func (l *Limiter) Blocked(w *world.World, class string, h http.Header) error {
	win := l.windows[class]
	if win == nil || win.blockedUntil == nil {
		return nil
	}
	left := win.blockedUntil.Sub(w.Now.Time)
	if left <= 0 {
		delete(l.windows, class)
		return nil
	}
	if class == ClassFailedAuth && !w.Org.UntoldLimits {
		_, limit, _ := LimitOf(&w.Org, class)
		setRateHeaders(h, class, limit, 0, left)
	}
	return &world.APIError{
		Status: http.StatusTooManyRequests, Message: "ThrottlerException: Too Many Requests", Class: class, After: seconds(left),
	}
}

// window returns the current window of a class.
func (l *Limiter) window(w *world.World, class string, limit world.RateLimit) *window {
	win := l.windows[class]
	if win == nil || !w.Now.Before(win.start.Plus(limit.Span()).Time) {
		win = &window{start: w.Now}
		l.windows[class] = win
	}
	return win
}

// setRateHeaders writes the rate limit headers of a class.
func setRateHeaders(h http.Header, class string, limit world.RateLimit, left int, reset time.Duration) {
	h.Set("X-RateLimit-Limit-"+class, strconv.Itoa(limit.Limit))
	h.Set("X-RateLimit-Remaining-"+class, strconv.Itoa(left))
	h.Set("X-RateLimit-Reset-"+class, strconv.Itoa(seconds(reset)))
}

// seconds rounds up.
func seconds(d time.Duration) int { return int(math.Ceil(d.Seconds())) }
