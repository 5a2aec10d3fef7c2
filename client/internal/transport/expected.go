package transport

import (
	"maps"
	"time"

	"fleet/client/internal/api"
)

// expectedLimits are what is known about the limits of classes that no response has
// reported yet.
type expectedLimits struct {
	noted      map[api.RateClass]int // requests in a window, as an earlier run found them; 0 for no limit
	configured map[api.RateClass]int // the same in the server's configuration; nil if that reports none
	probes     int                   // requests at once to a server that has reported no limit at all
}

// SetNotedLimits sets the limits that an earlier run found, in requests of each window;
// 0 means that the server reported none. They hold until a response reports the limit,
// or the server refuses a request.
func (l *Limits) SetNotedLimits(limits map[api.RateClass]int) {
	l.expect(func(e *expectedLimits) { e.noted = maps.Clone(limits) })
}

// SetServerLimits sets the limits in the server's configuration, in requests of each
// window; a class without a limit is missing. They hold until a response reports the
// limit of the organisation, for classes without a noted limit. nil means that the
// server does not report them.
func (l *Limits) SetServerLimits(limits map[api.RateClass]int) {
	l.expect(func(e *expectedLimits) { e.configured = limits })
}

// SetProbes sets how many requests of a class may be in flight to a server that has
// reported no limit of any class; at least DefaultProbes are.
func (l *Limits) SetProbes(n int) { l.expect(func(e *expectedLimits) { e.probes = n }) }

func (l *Limits) expect(set func(*expectedLimits)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	set(&l.expected)
	l.wakeWaiters()
}

// Burst returns how many requests of a class this client may send at once in a fresh
// window, by the limit that responses reported, or else by the expected one. 0
// means that the server has no limit. known is false if nothing is known.
func (p *Pacer) Burst(class api.RateClass) (n int, known bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	limit, known := p.expectedLimit(class)
	switch w := p.windows[class]; {
	case w == nil:
	case w.known:
		limit, known = w.limit, true
	case w.cautious > 0:
		return w.cautious, true
	}
	if limit <= 0 {
		return 0, known
	}
	return p.shareOf(limit), true
}

// NotedLimits returns the noted limits with what responses have reported since, for
// SetNotedLimits of a later client.
func (l *Limits) NotedLimits() map[api.RateClass]int {
	l.mu.Lock()
	defer l.mu.Unlock()
	limits := map[api.RateClass]int{}
	if !l.outdated() {
		maps.Copy(limits, l.expected.noted)
	}
	for _, class := range api.PacedClasses {
		switch w := l.windows[class]; {
		case w == nil:
		case w.known:
			limits[class] = w.limit
		case w.cautious > 0:
			delete(limits, class)
		}
	}
	return limits
}

// shareOf returns the part of a limit that this client uses, at least 1.
func (p *Pacer) shareOf(limit int) int { return max(limit-limit*(100-p.share)/100, 1) }

// maxProbes returns how many requests of a class may be in flight before a response
// has reported its limit: as many as the expected limit allows in one window. The
// caller holds the mutex.
func (p *Pacer) maxProbes(class api.RateClass) int {
	limit, known := p.expectedLimit(class)
	switch {
	case !known && p.reportsLimits():
		return DefaultProbes
	case !known:
		return max(DefaultProbes, p.expected.probes)
	case limit <= 0:
		return unlimited
	}
	return p.shareOf(limit)
}

// expectedLimit returns the limit of a class without its own responses; 0 for no limit.
// The caller holds the mutex.
func (l *Limits) expectedLimit(class api.RateClass) (limit int, known bool) {
	configured := l.expected.configured[class]
	if limit, known = l.expected.noted[class]; known && !l.outdated() && (limit > 0 || configured <= 0) {
		return limit, true
	}
	if l.expected.configured != nil {
		return configured, true
	}
	if general := l.windows[api.RateGeneral]; general != nil && general.known && general.length <= time.Minute {
		return api.PublishedLimit(general.limit, class)
	}
	return 0, false
}

// outdated reports whether a response has reported another limit than the noted one of
// its class: those of the other classes have probably changed too. The caller holds the
// mutex.
func (l *Limits) outdated() bool {
	for class, limit := range l.expected.noted {
		if w := l.windows[class]; w != nil && w.limit > 0 && w.limit != limit {
			return true
		}
	}
	return false
}

// reportsLimits reports whether the server has reported a limit of any class. The
// caller holds the mutex.
func (l *Limits) reportsLimits() bool {
	for _, w := range l.windows {
		if w.limit > 0 {
			return true
		}
	}
	return false
}
