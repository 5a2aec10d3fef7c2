package world

import "time"

// laggingIndex keeps the world as the cursor list shows it when that list is served by a
// search index that trails the writes. A nil lag does nothing.
type laggingIndex struct {
	delay   time.Duration
	visible *sandboxSet
	history []indexChange
}

type indexChange struct {
	at Instant
	id string
	to *Sandbox // nil: removed
}

// newLaggingIndex starts from the world as it is.
func newLaggingIndex(by time.Duration, s *sandboxSet) *laggingIndex {
	l := &laggingIndex{delay: by, visible: newSandboxSet()}
	for _, sb := range s.Order {
		l.visible.put(new(*sb))
	}
	return l
}

func (l *laggingIndex) record(at Instant, id string, sb *Sandbox) {
	if l == nil {
		return
	}
	c := indexChange{at: at, id: id}
	if sb != nil {
		c.to = new(*sb)
	}
	l.history = append(l.history, c)
}

// snapshotAt returns the set as it was the lag ago.
func (l *laggingIndex) SnapshotAt(now Instant) *sandboxSet {
	cutoff := now.Plus(-l.delay)
	n := 0
	for ; n < len(l.history) && !l.history[n].at.After(cutoff.Time); n++ {
		c := l.history[n]
		if c.to != nil {
			l.visible.put(c.to)
		} else if old := l.visible.ByID[c.id]; old != nil {
			l.visible.remove(old)
		}
	}
	l.history = l.history[n:]
	return l.visible
}
