package notify

import (
	"context"
	"fmt"
	"strings"
	"time"

	"fleet/internal/journal"
)

// FollowStatus calls set with one line about the state of a watch whenever it changes,
// until ctx ends: the result of the last pass, and what a person should know.
func FollowStatus(ctx context.Context, j *journal.Journal, set func(line string)) {
	s := &status{alarms: map[string]bool{}, paused: map[string]bool{}}
	last := ""
	follow(ctx, j, func(events []journal.Event, _ uint64) {
		for _, e := range events {
			s.event(e)
		}
		if line := s.line(); line != last {
			last = line
			set(line)
		}
	})
}

// A status is the state of a watch, as far as one line shows it.
type status struct {
	running string // cause of the pass that runs; "" for none
	pass    *journal.Pass
	waiting bool // a plan waits for approval
	alarms  map[string]bool
	paused  map[string]bool
}

func (s *status) event(e journal.Event) {
	switch e.Kind {
	case journal.PassStarted:
		s.running = e.Pass.Cause
	case journal.PassPlanned:
		s.waiting = e.Plan != nil && e.Plan.NeedsApproval != "" && !e.Plan.Approved
	case journal.PassEnded:
		s.running, s.pass = "", e.Pass
	case journal.PlanApproved:
		s.waiting = false
	case journal.AlarmRaised:
		s.alarms[e.Alarm.Name] = true
	case journal.AlarmCleared:
		delete(s.alarms, e.Alarm.Name)
	case journal.Paused:
		s.paused[e.Address] = true
	case journal.Resumed:
		delete(s.paused, e.Address)
	}
}

// line returns the state as a line.
func (s *status) line() string {
	var parts []string
	if s.running != "" {
		parts = append(parts, "reconciling ("+s.running+")")
	}
	if p := s.pass; p != nil {
		text := fmt.Sprintf("last pass at %s: %s", p.End.UTC().Format(time.DateTime+"Z"), p.Outcome)
		if p.Reason != "" {
			text += ": " + p.Reason
		}
		parts = append(parts, text)
	}
	if s.waiting {
		parts = append(parts, "a plan waits for approval")
	}
	switch {
	case s.paused[""]:
		parts = append(parts, "paused")
	case len(s.paused) > 0:
		parts = append(parts, fmt.Sprintf("paused addresses: %d", len(s.paused)))
	}
	if len(s.alarms) > 0 {
		parts = append(parts, fmt.Sprintf("alarms: %d", len(s.alarms)))
	}
	return strings.Join(parts, "; ")
}
