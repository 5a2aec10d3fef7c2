package plan

import (
	"fmt"
	"strings"

	"fleet/spec"
)

// rival decides about a wanted name that somebody else holds.
func (c *computer) rival(s *Step, r *spec.Resource, have, rival *Object) {
	s.Action = Create
	owner := rival.Fleet()
	another := fmt.Sprintf("write another name in %s", place(r))
	conflict := func(reason, unblock string) {
		s.Blocked = &Block{Conflict, reason, unblock}
	}
	switch {
	case owner != "" && !c.fleet.Is(owner):
		if rival.Key() == r.Key { // as it would be if the fleet were called otherwise now
			another += fmt.Sprintf("; or, if that is what this fleet was called before, write moved: [{from: fleet.%s}]", owner)
		}
		conflict(fmt.Sprintf("the name %q is that of a sandbox of the fleet %q", rival.Name, owner), another)
	case c.keys[rival] != "":
		c.inherit(s, r, have)
	case c.fleet.Is(owner) && rival.Key() != "":
		conflict(fmt.Sprintf("the name %q is that of a sandbox with the labels of this fleet, which is not of its making", rival.Name), another+", or delete that one")
	case Managed(r, rival):
		conflict(fmt.Sprintf("the name %q is that of a sandbox managed by %s", rival.Name, rival.Manager()), another)
	case !c.opts.Adopts(r):
		conflict(fmt.Sprintf("a sandbox named %q exists, and no fleet owns it", rival.Name), fmt.Sprintf("adopt: true in %s or --adopt takes it over; or write another name there", place(r)))
	case have != nil:
		conflict(fmt.Sprintf("%s is %q already; it cannot adopt %q", s.Address, have.Name, rival.Name), another)
	case rival.Failed:
		conflict(fmt.Sprintf("the sandbox %q is in state %s", rival.Name, rival.State), "delete it, or "+another)
	default:
		c.adopt(s, r, rival)
	}
}

// Managed reports whether another tool has marked the sandbox as its own. A mark
// that r sets in the spec, with the same value, is the spec's; r may be nil.
func Managed(r *spec.Resource, o *Object) bool {
	for _, label := range managerLabels {
		if by := o.Labels[label]; by != "" && by != "fleet" && (r == nil || r.SetLabel(label) != by) {
			return true
		}
	}
	return false
}

// inherit takes the name of a sandbox of the fleet that goes, or gets another
// name, in the same plan.
func (c *computer) inherit(s *Step, r *spec.Resource, have *Object) {
	if have != nil {
		s.ID = have.ID
		c.change(s, r, r.Diff(have.Object, c.world.Facts))
		return
	}
	s.Ops = append([]Op{{Verb: DoCreate}}, lifecycle(spec.Started, r.State())...)
}

// adopt takes over a sandbox that nobody owns, as long as it need not be
// replaced for that.
func (c *computer) adopt(s *Step, r *spec.Resource, rival *Object) {
	s.Have, s.ID = rival, rival.ID
	diffs := r.Diff(rival.Object, c.world.Facts)
	var forced []string
	for _, d := range diffs {
		if d.Mode == spec.Rebuild {
			forced = append(forced, d.Attr.Key)
		}
	}
	c.change(s, r, diffs)
	s.Action = Adopt
	if s.Reason == "" {
		s.Reason = "no fleet owns it"
	}
	if len(forced) > 0 || s.has(DoDelete) {
		why := s.Reason
		if len(forced) > 0 {
			why = strings.Join(forced, ", ") + " cannot be changed in place"
		}
		s.blockAdoption(why)
	}
}

// blockAdoption blocks the adoption of a sandbox that would not survive it.
func (s *Step) blockAdoption(why string) {
	s.Ops, s.Loses = nil, ""
	s.Blocked = &Block{Illegal, "it could only be adopted by replacing it: " + why, "make the spec say what is there, which fleet export prints, or delete the sandbox"}
}
