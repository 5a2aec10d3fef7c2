package policy

import (
	"cmp"
	"fmt"
	"time"

	"fleet/apply"
	"fleet/internal/foreign"
	"fleet/plan"
	"fleet/spec"
)

const (
	// flapLimit is how many equal changes within flapPeriod make an object flap: it is
	// changed back more than three times.
	flapLimit  = 4
	flapPeriod = time.Hour
)

// A flapKey names what is changed again and again.
type flapKey struct {
	Address   spec.Address `json:"address"`
	Attribute string       `json:"attribute,omitempty"` // empty if the object as a whole is, for example created
	Action    string       `json:"action,omitempty"`    // past participle; empty for an attribute
}

// String returns the change for a reader.
func (k flapKey) String() string {
	if k.Attribute == "" {
		return k.Action
	}
	return k.Attribute + " was changed back"
}

func compareFlaps(a, b flapKey) int {
	return cmp.Or(compareAddresses(a.Address, b.Address), cmp.Compare(a.Attribute, b.Attribute), cmp.Compare(a.Action, b.Action))
}

// A flap holds the times of the last equal changes of an object.
type flap struct {
	Times []time.Time `json:"times"` // the oldest first; at most flapLimit
	Spec  string      `json:"spec"`  // fingerprint of the resource
}

// last returns the time of the last change.
func (f *flap) last() time.Time { return f.Times[len(f.Times)-1] }

// flaps reports whether flapLimit changes were made within flapPeriod. The object is then
// left alone for flapPeriod after the last one.
func (f *flap) flaps() bool {
	return len(f.Times) == flapLimit && f.last().Sub(f.Times[0]) <= flapPeriod
}

// changesOf returns what a step changes that another client, or the platform, may have
// caused. A changed attribute counts for itself; a step without any counts as a whole.
func changesOf(s *plan.Step) []flapKey {
	var keys []flapKey
	for _, c := range s.Changes {
		if c.Cause != spec.SpecChanged {
			keys = append(keys, flapKey{Address: s.Address, Attribute: c.Attribute})
		}
	}
	if len(s.Changes) == 0 && s.Want != nil {
		keys = append(keys, flapKey{Address: s.Address, Action: s.Action.PastTense()})
	}
	return keys
}

// countChanges records the changes that a step has made.
func (s *State) countChanges(r apply.Result, fingerprint string, now time.Time) {
	if r.Outcome != apply.Done {
		return
	}
	for _, k := range changesOf(r.Step) {
		f := s.flaps[k]
		if f == nil || f.Spec != fingerprint {
			f = &flap{Spec: fingerprint}
		}
		if len(f.Times) == flapLimit {
			f.Times = f.Times[1:]
		}
		f.Times = append(f.Times, now)
		s.setFlap(k, f)
	}
}

func (s *State) setFlap(k flapKey, f *flap) {
	if s.flaps == nil {
		s.flaps = map[flapKey]*flap{}
	}
	if s.flaps[k] == nil {
		makeRoom(s.flaps, maxFlaps, (*flap).last)
	}
	s.flaps[k] = f
}

// flapBlock returns the block of a step that would change again what flaps, with the key
// and the end of the block; nil if nothing flaps.
func (s *State) flapBlock(step *plan.Step) (*plan.Block, flapKey, time.Time) {
	for _, k := range changesOf(step) {
		f := s.flaps[k]
		if f == nil || !f.flaps() {
			continue
		}
		until := f.last().Add(flapPeriod)
		return &plan.Block{
			Kind:    plan.Flapping,
			Reason:  fmt.Sprintf("%s %d times within an hour, so that it is left alone until %s", k, len(f.Times), until.UTC().Format(minute)),
			Unblock: "find the client that changes it, change its spec, or approve the plan",
		}, k, until
	}
	return nil, flapKey{}, time.Time{}
}

// flapAlarm returns the text of the alarm for a step that flaps. client is the one that
// causes it; empty if it is not known.
func flapAlarm(step *plan.Step, k flapKey, b *plan.Block, client string) string {
	switch {
	case client != "":
		client = foreign.Escape(client)
	case step.Drift == plan.Expected:
		client = "the platform"
	default:
		client = "another client"
	}
	for _, c := range step.Changes {
		if c.Attribute == k.Attribute {
			return fmt.Sprintf("%s flaps: %s; %s sets %s to %s, and the spec to %s", step.Address, b.Reason, client, c.Attribute, foreign.Escape(c.Have), foreign.Escape(c.Want))
		}
	}
	return fmt.Sprintf("%s flaps: %s; %s undoes it", step.Address, b.Reason, client)
}
