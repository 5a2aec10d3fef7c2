package policy

import (
	"errors"
	"fmt"
	"time"

	"fleet/apply"
	"fleet/client"
	"fleet/plan"
	"fleet/spec"
)

// backOffs are how long an object is left alone after its first failure, its second, and
// so on; after more failures the last one.
var backOffs = []time.Duration{time.Minute, 2 * time.Minute, 4 * time.Minute, 8 * time.Minute, 16 * time.Minute, 30 * time.Minute}

// A failure counts how often in a row a step for an object has failed. A change of the
// object after the plan was made counts only if it happens again: the next plan is right.
type failure struct {
	Count int       `json:"count"` // 0 if only its object had changed since the plan was made
	Last  time.Time `json:"last"`
	Spec  string    `json:"spec"` // fingerprint of the resource
}

// until returns when the object is tried again.
func (f *failure) until() time.Time {
	if f.Count <= 0 {
		return f.Last
	}
	return f.Last.Add(backOffs[min(f.Count, len(backOffs))-1])
}

// outages are the errors that are about the server or the credentials: an object did not
// cause them, and must not wait longer than the outage.
var outages = map[client.ErrorClass]bool{
	client.Maintenance: true, client.NotDaytona: true, client.RateLimited: true, client.Suspended: true,
	client.Unauthorized: true, client.Unreachable: true,
}

// countFailure records the result of a step for the back-off of its object.
func (s *State) countFailure(r apply.Result, fingerprint string, now time.Time) {
	switch {
	case r.Outcome == apply.Done:
		delete(s.failures, r.Step.Address)
	case r.Outcome == apply.Failed && !outages[client.ErrorClassOf(r.Err)]:
		f := s.failures[r.Step.Address]
		if f == nil || f.Spec != fingerprint {
			f = &failure{Spec: fingerprint}
			if errors.Is(r.Err, apply.ErrStale) {
				f.Count--
			}
		}
		f.Count, f.Last = f.Count+1, now
		s.setFailure(r.Step.Address, f)
	}
}

// hasFailed reports whether the last step for an object has failed.
func (s *State) hasFailed(a spec.Address) bool {
	f := s.failures[a]
	return f != nil && f.Count > 0
}

func (s *State) setFailure(a spec.Address, f *failure) {
	if s.failures == nil {
		s.failures = map[spec.Address]*failure{}
	}
	if s.failures[a] == nil {
		makeRoom(s.failures, maxFailures, (*failure).until)
	}
	s.failures[a] = f
}

// backOffBlock returns the block of a step whose object failed a short time ago, with the
// time of the next attempt; nil if it may be tried.
func (s *State) backOffBlock(step *plan.Step, now time.Time) (*plan.Block, time.Time) {
	f := s.failures[step.Address]
	if f == nil || !now.Before(f.until()) {
		return nil, time.Time{}
	}
	return &plan.Block{
		Kind:    plan.BackOff,
		Reason:  fmt.Sprintf("it failed %s in a row, and is tried again at %s", plan.Plural(f.Count, "time", "times"), f.until().UTC().Format(minuteSecond)),
		Unblock: "wait, change its spec, or approve the plan",
	}, f.until()
}

// minuteSecond is the layout of times that are a few minutes away.
const minuteSecond = "15:04:05 MST"
