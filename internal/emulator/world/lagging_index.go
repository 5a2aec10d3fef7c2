package world

import "time"

// LaggingIndex is the set of sandboxes as the cursor list shows it, if the list lags
// behind the writes. A nil index records nothing.
type LaggingIndex struct {
	delay   time.Duration
	visible *SandboxSet
	history []indexChange
}

// indexChange is a change that the list may not show yet.
type indexChange struct {
	at Instant
	id string
	to *Sandbox // nil if the sandbox was removed
}

// newLaggingIndex returns an index that shows s, and later changes only after the
// delay.
func newLaggingIndex(by time.Duration, s *SandboxSet) *LaggingIndex {
	l := &LaggingIndex{delay: by, visible: newSandboxSet()}
	for _, sb := range s.Order {
		l.visible.put(new(*sb))
	}
	return l
}

// record adds a change of a sandbox. A nil sandbox means that it was removed.
func (l *LaggingIndex) record(at Instant, id string, sb *Sandbox) {
	if l == nil {
		return
	}
	c := indexChange{at: at, id: id}
	if sb != nil {
		c.to = new(*sb)
	}
	l.history = append(l.history, c)
}

// SnapshotAt returns the set as it was one delay before now.
func (l *LaggingIndex) SnapshotAt(now Instant) *SandboxSet {
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
