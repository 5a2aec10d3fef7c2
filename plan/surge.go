package plan

import (
	"slices"

	"fleet/spec"
)

// A surge creates the new sandbox before it deletes the old one. Since sandboxes cannot
// be renamed, the new one needs another name: each surge alternates between two names.

// withCurrentName returns r with that one of its two names that its sandbox has.
func withCurrentName(r *spec.Resource, have *Object) *spec.Resource {
	if have != nil && spec.IsSurgePair(have.Name, r.Name()) {
		return r.WithName(have.Name)
	}
	return r
}

// isSurgePair reports whether two sandboxes have the two names of one resource.
func isSurgePair(a, b *Object) bool {
	return a.Fleet() == b.Fleet() && a.Labels[spec.NameDigestLabel] != "" && b.Labels[spec.NameDigestLabel] != "" && spec.IsSurgePair(a.Name, b.Name)
}

// resolveSurgePair returns which of the two sandboxes of an interrupted surge stays, and
// which is the leftover. The newer one stays only if it is complete.
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

// planSurge makes a replacement a surge if the spec asks for it and names and links
// permit it.
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

// noSurgeReason returns why the new sandbox cannot be created before the old one is
// deleted, or "" if it can.
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

// countSurge counts the steps of a rollout that surge, and records why others do not.
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

// isLinked reports whether the sandbox at an address is linked to another one of the
// spec, or another one to it.
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

// addLeftoverDeletion adds the deletion of a surge leftover before all other operations,
// since it may have the name that the next sandbox needs.
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
