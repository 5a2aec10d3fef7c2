package apply

import (
	"time"

	"fleet/apply/internal/operation"
)

const (
	minPollInterval     = 50 * time.Millisecond
	maxPollInterval     = time.Second      // for objects that have waited up to ten seconds
	maxSlowPollInterval = 10 * time.Second // for all others

	// manyWaiting is the number of objects for which polls are spaced by the longest
	// minimum: each takes some work of the server, in a list as well.
	manyWaiting       = 20
	minIntervalOfEach = 15 * time.Millisecond
)

// pollBackoff spaces polls: soon after a task starts to wait, then less and less often,
// up to once a second, and for objects that take longer, at a tenth of the time that
// they have taken.
type pollBackoff struct{ interval time.Duration }

// first returns when to poll for a task that starts to wait, while n others wait. A task
// that was refused waits longer each time.
func (p *pollBackoff) first(now time.Time, n, attempt int) time.Time {
	if attempt == 0 && n <= manyWaiting {
		p.interval = minPollInterval
	}
	return now.Add(max(p.interval, operation.RetryDelay(minPollInterval, attempt)))
}

// next returns when to poll again after a poll for n objects. waited is how long the
// task that started to wait last has waited.
func (p *pollBackoff) next(now time.Time, n int, waited time.Duration) time.Time {
	p.interval = min(max(p.interval, minPollInterval)*3/2, min(max(waited/10, maxPollInterval), maxSlowPollInterval))
	p.interval = max(p.interval, time.Duration(min(n, manyWaiting))*minIntervalOfEach)
	return now.Add(p.interval)
}
