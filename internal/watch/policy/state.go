package policy

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"fleet/spec"
)

// A State is what a watch has to remember between its passes. It has an upper size, and
// is written to and read from JSON, so that it survives a restart. It holds no values
// of the spec or of objects. The zero State is empty and ready for use. It must not be
// used by several goroutines at once.
type State struct {
	pauses   map[string]Pause
	failures map[spec.Address]*failure
	flaps    map[flapKey]*flap

	// inWindow is the time of the last pass in an open sync window, or of the first pass.
	inWindow time.Time
}

// The largest numbers of entries.
const (
	maxPauses   = 1000
	maxFailures = 10_000
	maxFlaps    = 10_000
)

// stateVersion is the version of the format of a state.
const stateVersion = 1

// stateJSON is the format of a state.
type stateJSON struct {
	Version  int           `json:"version"`
	Pauses   []pauseJSON   `json:"pauses,omitempty"`
	Failures []failureJSON `json:"failures,omitempty"`
	Flaps    []flapJSON    `json:"flaps,omitempty"`
	InWindow time.Time     `json:"in_window,omitzero"`
}

type pauseJSON struct {
	Address string `json:"address"` // empty for the whole fleet
	Pause
}

type failureJSON struct {
	Address spec.Address `json:"address"`
	failure
}

type flapJSON struct {
	flapKey
	flap
}

// MarshalJSON returns the state as JSON.
func (s *State) MarshalJSON() ([]byte, error) {
	out := stateJSON{Version: stateVersion, InWindow: s.inWindow}
	for _, a := range slices.Sorted(maps.Keys(s.pauses)) {
		out.Pauses = append(out.Pauses, pauseJSON{a, s.pauses[a]})
	}
	for _, a := range slices.SortedFunc(maps.Keys(s.failures), compareAddresses) {
		out.Failures = append(out.Failures, failureJSON{a, *s.failures[a]})
	}
	for _, k := range slices.SortedFunc(maps.Keys(s.flaps), compareFlaps) {
		out.Flaps = append(out.Flaps, flapJSON{k, *s.flaps[k]})
	}
	return json.Marshal(out)
}

// UnmarshalJSON sets the state to one that MarshalJSON returned. The error reports
// that the text is damaged, or that a newer version of fleet wrote it; s is unchanged then.
func (s *State) UnmarshalJSON(text []byte) error {
	var in stateJSON
	if err := json.Unmarshal(text, &in); err != nil {
		return fmt.Errorf("it is not the state of a watch: %w", err)
	}
	switch {
	case in.Version > stateVersion:
		return fmt.Errorf("it has version %d of the format, and this version of fleet reads %d; use the version that wrote it", in.Version, stateVersion)
	case in.Version < 1:
		return errors.New("it is not the state of a watch: it has no version")
	case len(in.Pauses) > maxPauses, len(in.Failures) > maxFailures, len(in.Flaps) > maxFlaps:
		return errors.New("it has more entries than fleet writes")
	}
	read := State{inWindow: in.InWindow}
	for _, p := range in.Pauses {
		read.setPause(p.Address, p.Pause)
	}
	for _, f := range in.Failures {
		read.setFailure(f.Address, &f.failure)
	}
	for _, f := range in.Flaps {
		if n := len(f.Times); n == 0 || n > flapLimit {
			return errors.New("it is not the state of a watch: a number of changes is out of range")
		}
		read.setFlap(f.flapKey, &f.flap)
	}
	*s = read
	return nil
}

// setClock corrects times after now, which a clock that was set back leaves behind: no
// object waits longer than without that.
func (s *State) setClock(now time.Time) {
	for _, f := range s.failures {
		f.Last = earlier(f.Last, now)
	}
	for _, f := range s.flaps {
		for i, t := range f.Times {
			f.Times[i] = earlier(t, now)
		}
	}
	s.inWindow = earlier(s.inWindow, now)
}

func earlier(a, b time.Time) time.Time {
	if a.After(b) {
		return b
	}
	return a
}

// makeRoom removes the entry with the smallest time if m has the most entries that it
// may have.
func makeRoom[K comparable, V any](m map[K]V, most int, at func(V) time.Time) {
	if len(m) < most {
		return
	}
	var oldest K
	var oldestTime time.Time
	for k, v := range m {
		if t := at(v); oldestTime.IsZero() || t.Before(oldestTime) {
			oldest, oldestTime = k, t
		}
	}
	delete(m, oldest)
}

func compareAddresses(a, b spec.Address) int {
	return cmp.Or(cmp.Compare(a.Kind, b.Kind), spec.CompareKeys(a.Key, b.Key))
}
