package emulator

import "time"

// laggingIndex keeps the world as the cursor list shows it when that list is served by a
// search index that trails the writes. A nil lag does nothing.
type laggingIndex struct {
	delay   time.Duration
	visible *sandboxSet
	history []indexChange
}

type indexChange struct {
	at instant
	id string
	to *sandbox // nil: removed
}

// newLaggingIndex starts from the world as it is.
func newLaggingIndex(by time.Duration, s *sandboxSet) *laggingIndex {
	l := &laggingIndex{delay: by, visible: newSandboxSet()}
	for _, sb := range s.order {
		l.visible.put(ptr(*sb))
	}
	return l
}

func (l *laggingIndex) record(at instant, id string, sb *sandbox) {
	if l == nil {
		return
	}
	c := indexChange{at: at, id: id}
	if sb != nil {
		c.to = ptr(*sb)
	}
	l.history = append(l.history, c)
}

// snapshotAt returns the set as it was the lag ago.
func (l *laggingIndex) snapshotAt(now instant) *sandboxSet {
	cutoff := now.plus(-l.delay)
	n := 0
	for ; n < len(l.history) && !l.history[n].at.After(cutoff.Time); n++ {
		c := l.history[n]
		if c.to != nil {
			l.visible.put(c.to)
		} else if old := l.visible.byID[c.id]; old != nil {
			l.visible.remove(old)
		}
	}
	l.history = l.history[n:]
	return l.visible
}
