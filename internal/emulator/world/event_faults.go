package world

import (
	"cmp"
	"time"
)

// EventFaults are what happens to the events on their way to clients. A rate is the
// fraction of events, from 0 to 1.
type EventFaults struct {
	Loss       float64 `json:"loss,omitempty"`       // rate of events that are not sent
	Double     float64 `json:"double,omitempty"`     // rate of events that are sent twice
	Late       string  `json:"late,omitempty"`       // delay, as a Go duration; "" means none
	LateRate   float64 `json:"lateRate,omitempty"`   // rate of events that are sent late; 0 means all, if there is a delay
	Shuffle    float64 `json:"shuffle,omitempty"`    // rate of events that are sent after the next one
	Disconnect float64 `json:"disconnect,omitempty"` // rate of events after which all connections are closed
	Refuse     bool    `json:"refuse,omitempty"`     // whether no key is accepted
	Seed       uint64  `json:"seed,omitempty"`       // of the draws
}

// Delay returns the delay of late events.
func (f EventFaults) Delay() time.Duration {
	d, _ := time.ParseDuration(f.Late)
	return d
}

// RateOfLate returns the rate of late events.
func (f EventFaults) RateOfLate() float64 {
	if f.Delay() <= 0 {
		return 0
	}
	return cmp.Or(f.LateRate, 1)
}

// check returns an error for a rate or a delay that is not possible.
func (f EventFaults) check() error {
	for _, rate := range []float64{f.Loss, f.Double, f.LateRate, f.Shuffle, f.Disconnect} {
		if !(rate >= 0 && rate <= 1) {
			return BadRequest("the rate %v of events must be from 0 to 1", rate)
		}
	}
	if _, err := time.ParseDuration(cmp.Or(f.Late, "0")); err != nil {
		return BadRequest("late: %v", err)
	}
	return nil
}

// Check returns an error for a setting that is not possible.
func (o Organization) Check() error {
	for _, text := range []string{o.ListLag, o.SnapshotSpread, o.BuildRace} {
		if _, err := time.ParseDuration(cmp.Or(text, "0")); err != nil {
			return err
		}
	}
	for class, l := range o.RateLimits {
		if l.Limit < 0 || l.TTL <= 0 {
			return BadRequest("rate limit %s needs a limit of at least 0 and a ttl of at least 1 second", class)
		}
	}
	return o.Events.check()
}
