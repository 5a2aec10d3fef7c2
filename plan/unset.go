package plan

import (
	"slices"
	"strings"

	"fleet/spec"
)

// noteUncompared records on each step which attributes are unknown, since they depend
// on values that are not set, and warns about these values. Such attributes are not
// differences, but the object is not known to match the spec either.
func (c *planner) noteUncompared() {
	if c.opts.Destroy || len(c.fleet.Unset()) == 0 {
		return
	}
	for _, s := range c.plan.Steps {
		if s.Want == nil {
			continue
		}
		unknown, note := s.Want.Unset(), "not set: "
		if s.Have != nil || isVersionUnknown(s.Want) { // the version may exist
			s.Uncompared = s.Want.UncomparedUnset()
			unknown, note = s.Uncompared, "not compared: "
		}
		if len(unknown) == 0 {
			continue
		}
		note += strings.Join(unknown, ", ")
		if s.RetainedReason != "" {
			note = s.RetainedReason + "; " + note
		}
		s.RetainedReason = note
	}
	c.warn("not set: %s. What depends on these values is not compared, and apply needs them", c.fleet.UnsetSummary())
}

// addUnset adds diagnostics of values that hooks of the plan need and that are not set.
func (c *planner) addUnset(ms spec.Diagnostics) {
	for _, m := range ms {
		if !slices.Contains(c.plan.unset, m) {
			c.plan.unset = append(c.plan.unset, m)
		}
	}
}

// UncomparedCount returns the number of steps with attributes that could not be
// compared.
func (p *Plan) UncomparedCount() int {
	n := 0
	for _, s := range p.Steps {
		if len(s.Uncompared) > 0 {
			n++
		}
	}
	return n
}
