package push

import (
	"context"
	"errors"
	"fmt"
	"time"

	"fleet/client"
	"fleet/internal/foreign"
)

// Delays between attempts to connect.
const (
	minDelay     = time.Second
	maxDelay     = 30 * time.Second
	refusedDelay = 10 * time.Minute // for a server that offers no events
	steady       = time.Minute      // how long a connection lasts that counts as a success
	patience     = 5                // refusals after which a server that offered events before offers none
)

// attempts are what is remembered of the attempts to connect.
type attempts struct {
	failed  int       // since the last connection that was steady
	refused int       // of these, refusals in a row
	offered bool      // whether there was a connection
	since   time.Time // of the failure; zero while connected
}

// connect keeps a connection until ctx ends.
func (l *Listener) connect(ctx context.Context) {
	var a attempts
	for {
		start := l.o.Now()
		opened, err := l.receive(ctx)
		if ctx.Err() != nil {
			l.closeReady()
			return
		}
		end := l.o.Now()
		a.end(opened, start, end)
		wait := l.delay(&a, err)
		l.o.SetState(a.describe(err, end, wait))
		l.closeReady()
		select {
		case <-ctx.Done():
			return
		case <-l.o.After(wait):
		}
	}
}

// receive connects and receives events until the connection ends. opened reports whether
// there was one.
func (l *Listener) receive(ctx context.Context) (opened bool, err error) {
	events, err := l.o.Client.Events(ctx)
	if err != nil {
		return false, err
	}
	defer events.Close()
	l.setConnected(true)
	defer l.setConnected(false)
	l.o.SetState("connected")
	l.closeReady()
	for {
		e, err := events.Next(ctx)
		if err != nil {
			return true, err
		}
		l.event(e)
	}
}

// setConnected records whether events are received. What happened before a connection
// was not announced.
func (l *Listener) setConnected(connected bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.connected = connected; connected {
		l.listDue()
	}
}

// closeReady closes ready, once. It is called by Run only.
func (l *Listener) closeReady() {
	select {
	case <-l.ready:
	default:
		close(l.ready)
	}
}

// end records the end of an attempt.
func (a *attempts) end(opened bool, start, end time.Time) {
	if opened {
		a.offered, a.refused, a.since = true, 0, time.Time{}
		if end.Sub(start) >= steady {
			a.failed = 0
		}
	}
	a.failed++
	if a.since.IsZero() {
		a.since = end
	}
}

// delay returns the time until the next attempt.
func (l *Listener) delay(a *attempts, err error) time.Duration {
	if client.EventsRefused(err) {
		if a.refused++; !a.offered || a.refused > patience {
			return refusedDelay
		}
	} else {
		a.refused = 0
	}
	longest := min(minDelay<<min(a.failed, 10), maxDelay)
	shortest := max(longest/2, minDelay)
	wait := shortest + time.Duration(l.o.Random()*float64(longest-shortest))
	if e, ok := errors.AsType[*client.Error](err); ok {
		wait = max(wait, min(e.RetryAfter, refusedDelay))
	}
	return wait
}

// describe returns the state of the connection in words.
func (a *attempts) describe(err error, now time.Time, wait time.Duration) string {
	reason := err.Error()
	if e, ok := errors.AsType[*client.Error](err); ok {
		reason = e.Message
	}
	reason = foreign.Escape(reason)
	if wait == refusedDelay && client.EventsRefused(err) {
		return fmt.Sprintf("not offered by this server: %s; next attempt at %s", reason, now.Add(wait).UTC().Format(time.RFC3339))
	}
	return fmt.Sprintf("reconnecting since %s: %s", a.since.UTC().Format(time.RFC3339), reason)
}
