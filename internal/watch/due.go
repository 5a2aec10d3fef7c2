package watch

import (
	"context"
	"time"
)

// Due is a trigger that asks for a pass at a time that can be changed, such as the end of
// a wait. It must be made by [NewDue].
type Due struct {
	times  chan time.Time
	causes chan Cause
}

// NewDue returns a trigger without a time, for which [Due.Run] waits.
func NewDue() *Due { return &Due{make(chan time.Time, 1), make(chan Cause)} }

// Set sets the time instead of the former one; the zero time is none. It is called by one
// goroutine at a time.
func (d *Due) Set(t time.Time) {
	select {
	case <-d.times: // the former one was not read yet
	default:
	}
	d.times <- t
}

// Causes returns the trigger.
func (d *Due) Causes() <-chan Cause { return d.causes }

// Run waits for the time, and for further ones, until ctx ends. It looks at the clock every
// minute, since timers stand still while a machine is suspended.
func (d *Due) Run(ctx context.Context) {
	var due time.Time
	var timer <-chan time.Time
	var causes chan<- Cause
	for {
		select {
		case <-ctx.Done():
			return
		case due = <-d.times:
			causes = nil
		case <-timer:
		case causes <- Cause{Kind: Again}:
			causes, due = nil, time.Time{}
		}
		timer = nil
		if due.IsZero() {
			continue
		}
		if left := time.Until(due); left > 0 {
			timer = time.After(min(left, wakeTime))
		} else {
			causes = d.causes
		}
	}
}

// Times after which what failed is tried again.
const (
	FirstRetry = 5 * time.Second
	LastRetry  = 5 * time.Minute
)

// RetryDelay returns the time after which a pass is made again that has failed a number of
// times in a row, at least once. It doubles with each failure, from FirstRetry to LastRetry.
func RetryDelay(failures int) time.Duration {
	return min(FirstRetry<<min(max(failures-1, 0), 10), LastRetry)
}
