package notify

import (
	"context"
	"fmt"
	"time"

	"github.com/cenkalti/backoff/v5"
)

// Attempts at one notification: at most maxAttempts, within about a quarter of an hour.
const (
	firstRetry  = 2 * time.Second
	longestWait = 10 * time.Minute
	maxAttempts = 10
	alarmAfter  = 3 // failed attempts raise an alarm
)

// newDelays returns the delays between the attempts at one notification.
func newDelays() *backoff.ExponentialBackOff {
	return &backoff.ExponentialBackOff{
		InitialInterval: firstRetry, MaxInterval: longestWait, Multiplier: 2, RandomizationFactor: 0.2,
	}
}

// alarm returns the name of the alarm of the endpoint.
func (e *endpoint) alarm() string { return "webhook-failing " + e.name }

// enqueue queues a notification, except about the endpoint's own alarm.
func (e *endpoint) enqueue(n Notification) {
	if n.Data.Alarm != nil && n.Data.Alarm.Name == e.alarm() {
		return
	}
	if e.queue.push(n) {
		e.drop("the queue is full")
	}
}

// run delivers what is queued, until the queue is closed and empty. From the end of the
// watch on, nothing is tried again.
func (e *endpoint) run(ctx context.Context, ending <-chan struct{}) {
	for {
		n, ok := e.queue.pop()
		if !ok {
			return
		}
		e.deliver(ctx, ending, n)
	}
}

// deliver sends a notification until it is accepted or given up.
func (e *endpoint) deliver(ctx context.Context, ending <-chan struct{}, n Notification) {
	delays := newDelays()
	for attempt := 1; ; attempt++ {
		a := e.post(ctx, n)
		if a.Err == nil {
			e.stats.change(func(s *Stats) { s.Sent++ })
			e.options.Journal.Clear(e.alarm())
			return
		}
		e.stats.change(func(s *Stats) { s.Failed++ })
		if !a.retry || attempt == maxAttempts || !e.wait(ending, max(delays.NextBackOff(), a.after)) {
			e.drop(a.Err.Error())
			return
		}
		if attempt == alarmAfter {
			e.options.Journal.Raise(e.alarm(), fmt.Sprintf("webhook %s: %v; it is tried again", e.name, a.Err))
		}
	}
}

// wait waits before another attempt. It reports false at the end of the watch.
func (e *endpoint) wait(ending <-chan struct{}, d time.Duration) bool {
	select {
	case <-ending:
		return false
	default:
	}
	select {
	case <-ending:
		return false
	case <-e.options.After(d):
		return true
	}
}

// drop counts a notification that was given up, and raises the alarm.
func (e *endpoint) drop(reason string) {
	n := e.stats.change(func(s *Stats) { s.Dropped++ }).Dropped
	e.options.Journal.Raise(e.alarm(), fmt.Sprintf("webhook %s: %s; notifications dropped so far: %d", e.name, reason, n))
}
