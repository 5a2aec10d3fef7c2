package render

import (
	"fmt"
	"time"
)

// paceWindow is how far back a pace looks: a run has phases, and what was fast
// an hour ago says little about now.
const paceWindow = 30 * time.Second

// A pace is how fast steps end.
type pace struct {
	began time.Time
	ends  []time.Time // within the window, as of the last look
}

func (p *pace) step(now time.Time) { p.ends = append(p.ends, now) }

// perSecond is how many steps ended in a second of the window; 0 when there
// were too few to tell.
func (p *pace) perSecond(now time.Time) float64 {
	old := 0
	for old < len(p.ends) && now.Sub(p.ends[old]) > paceWindow {
		old++
	}
	p.ends = p.ends[old:]
	over := min(now.Sub(p.began), paceWindow)
	if len(p.ends) < 2 || over < time.Second {
		return 0
	}
	return float64(len(p.ends)) / over.Seconds()
}

// spoken is a pace for a reader.
func spoken(perSecond float64) string {
	switch {
	case perSecond >= 10:
		return fmt.Sprintf("%.0f/s", perSecond)
	case perSecond >= 1:
		return fmt.Sprintf("%.1f/s", perSecond)
	default:
		return fmt.Sprintf("%.0f/min", perSecond*60)
	}
}

// inSeconds is a time in whole seconds.
func inSeconds(d time.Duration) string { return d.Truncate(time.Second).String() }
