package plan

import (
	"fmt"
	"strings"

	"fleet/spec"
)

// resolveNameConflict plans the step of a sandbox whose name another sandbox has, the
// holder.
func (c *planner) resolveNameConflict(s *Step, r *spec.Resource, have, holder *Object) {
	s.Action = Create
	owner := holder.Fleet()
	renameHint := fmt.Sprintf("write another name in %s", specPath(r))
	conflict := func(reason, unblock string) {
		s.Blocked = &Block{Conflict, reason, unblock}
	}
	switch {
	case owner != "" && !c.fleet.HasName(owner):
		if holder.Key() == r.Key { // probably the fleet was renamed
			renameHint += fmt.Sprintf("; or, if that is what this fleet was called before, write moved: [{from: fleet.%s}]", owner)
		}
		conflict(fmt.Sprintf("the name %q is taken by a sandbox of the fleet %q", holder.Name, owner), renameHint)
	case c.keys[holder] != "":
		c.inheritName(s, r, have)
	case c.fleet.HasName(owner) && holder.Key() != "":
		conflict(fmt.Sprintf("the name %q is taken by a sandbox with the labels of this fleet that this fleet did not create", holder.Name), renameHint+", or delete that one")
	case ManagedByTool(r, holder):
		conflict(fmt.Sprintf("the name %q is taken by a sandbox managed by %s", holder.Name, holder.Manager()), renameHint)
	case !c.opts.Adopts(r):
		conflict(fmt.Sprintf("a sandbox named %q exists, and no fleet owns it", holder.Name), fmt.Sprintf("adopt: true in %s or --adopt takes it over; or write another name there", specPath(r)))
	case have != nil:
		conflict(fmt.Sprintf("%s is %q already; it cannot adopt %q", s.Address, have.Name, holder.Name), renameHint)
	case holder.Failed:
		conflict(fmt.Sprintf("the sandbox %q is in state %s", holder.Name, holder.State), "delete it, or "+renameHint)
	default:
		c.adopt(s, r, holder)
	}
}

// ManagedByTool reports whether the labels of the sandbox mark it as managed by another
// tool. A mark that r sets to the same value does not count; r may be nil.
func ManagedByTool(r *spec.Resource, o *Object) bool {
	for _, label := range managerLabels {
		if by := o.Labels[label]; by != "" && by != "fleet" && (r == nil || r.LabelValue(label) != by) {
			return true
		}
	}
	return false
}

// inheritName plans the step of a sandbox whose name is taken by a sandbox of the same
// fleet. That one is deleted or renamed in the same plan, or [planner.blockNameConflicts]
// blocks the step.
func (c *planner) inheritName(s *Step, r *spec.Resource, have *Object) {
	if have != nil {
		s.ID = have.ID
		c.planChange(s, r, r.Diff(have.Object, c.world.Facts))
		return
	}
	s.Ops = append([]Op{{Verb: DoCreate}}, transitionOps(spec.Started, r.State())...)
}

// adopt plans the adoption of an unowned sandbox. It is blocked if the sandbox would
// have to be replaced.
func (c *planner) adopt(s *Step, r *spec.Resource, existing *Object) {
	s.Have, s.ID = existing, existing.ID
	diffs := r.Diff(existing.Object, c.world.Facts)
	var forced []string
	for _, d := range diffs {
		if d.Mode == spec.RequiresReplace {
			forced = append(forced, d.Attr.Key)
		}
	}
	c.planChange(s, r, diffs)
	s.Action = Adopt
	if s.Reason == "" {
		s.Reason = "no fleet owns it"
	}
	if len(forced) > 0 || s.hasVerb(DoDelete) {
		why := s.Reason
		if len(forced) > 0 {
			why = strings.Join(forced, ", ") + " cannot be changed in place"
		}
		s.blockAdoption(why)
	}
}

// blockAdoption blocks an adoption that would replace the sandbox.
func (s *Step) blockAdoption(why string) {
	s.Ops, s.DataLoss = nil, ""
	s.Blocked = &Block{Illegal, "it could only be adopted by replacing it: " + why, "make the spec match the sandbox, which fleet export prints, or delete the sandbox"}
}
