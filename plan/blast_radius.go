package plan

import (
	"fmt"

	"fleet/spec"
)

// The blast radius: how many objects a plan may take away without being told.
const (
	blastRadiusObjects = 10
	blastRadiusPercent = 20
)

// checkBlastRadius blocks what would take away more than a plan may by itself.
func (c *planner) checkBlastRadius() {
	if c.opts.Destroy {
		return
	}
	var existing []*Step
	for _, s := range c.plan.Steps {
		if s.Have == nil || s.Action == Adopt || s.Action == NoOp && s.Want == nil { // what is kept unwanted counts for nothing
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

// CheckBlastRadius blocks those of the steps that destroy, if together they would take
// away more than may go without a word: a step stands for each object that
// there is. Of a selection only the chosen ones are carried out; nil chooses all.
// It reports whether all sandboxes would go.
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
