package push

import (
	"context"
	"time"
)

// Delays of causes.
const (
	gather  = 100 * time.Millisecond // in which events share a cause
	listGap = time.Minute            // between lists after new connections
)

// announce sends causes when they are due, until ctx ends.
func (l *Listener) announce(ctx context.Context) {
	for {
		var due <-chan time.Time
		if wait := l.sendDue(); wait > 0 {
			due = l.o.After(wait)
		}
		select {
		case <-ctx.Done():
			return
		case <-l.wake:
		case <-due:
		}
	}
}

// sendDue sends a cause if one is due, in place of a pending one. It returns the time
// until the next one; 0 if nothing is to be announced.
func (l *Listener) sendDue() time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.inPass {
		return 0
	}
	now := l.o.Now()
	marks, all := isDue(l.marksDue, now), isDue(l.allDue, now)
	if all {
		l.allDue = time.Time{}
	}
	if marks || all {
		l.marksDue = time.Time{}
		l.send()
	}
	return untilNext(now, l.marksDue, l.allDue)
}

// send sends the cause of all that is marked, if there is anything. The caller holds the
// lock.
func (l *Listener) send() {
	l.marks.drop()
	l.withdraw()
	if all := l.marks.all && l.allDue.IsZero(); all || len(l.marks.byID) > 0 {
		l.causes <- causeOf(l.marks.byID, all)
	}
}

// withdraw removes the pending cause. The caller holds the lock.
func (l *Listener) withdraw() {
	select {
	case <-l.causes:
	default:
	}
}

// markDue makes a cause due for marked objects, if none is. The caller holds the lock.
func (l *Listener) markDue() {
	if l.marksDue.IsZero() {
		l.marksDue = l.o.Now().Add(gather)
	}
	l.changed()
}

// listDue makes a cause due for a list of everything. The caller holds the lock.
func (l *Listener) listDue() {
	l.marks.all = true
	l.allDue = l.o.Now().Add(gather)
	if next := l.lastList.Add(listGap); !l.lastList.IsZero() && next.After(l.allDue) {
		l.allDue = next
	}
	l.changed()
}

// changed makes announce look for causes that are due.
func (l *Listener) changed() {
	select {
	case l.wake <- struct{}{}:
	default:
	}
}

// isDue reports whether a time has come. The zero time never comes.
func isDue(t, now time.Time) bool { return !t.IsZero() && !t.After(now) }

// untilNext returns the time until the first of these times; 0 if all are zero.
func untilNext(now time.Time, times ...time.Time) (wait time.Duration) {
	for _, t := range times {
		if d := t.Sub(now); !t.IsZero() && (wait == 0 || d < wait) {
			wait = max(d, time.Nanosecond)
		}
	}
	return wait
}
