package emulator

import "time"

// lag keeps the world as the cursor list shows it when that list is served by a
// search index that trails the writes. A nil lag does nothing.
type lag struct {
	by      time.Duration
	seen    *sandboxSet
	history []change
}

type change struct {
	at instant
	id string
	to *sandbox // nil: removed
}

// newLag starts from the world as it is.
func newLag(by time.Duration, s *sandboxSet) *lag {
	l := &lag{by: by, seen: newSandboxSet()}
	for _, sb := range s.order {
		l.seen.put(ptr(*sb))
	}
	return l
}

func (l *lag) record(at instant, id string, sb *sandbox) {
	if l == nil {
		return
	}
	c := change{at: at, id: id}
	if sb != nil {
		c.to = ptr(*sb)
	}
	l.history = append(l.history, c)
}

// at returns the set as it was the lag ago.
func (l *lag) at(now instant) *sandboxSet {
	edge := now.plus(-l.by)
	n := 0
	for ; n < len(l.history) && !l.history[n].at.After(edge.Time); n++ {
		c := l.history[n]
		if c.to != nil {
			l.seen.put(c.to)
		} else if old := l.seen.byID[c.id]; old != nil {
			l.seen.remove(old)
		}
	}
	l.history = l.history[n:]
	return l.seen
}
