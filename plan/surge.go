package plan

import (
	"slices"

	"fleet/spec"
)

// A surge creates the new sandbox before the old one is deleted. No sandbox can
// be renamed, so that the new one has another name: a sandbox goes to and fro
// between two.

// withCurrentName is the resource under the one of its two names that its sandbox has.
func withCurrentName(r *spec.Resource, have *Object) *spec.Resource {
	if have != nil && spec.IsSurgePair(have.Name, r.Name()) {
		return r.WithName(have.Name)
	}
	return r
}

// isSurgePair reports whether two sandboxes have the two names of one.
func isSurgePair(a, b *Object) bool {
	return a.Fleet() == b.Fleet() && a.Labels[spec.NameDigestLabel] != "" && b.Labels[spec.NameDigestLabel] != "" && spec.IsSurgePair(a.Name, b.Name)
}

// resolveSurgePair tells which of the two sandboxes of a surge that was interrupted stays,
// and which is left over: the new one only stays when it is complete.
func resolveSurgePair(a, b *Object) (keep, leftover *Object) {
	older, newer := a, b
	if b.Created.Before(a.Created) {
		older, newer = b, a
	}
	if newer.Failed || newer.Unfinished() || newer.Deleting() || newer.State != spec.Started && newer.TargetState == spec.Started {
		return older, newer
	}
	return newer, older
}

// planSurge turns a replacement into one in which the new sandbox is created first,
// where the spec wants that and names and links allow it.
func (c *planner) planSurge(s *Step, r *spec.Resource) {
	o := r.Rollout()
	if o == nil || !o.Surge || s.Have.Failed || c.noSurgeReason(s, r) != "" {
		return
	}
	other := r.AlternateName()
	s.Surge, s.Name, s.Want = true, other, r.WithName(other)
	s.Ops = slices.DeleteFunc(slices.Clone(s.Ops), func(op Op) bool { return op.Verb == DoDelete })
	s.Ops = append(s.Ops, Op{Verb: DoDelete, ID: s.Have.ID})
}

// noSurgeReason says why the new sandbox cannot be created before the old one is
// deleted; "" when it can.
func (c *planner) noSurgeReason(s *Step, r *spec.Resource) string {
	other := r.AlternateName()
	holder := c.sandboxesByName[other]
	switch {
	case other == "":
		return "the spec gives the name"
	case holder != nil && holder != c.surgeLeftovers[s.Address.Key]:
		return "the other name is taken"
	case c.isLinked(s.Address):
		return "it is linked"
	}
	return ""
}

// countSurge tells how many steps of a rollout surge, and why the others do not.
func (c *planner) countSurge(r *Rollout, steps []*Step) {
	if !steps[0].Want.Rollout().Surge {
		return
	}
	for _, s := range steps {
		switch {
		case s.Surge:
			r.Surge++
		case r.NoSurgeReason == "" && s.Action == Replace && !s.Have.Failed:
			r.NoSurgeReason = c.noSurgeReason(s, s.Want)
		}
	}
}

// isLinked reports whether a sandbox of the spec is linked to the one at an
// address.
func (c *planner) isLinked(a spec.Address) bool {
	if c.linkedTo == nil {
		c.linkedTo = map[spec.Address]bool{}
		for _, r := range c.fleet.OfKind(spec.SandboxKind) {
			for _, need := range r.DependsOn {
				if need.Kind == spec.SandboxKind {
					c.linkedTo[need], c.linkedTo[r.Address] = true, true
				}
			}
		}
	}
	return c.linkedTo[a]
}

// addLeftoverDeletion has what a surge left over deleted before anything else: it may have the
// name that the next one needs.
func (c *planner) addLeftoverDeletion(s *Step) {
	leftover := c.surgeLeftovers[s.Address.Key]
	if leftover == nil || leftover.Deleting() || s.Blocked != nil {
		return
	}
	s.SurgeLeftover = leftover
	s.Ops = append([]Op{{Verb: DoDelete, ID: leftover.ID}}, s.Ops...)
	if s.Reason == "" {
		s.Reason = "its replacement was interrupted: " + leftover.Name + " is left over and will be deleted"
	}
	if s.DataLoss == "" && !leftover.Unfinished() && !leftover.Failed {
		s.DataLoss = "what is on the disk of " + leftover.Name
	}
	if s.Action == NoOp {
		s.Action, s.RetainedReason = Clear, ""
	}
}
