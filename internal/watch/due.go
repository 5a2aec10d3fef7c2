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

// NewDue returns a trigger without a time, which ends with ctx. now and after are the
// clock; nil means that of the machine.
func NewDue(ctx context.Context, now func() time.Time, after func(time.Duration) <-chan time.Time) *Due {
	if now == nil {
		now = time.Now
	}
	if after == nil {
		after = time.After
	}
	d := &Due{make(chan time.Time, 1), make(chan Cause)}
	go d.run(ctx, now, after)
	return d
}

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

// run waits for the time until ctx ends. It looks at the clock every minute, since timers
// stand still while a machine is suspended.
func (d *Due) run(ctx context.Context, now func() time.Time, after func(time.Duration) <-chan time.Time) {
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
		if left := due.Sub(now()); left > 0 {
			timer = after(min(left, wakeTime))
		} else {
			causes = d.causes
		}
	}
}
