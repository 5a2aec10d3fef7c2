package plan

import (
	"fmt"
	"maps"
	"slices"

	"fleet/spec"
)

// A Precondition is the state of an object when its step was planned, as far as the
// step depends on it.
type Precondition struct {
	ID          string `json:"id"`                  // of the object
	Name        string `json:"name"`                // of the object
	Fleet       string `json:"owner,omitempty"`     // the fleet in its labels; empty for none
	Key         string `json:"key,omitempty"`       // its key in that fleet
	Fingerprint string `json:"seal,omitempty"`      // in its labels; empty for none
	Protected   bool   `json:"protected,omitempty"` // by its labels
	Shared      bool   `json:"shared,omitempty"`    // by the platform
	State       string `json:"state"`               // target state

	// Attributes holds digests of the observed values that the step changes, by
	// attribute, as far as they are known. Digests of secret values are so short that
	// they only show whether the value changed.
	Attributes map[string]string `json:"attributes,omitempty"`
}

// preconditionOf returns the precondition of a planned step; nil if its object does
// not exist. hide redacts sensitive values.
func preconditionOf(s *Step, hide func(string) string) *Precondition {
	o := s.Have
	if o == nil {
		return nil
	}
	p := &Precondition{
		ID: o.ID, Name: hide(o.Name), Fleet: o.Fleet(), Key: o.Key(), Fingerprint: o.Labels[spec.FingerprintLabel],
		Protected: o.Labels[spec.ProtectLabel] == "true", Shared: o.Shared, State: o.TargetState,
	}
	for _, c := range s.Changes {
		if s.Want == nil {
			break
		}
		if d := s.Want.Digest(o.Object, c.Attribute); d != "" {
			if p.Attributes == nil {
				p.Attributes = map[string]string{}
			}
			p.Attributes[c.Attribute] = d
		}
	}
	return p
}

// violations returns a clause for each part of the precondition of a step that now no
// longer holds. The state counts only if the step depends on it: if it changes the
// state, or deletes an object that has been started since.
func (p *Precondition) violations(s *Step, now *Precondition) []string {
	switch {
	case p == nil:
		return nil // the actions of the steps differ, which is reported elsewhere
	case now == nil:
		return []string{"it is gone"}
	case now.ID != p.ID:
		return []string{fmt.Sprintf("it is another object: its id is %s, not %s", now.ID, p.ID)}
	}
	var list []string
	check := func(wrong bool, format string, args ...any) {
		if wrong {
			list = append(list, fmt.Sprintf(format, args...))
		}
	}
	check(now.Name != p.Name, "it is called %q, not %q", now.Name, p.Name)
	check(now.Fleet != p.Fleet || now.Key != p.Key, "its ownership labels changed: it is %s, not %s", now.owner(), p.owner())
	check(now.Protected && !p.Protected, "it was protected")
	check(now.Shared != p.Shared, "it belongs to the platform")
	check(now.Fingerprint != p.Fingerprint, "its fingerprint changed: another apply changed it")
	switch {
	case s.Action.Destroys():
		check(now.State == spec.Started && p.State != spec.Started, "it is %s, and was %s: it may be in use", now.State, p.State)
	case s.dependsOnState():
		check(now.State != p.State, "it is %s, and was %s", now.State, p.State)
	}
	for _, key := range slices.Sorted(maps.Keys(p.Attributes)) {
		is, known := now.Attributes[key]
		check(known && is != p.Attributes[key], "its %s changed", key)
	}
	return list
}

// owner returns the owner of the object, as in a sentence.
func (p *Precondition) owner() string {
	if p.Fleet == "" {
		return "unowned"
	}
	return fmt.Sprintf("%s of the fleet %s", sandboxAddress(p.Key), p.Fleet)
}

// dependsOnState reports whether the step depends on the current state of its object.
func (s *Step) dependsOnState() bool {
	return slices.ContainsFunc(s.Ops, func(op Op) bool {
		return verbs[op.Verb].transition
	})
}
