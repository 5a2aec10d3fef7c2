package plan

import (
	"slices"

	"fleet/spec"
)

// A surge creates the new sandbox before the old one is deleted. No sandbox can
// be renamed, so that the new one has another name: a sandbox goes to and fro
// between two.

// asNamed is the resource under the one of its two names that its sandbox has.
func asNamed(r *spec.Resource, have *Object) *spec.Resource {
	if have != nil && spec.SurgeNames(have.Name, r.Name()) {
		return r.Named(have.Name)
	}
	return r
}

// paired reports whether two sandboxes have the two names of one.
func paired(a, b *Object) bool {
	return a.Fleet() == b.Fleet() && a.Labels[spec.SelfLabel] != "" && b.Labels[spec.SelfLabel] != "" && spec.SurgeNames(a.Name, b.Name)
}

// keeper tells which of the two sandboxes of a surge that was interrupted stays,
// and which is left over: the new one only stays when it is complete.
func keeper(a, b *Object) (keep, spare *Object) {
	older, newer := a, b
	if b.Created.Before(a.Created) {
		older, newer = b, a
	}
	if newer.Failed || newer.Unfinished() || newer.Leaving() || newer.State != spec.Started && newer.Next == spec.Started {
		return older, newer
	}
	return newer, older
}

// surge turns a replacement into one in which the new sandbox is created first,
// where the spec wants that and names and links allow it.
func (c *computer) surge(s *Step, r *spec.Resource) {
	o := r.Rollout()
	if o == nil || !o.Surge || s.Have.Failed || c.noSurge(s, r) != "" {
		return
	}
	other := r.OtherName()
	s.Surge, s.Name, s.Want = true, other, r.Named(other)
	s.Ops = slices.DeleteFunc(slices.Clone(s.Ops), func(op Op) bool { return op.Verb == DoDelete })
	s.Ops = append(s.Ops, Op{Verb: DoDelete, ID: s.Have.ID})
}

// noSurge says why the new sandbox cannot be created before the old one is
// deleted; "" when it can.
func (c *computer) noSurge(s *Step, r *spec.Resource) string {
	other := r.OtherName()
	holder := c.holders[other]
	switch {
	case other == "":
		return "the spec gives the name"
	case holder != nil && holder != c.spares[s.Address.Key]:
		return "the other name is taken"
	case c.linksTo(s.Address):
		return "it is linked"
	}
	return ""
}

// countSurge tells how many steps of a rollout surge, and why the others do not.
func (c *computer) countSurge(r *Rollout, steps []*Step) {
	if !steps[0].Want.Rollout().Surge {
		return
	}
	for _, s := range steps {
		switch {
		case s.Surge:
			r.Surge++
		case r.NoSurge == "" && s.Action == Replace && !s.Have.Failed:
			r.NoSurge = c.noSurge(s, s.Want)
		}
	}
}

// linksTo reports whether a sandbox of the spec is linked to the one at an
// address.
func (c *computer) linksTo(a spec.Address) bool {
	if c.linkedTo == nil {
		c.linkedTo = map[spec.Address]bool{}
		for _, r := range c.fleet.Of(spec.SandboxKind) {
			for _, need := range r.Needs {
				if need.Kind == spec.SandboxKind {
					c.linkedTo[need], c.linkedTo[r.Address] = true, true
				}
			}
		}
	}
	return c.linkedTo[a]
}

// clear has what a surge left over deleted before anything else: it may have the
// name that the next one needs.
func (c *computer) clear(s *Step) {
	spare := c.spares[s.Address.Key]
	if spare == nil || spare.Leaving() || s.Blocked != nil {
		return
	}
	s.Spare = spare
	s.Ops = append([]Op{{Verb: DoDelete, ID: spare.ID}}, s.Ops...)
	if s.Reason == "" {
		s.Reason = "its replacement was interrupted: " + spare.Name + " is left over, and goes"
	}
	if s.Loses == "" && !spare.Unfinished() && !spare.Failed {
		s.Loses = "what is on the disk of " + spare.Name
	}
	if s.Action == NoOp {
		s.Action, s.Kept = Clear, ""
	}
}
