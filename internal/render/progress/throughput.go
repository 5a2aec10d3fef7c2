package progress

import (
	"fmt"
	"time"
)

// throughputWindow is how far back a pace looks: a run has phases, and what was fast
// an hour ago says little about now.
const throughputWindow = 30 * time.Second

// A pace is how fast steps end.
type throughput struct {
	start    time.Time
	endTimes []time.Time // within the window, as of the last look
}

func (p *throughput) record(now time.Time) { p.endTimes = append(p.endTimes, now) }

// perSecond is how many steps ended in a second of the window; 0 when there
// were too few to tell.
func (p *throughput) perSecond(now time.Time) float64 {
	old := 0
	for old < len(p.endTimes) && now.Sub(p.endTimes[old]) > throughputWindow {
		old++
	}
	p.endTimes = p.endTimes[old:]
	elapsed := min(now.Sub(p.start), throughputWindow)
	if len(p.endTimes) < 2 || elapsed < time.Second {
		return 0
	}
	return float64(len(p.endTimes)) / elapsed.Seconds()
}

// formatRate is a pace for a reader.
func formatRate(perSecond float64) string {
	switch {
	case perSecond >= 10:
		return fmt.Sprintf("%.0f/s", perSecond)
	case perSecond >= 1:
		return fmt.Sprintf("%.1f/s", perSecond)
	default:
		return fmt.Sprintf("%.0f/min", perSecond*60)
	}
}

// formatSeconds is a time in whole seconds.
func formatSeconds(d time.Duration) string { return d.Truncate(time.Second).String() }
