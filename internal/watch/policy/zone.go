package policy

import (
	"slices"
	"time"
)

// Local times are held in a time.Time of UTC: their date and clock are what clocks in the
// zone show.

// maxOffset is more than any zone is away from UTC.
const maxOffset = 26 * time.Hour

// toLocal returns what clocks in the zone show at an instant.
func toLocal(t time.Time, zone *time.Location) time.Time {
	_, offset := t.In(zone).Zone()
	return t.UTC().Add(seconds(offset))
}

func seconds(n int) time.Duration { return time.Duration(n) * time.Second }

// A transition is a change of the clocks of a zone.
type transition struct {
	at            time.Time
	before, after time.Time // local times: what clocks show before it, and after it
}

// transitions returns the changes of the clocks after from, and before to.
func transitions(zone *time.Location, from, to time.Time) []transition {
	var list []transition
	for t := from.In(zone); ; {
		_, end := t.ZoneBounds()
		if end.IsZero() {
			return list
		}
		if !end.After(t) { // so it is on the last day of a leap year in the far future
			end = t.Add(24 * time.Hour)
		}
		if !end.Before(to) {
			return list
		}
		_, before := t.Zone()
		if _, after := end.Zone(); after != before {
			list = append(list, transition{end, end.UTC().Add(seconds(before)), end.UTC().Add(seconds(after))})
		}
		t = end
	}
}

// instants returns when clocks in the zone show a local time, the first one first: twice
// if they are turned back over it, never if they are turned forward over it.
func instants(local time.Time, zone *time.Location) []time.Time {
	from := local.Add(-maxOffset)
	offsets := []time.Duration{toLocal(from, zone).Sub(from)}
	for _, c := range transitions(zone, from, local.Add(maxOffset)) {
		offsets = append(offsets, c.after.Sub(c.at))
	}
	var list []time.Time
	for _, offset := range offsets {
		t := local.Add(-offset)
		if toLocal(t, zone).Equal(local) {
			list = append(list, t)
		}
	}
	slices.SortFunc(list, time.Time.Compare)
	return list
}

// firstInstant returns when clocks in the zone first show a local time, or the end of the
// gap if they never do: each local time happens exactly once.
func firstInstant(local time.Time, zone *time.Location) time.Time {
	if list := instants(local, zone); len(list) > 0 {
		return list[0]
	}
	for _, c := range transitions(zone, local.Add(-maxOffset), local.Add(maxOffset)) {
		if local.Before(c.after) {
			return c.at
		}
	}
	return local // not reached: a local time without an instant is in a gap
}
