package policy

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"fleet/internal/foreign"
	"fleet/internal/suggest"
	"fleet/plan"
	"fleet/spec"
)

// A Pause is when and by whom an address was paused.
type Pause struct {
	By    string    `json:"by"` // page or command
	Since time.Time `json:"since"`
}

// Pause leaves an address out of all passes until [State.Resume]. An address without an
// index stands for all copies of a group, and "" for the whole fleet. known are the
// addresses of the fleet: the error reports that none of them is meant, or that too
// many are paused. A second pause of an address changes nothing.
func (s *State) Pause(address, by string, known []spec.Address, now time.Time) error {
	if _, paused := s.pauses[address]; paused {
		return nil
	}
	if err := checkKnown(address, known); err != nil {
		return err
	}
	if len(s.pauses) == maxPauses {
		return fmt.Errorf("%d addresses are paused; pause a group or the whole fleet instead", maxPauses)
	}
	s.setPause(address, Pause{By: by, Since: now.Round(0)})
	return nil
}

func (s *State) setPause(address string, p Pause) {
	if s.pauses == nil {
		s.pauses = map[string]Pause{}
	}
	s.pauses[address] = p
}

// checkKnown returns an error if no known address is meant.
func checkKnown(address string, known []spec.Address) error {
	if address == "" {
		return nil
	}
	var names []string
	for _, a := range known {
		for _, name := range []string{a.String(), a.GroupAddress().String()} {
			if name == address {
				return nil
			}
			names = append(names, name)
		}
	}
	hint := suggest.DidYouMean(address, names)
	if hint != "" {
		hint = "; " + hint
	}
	return fmt.Errorf("the fleet has no %s%s", foreign.Text(address), hint)
}

// Resume ends a pause. The error reports that there is none of exactly this address, and
// names one that includes it.
func (s *State) Resume(address string) error {
	if _, paused := s.pauses[address]; paused {
		delete(s.pauses, address)
		return nil
	}
	if a, err := spec.ParseAddress(address); err == nil {
		if by, _, paused := s.pauseOf(a); paused {
			return fmt.Errorf("%s is not paused alone: resume %s", foreign.Text(address), pausedName(by))
		}
	}
	return fmt.Errorf("%s is not paused", pausedName(address))
}

// Pauses returns the addresses that are paused, sorted; "" is the whole fleet.
func (s *State) Pauses() []string { return slices.Sorted(maps.Keys(s.pauses)) }

// Paused returns when and by whom an address was paused.
func (s *State) Paused(address string) (p Pause, paused bool) {
	p, paused = s.pauses[address]
	return p, paused
}

// pauseOf returns the pause that includes an address.
func (s *State) pauseOf(a spec.Address) (of string, p Pause, paused bool) {
	for _, of := range []string{"", a.GroupAddress().String(), a.String()} {
		if p, paused := s.pauses[of]; paused {
			return of, p, true
		}
	}
	return "", Pause{}, false
}

// pauseBlock returns the block of a step that is paused, or nil. A former version of a
// snapshot is paused with the snapshot.
func (s *State) pauseBlock(step *plan.Step) *plan.Block {
	for _, a := range []spec.Address{step.Address, step.FormerVersionOf} {
		if of, p, paused := s.pauseOf(a); paused {
			return &plan.Block{
				Kind:    plan.Paused,
				Reason:  fmt.Sprintf("%s was paused by %s at %s", pausedName(of), foreign.Text(p.By), p.Since.UTC().Format(minute)),
				Unblock: "resume it",
			}
		}
	}
	return nil
}

// minute is the layout of times for a reader.
const minute = "2006-01-02 15:04 MST"

func pausedName(address string) string {
	if address == "" {
		return "the fleet"
	}
	return foreign.Escape(address)
}
