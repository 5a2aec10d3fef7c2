package progress

import (
	"fmt"
	"time"
)

// throughputWindow is the time over which throughput is measured. A run has
// phases, so older steps do not predict the next ones.
const throughputWindow = 30 * time.Second

// A throughput is how many steps end per second.
type throughput struct {
	start    time.Time
	endTimes []time.Time // within the window at the last call of perSecond
}

func (p *throughput) record(now time.Time) { p.endTimes = append(p.endTimes, now) }

// perSecond returns the number of steps per second, or 0 if too few have ended.
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

// formatRate returns a throughput for a user.
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

// formatSeconds returns a duration in whole seconds.
func formatSeconds(d time.Duration) string { return d.Truncate(time.Second).String() }
