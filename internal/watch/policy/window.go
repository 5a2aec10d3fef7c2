package policy

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	_ "time/tzdata" // machines and containers without time zones

	"fleet/internal/decode"
)

// A Window is a recurring period in which a watch may change the fleet. It opens at the
// local times of a schedule and stays open for a duration of elapsed time.
type Window struct {
	text     string
	zone     *time.Location
	schedule schedule
	length   time.Duration
}

const (
	minWindow = time.Minute
	maxWindow = 7 * 24 * time.Hour

	// clockYears is how far ahead the changes of the clocks are checked: after 28 years
	// the same dates fall on the same weekdays.
	clockYears = 28

	// openingDays is how far ahead an opening is searched: there are eight years
	// between two leap days around 2100.
	openingDays = 9 * 366
)

// WindowSyntax is how a window is written.
const WindowSyntax = "ZONE MINUTE HOUR DAY MONTH WEEKDAY for DURATION"

// ParseWindow parses a window such as "Europe/Berlin 0 4 * * 1-5 for 2h". now is the
// current time: a window that would open at a local time that the clocks skip or repeat
// later on is refused.
func ParseWindow(text string, now time.Time) (*Window, error) {
	w, err := parseWindow(text, now)
	if err != nil {
		return nil, fmt.Errorf("sync window %q: %w", text, err)
	}
	return w, nil
}

func parseWindow(text string, now time.Time) (*Window, error) {
	fields := strings.Fields(text)
	if len(fields) != cronFields+3 || fields[cronFields+1] != "for" {
		return nil, fmt.Errorf("write %s, such as Europe/Berlin 0 4 * * 1-5 for 2h", WindowSyntax)
	}
	zone, err := loadZone(fields[0])
	s, scheduleErr := parseSchedule(fields[1 : cronFields+1])
	length, lengthErr := parseLength(fields[cronFields+2])
	if err := errors.Join(err, scheduleErr, lengthErr); err != nil {
		return nil, err
	}
	w := &Window{text: strings.Join(fields, " "), zone: zone, schedule: s, length: length}
	if err := w.checkClocks(now); err != nil {
		return nil, err
	}
	if w.next(now).IsZero() {
		return nil, errors.New("it never opens: no month has such a day")
	}
	return w, nil
}

// loadZone returns the time zone with the name.
func loadZone(name string) (*time.Location, error) {
	if strings.EqualFold(name, "local") {
		return nil, errors.New("name the time zone, such as Europe/Berlin: Local depends on the machine")
	}
	zone, err := time.LoadLocation(name)
	if err != nil {
		return nil, fmt.Errorf("%q is not a time zone; write one such as Europe/Berlin, America/New_York or UTC", name)
	}
	return zone, nil
}

func parseLength(text string) (time.Duration, error) {
	length, err := decode.ParseDuration(text)
	if err != nil {
		return 0, err
	}
	if length < minWindow || length > maxWindow {
		return 0, fmt.Errorf("a window is open for 1m to 7d, not %s", text)
	}
	return length, nil
}

// checkClocks returns an error if clocks in the zone will skip or repeat a local time at
// which the window opens.
func (w *Window) checkClocks(now time.Time) error {
	for _, c := range transitions(w.zone, now, now.AddDate(clockYears, 0, 0)) {
		from, to, problem := c.before, c.after, "does not exist"
		if from.After(to) {
			from, to, problem = to, from, "occurs twice"
		}
		for local := from.Truncate(time.Minute); local.Before(to); local = local.Add(time.Minute) {
			if w.schedule.matches(local) {
				return fmt.Errorf("%s %s in %s on %s, when clocks change from %s to %s; open it before %s or from %s, or use the zone UTC",
					local.Format(clock), problem, w.zone, local.Format(time.DateOnly), c.before.Format(clock), c.after.Format(clock), from.Format(clock), to.Format(clock))
			}
		}
	}
	return nil
}

const clock = "15:04"

// String returns the window as it is written.
func (w *Window) String() string { return w.text }

// closes returns when the opening of the window at t ends; zero if it is not open. An
// opening that begins before the end of another one extends it.
func (w *Window) closes(t time.Time) time.Time {
	day := toLocal(t, w.zone).AddDate(0, 0, 1)
	for range int((w.length+2*maxOffset)/(24*time.Hour)) + 2 {
		for _, start := range slices.Backward(w.schedule.timesOn(day)) {
			opens := firstInstant(start, w.zone)
			if opens.After(t) {
				continue
			}
			if end := opens.Add(w.length); end.After(t) { // earlier openings end earlier
				return end.In(w.zone)
			}
			return time.Time{}
		}
		day = day.AddDate(0, 0, -1)
	}
	return time.Time{}
}

// next returns when the window opens for the first time after t; zero if it never does.
func (w *Window) next(t time.Time) time.Time {
	day := toLocal(t, w.zone).AddDate(0, 0, -1)
	for range openingDays {
		for _, start := range w.schedule.timesOn(day) {
			if opens := firstInstant(start, w.zone); opens.After(t) {
				return opens.In(w.zone)
			}
		}
		day = day.AddDate(0, 0, 1)
	}
	return time.Time{}
}

// Windows are the sync windows of a watch. Changes are applied while one of them is open.
type Windows []*Window

// Closes returns when the last window that is open at t closes. The zero time means that
// none is open.
func (ws Windows) Closes(t time.Time) time.Time {
	var last time.Time
	for _, w := range ws {
		if end := w.closes(t); end.After(last) {
			last = end
		}
	}
	return last
}

// Next returns when the first window opens after t, in the zone of that window; zero if
// there are no windows.
func (ws Windows) Next(t time.Time) time.Time {
	var first time.Time
	for _, w := range ws {
		if opens := w.next(t); !opens.IsZero() && (first.IsZero() || opens.Before(first)) {
			first = opens
		}
	}
	return first
}

// daily returns a window that opens on every day, or nil.
func (ws Windows) daily() *Window {
	for _, w := range ws {
		if w.schedule.isDaily() {
			return w
		}
	}
	return nil
}
