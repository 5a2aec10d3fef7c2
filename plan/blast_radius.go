package plan

import (
	"fmt"

	"fleet/spec"
)

// The blast radius limits how many objects a plan may destroy without
// --allow-destroy: the larger of a count and a percentage of the existing objects.
const (
	blastRadiusObjects = 10
	blastRadiusPercent = 20
)

// checkBlastRadius blocks the steps that destroy objects if together they exceed
// the blast radius. [Options.Destroy] lifts the limit.
func (c *planner) checkBlastRadius() {
	if c.opts.Destroy {
		return
	}
	var existing []*Step
	for _, s := range c.plan.Steps {
		if s.Have == nil || s.Action == Adopt || s.Action == NoOp && s.Want == nil { // a retained orphan does not count
			continue
		}
		if s.IsFormerVersion() { // no sandbox uses it
			continue
		}
		existing = append(existing, s)
	}
	hint := c.renameHint(CheckBlastRadius(existing, c.selected, c.opts))
	for _, s := range existing {
		if hint != "" && s.Blocked != nil && s.Blocked.Kind == BlastRadius {
			s.Blocked.Unblock += "; " + hint
		}
	}
}

// CheckBlastRadius blocks the destroying steps if together they exceed the blast
// radius. steps has one step for each existing object, since the limit is a share
// of them. Only the steps in chosen are applied and count; nil means all.
// CheckBlastRadius reports whether the blocked steps would delete all sandboxes.
func CheckBlastRadius(steps []*Step, chosen map[*Step]bool, opts Options) (all bool) {
	var destroying []*Step
	deleted, sandboxes, deletedAll := 0, 0, 0
	for _, s := range steps {
		if s.Address.Kind == spec.SandboxKind {
			sandboxes++
		}
		if s.Blocked != nil || !s.destroys() || chosen != nil && !chosen[s] {
			continue
		}
		destroying = append(destroying, s)
		if s.Action == Delete {
			deletedAll++
			if s.Address.Kind == spec.SandboxKind {
				deleted++
			}
		}
	}
	n, existing := len(destroying), len(steps)
	if n == 0 || n <= opts.AllowDestroy {
		return false
	}
	limit := max(blastRadiusObjects, existing*blastRadiusPercent/100)
	var reason string
	switch {
	case opts.NoDestroy:
		reason = fmt.Sprintf("%s would be destroyed", objectCount(n))
	case deleted > 0 && deleted == sandboxes:
		reason = fmt.Sprintf("this deletes all sandboxes of the fleet (%d)", deleted)
	case deletedAll == existing:
		reason = fmt.Sprintf("this deletes everything that the fleet owns (%s)", objectCount(existing))
	case n > limit:
		reason = fmt.Sprintf("%s would be destroyed, more than the %d that a plan may destroy without --allow-destroy", objectCount(n), limit)
	default:
		return false
	}
	for _, s := range destroying {
		s.Blocked = &Block{BlastRadius, reason, fmt.Sprintf("--allow-destroy %d allows it", n)}
	}
	return deleted > 0 && deleted == sandboxes
}

func objectCount(n int) string { return Plural(n, "object", "objects") }
