package plan

import (
	"fmt"
	"strings"

	"fleet/spec"
)

// planPinned plans the step of a snapshot whose version the spec pins: that version is
// used as it is, and never created.
func (c *planner) planPinned(r *spec.Resource, have *Object) *Step {
	s := &Step{Address: r.Address, Action: NoOp, Name: r.Name(), Want: r, Have: have, Timeout: r.Timeout(false)}
	if have != nil && !have.Failed && !have.Deleting() {
		s.ID = have.ID
		c.planActive(s, r)
		return s
	}
	reason := fmt.Sprintf("there is no version %s of it", r.PinnedVersion())
	switch {
	case have != nil && have.Failed:
		reason = fmt.Sprintf("version %s of it %s", r.PinnedVersion(), strings.TrimPrefix(stateReason(r, have), "it "))
	case have != nil:
		reason = fmt.Sprintf("version %s of it is being deleted", r.PinnedVersion())
	}
	s.Action, s.Have = Create, nil
	s.Ops = []Op{{Verb: DoCreate}}
	s.Blocked = &Block{Illegal, reason, c.pinHint(r)}
	return s
}

// pinHint returns the hint for a pinned version that cannot be used.
func (c *planner) pinHint(r *spec.Resource) string {
	var versions []string
	for _, o := range c.world.formerVersions(c.fleet)[r] {
		if version, ok := r.VersionIn(o.Name); ok && !o.Failed {
			versions = append(versions, version)
		}
	}
	if len(versions) == 0 {
		return fmt.Sprintf("there are no other versions; remove the pin in %s", specPath(r))
	}
	return fmt.Sprintf("pin %s, or remove the pin in %s", JoinOr(versions), specPath(r))
}
