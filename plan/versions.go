package plan

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"fleet/spec"
)

// A snapshot with versioning: content has a version for each content. The spec declares
// the current one; the others are former versions, which the plan deletes when no sandbox
// uses them. Since snapshots carry no labels, a former version is the fleet's own only if
// its content proves its name, or if this machine has recorded its creation.

// A versionIndex finds the declared snapshot that an object is a former version of.
type versionIndex struct {
	bases    map[string]*spec.Resource // declared snapshots by their names without a version
	declared map[string]*spec.Resource // by their full names
}

// newVersionIndex indexes the snapshots of a fleet. If the current version of one is not
// known, since variables are not set, all its versions count as former ones.
func newVersionIndex(f *spec.Fleet) versionIndex {
	x := versionIndex{map[string]*spec.Resource{}, map[string]*spec.Resource{}}
	for _, r := range f.OfKind(spec.SnapshotKind) {
		x.bases[r.VersionBase()] = r
		if !isVersionUnknown(r) {
			x.declared[r.Name()] = r
		}
	}
	return x
}

// of returns the declared snapshot that o, by its name, is a version of, other than the
// declared one; nil if there is none. A snapshot with the name without a version is one,
// too, if the declared one has a version.
func (x versionIndex) of(o *Object) *spec.Resource {
	if o.Shared || o.Deleting() || x.declared[o.Name] != nil {
		return nil
	}
	if r := x.bases[o.Name]; r != nil {
		return r
	}
	base, _, _ := cutLast(o.Name, "-")
	r := x.bases[base]
	if r == nil {
		return nil
	}
	_, isVersion := r.VersionIn(o.Name)
	_, isTrial := r.TrialVersionIn(o.Name)
	if !isVersion && !isTrial {
		return nil
	}
	return r
}

// formerVersions returns the former versions of the declared snapshots, the newest first.
// They include all versions of snapshots whose current version is not known.
func (w *World) formerVersions(f *spec.Fleet) map[*spec.Resource][]*Object {
	index := newVersionIndex(f)
	former := map[*spec.Resource][]*Object{}
	for _, o := range w.Objects[spec.SnapshotKind] {
		if r := index.of(o); r != nil {
			former[r] = append(former[r], o)
		}
	}
	for _, list := range former {
		slices.SortFunc(list, func(a, b *Object) int { return cmp.Or(b.Created.Compare(a.Created), strings.Compare(a.Name, b.Name)) })
	}
	return former
}

// deletableVersions returns the former versions that a plan may delete. Without destroy,
// one that may be the current version is none of them.
func (w *World) deletableVersions(f *spec.Fleet, destroy bool) map[*spec.Resource][]*Object {
	former := w.formerVersions(f)
	if !destroy {
		maps.DeleteFunc(former, func(r *spec.Resource, _ []*Object) bool { return isVersionUnknown(r) })
	}
	return former
}

// planFormerVersions plans the deletion of former versions. It adds a step without
// effect for those that stay.
func (c *planner) planFormerVersions() {
	former := c.world.deletableVersions(c.fleet, c.opts.Destroy)
	for _, r := range c.fleet.OfKind(spec.SnapshotKind) {
		c.explainVersion(r, former[r])
		kept := 0
		for _, o := range former[r] {
			address := spec.Address{Kind: spec.SnapshotKind, Key: o.Name}
			if c.fleet.IsReleased(address) || c.fleet.IsRemoved(address.Kind, o.Name) {
				continue
			}
			for c.resources[address] != nil { // it was created before the snapshot had versions
				address.Key += fixedSuffix
			}
			if s := c.formerVersionStep(r, o, address, &kept); s != nil {
				s.FormerVersionOf = r.Address
				c.add(s)
			}
		}
	}
}

// explainVersion names the version that the plan creates of r, and how it differs from
// the newest former version that the fleet owns.
func (c *planner) explainVersion(r *spec.Resource, former []*Object) {
	s := c.steps[r.Address]
	if s == nil || s.Action != Create || r.Version() == "" || r.PinnedVersion() != "" {
		return
	}
	if s.Reason == "" {
		s.Reason = "version " + r.Version()
	}
	i := slices.IndexFunc(former, func(o *Object) bool { return !o.Failed && c.owner.ownsVersion(r, o) })
	if i < 0 {
		return
	}
	for _, ch := range toChanges(r.Diff(former[i].Object, c.world.Facts)) {
		ch.Rule, ch.Forces = "", false // the former version stays until no sandbox uses it
		s.Changes = append(s.Changes, ch)
	}
}

// fixedSuffix distinguishes the address of a snapshot that was created before it had
// versions from the address of its declaration.
const fixedSuffix = "-fixed"

// formerVersionStep returns the step of a former version of r; nil if the plan does not
// mention it. kept counts the versions that are kept for a rollback.
func (c *planner) formerVersionStep(r *spec.Resource, o *Object, address spec.Address, kept *int) *Step {
	switch role := c.owner.formerRole(r, o, r.Keep(), kept); {
	case role == SnapshotTrial:
		return c.trialStep(r, o, address)
	case role == SnapshotUnproven:
		if _, hasVersion := r.VersionIn(o.Name); !hasVersion { // it has the name of a trial
			return nil
		}
		return unprovenStep(r.Address, o, address)
	case role == SnapshotOther:
		return nil
	case r.Protected():
		return NewNoOpStep(address, o, fmt.Sprintf("a former version of %s, which is protected", r.Address))
	case role != SnapshotFormer && !c.opts.Destroy:
		return NewNoOpStep(address, o, "")
	case c.mayBeOfOthers(o):
		return NewNoOpStep(address, o, fmt.Sprintf("a former version of %s, kept for now: another run may have just created it", r.Address))
	}
	return newDeleteStep(address, o, fmt.Sprintf("a former version of %s that no sandbox uses", r.Address))
}

// unprovenStep returns the step of a snapshot with the name of a version that the fleet is
// not known to own.
func unprovenStep(of spec.Address, o *Object, address spec.Address) *Step {
	s := NewNoOpStep(address, o, fmt.Sprintf("has the name of a version of %s, and nothing proves that this fleet created it", of))
	s.Unowned = true
	return s
}

// planRemovedVersions plans the deletion of the versions of snapshots that removed lists.
// It adds a step without effect for those that stay.
func (c *planner) planRemovedVersions() {
	var list []*Object
	declared := c.fleet.ByName(spec.SnapshotKind)
	for _, o := range c.world.Objects[spec.SnapshotKind] {
		if _, _, ok := c.owner.removedVersion(o); ok && declared[o.Name] == nil {
			list = append(list, o)
		}
	}
	slices.SortFunc(list, func(a, b *Object) int { return strings.Compare(a.Name, b.Name) })
	for _, o := range list {
		entry, owned, _ := c.owner.removedVersion(o)
		address := spec.Address{Kind: spec.SnapshotKind, Key: o.Name}
		if c.steps[address] != nil || c.resources[address] != nil { // of another snapshot
			continue
		}
		s := unprovenStep(entry, o, address)
		if owned {
			s = newDeleteStep(address, o, fmt.Sprintf("a version of %s, which is listed under removed", entry))
		}
		s.FormerVersionOf = entry
		c.add(s)
	}
}

// IsFormerVersion reports whether the object of the step is a former version.
func (s *Step) IsFormerVersion() bool { return s.FormerVersionOf != (spec.Address{}) }

// retainVersions turns the deletion of former versions into steps without effect if a
// sandbox uses them after the plan, or if the run may not destroy more objects.
func (c *planner) retainVersions() {
	steps := c.stepsByObject()
	destroyed := 0
	for _, s := range c.plan.Steps {
		if s.Blocked == nil && s.destroys() && !s.IsFormerVersion() && c.isSelected(s) {
			destroyed++
		}
	}
	for _, s := range c.plan.Steps {
		if !s.IsFormerVersion() || s.Action != Delete {
			continue
		}
		users, current := c.usersAfter(s.Have, steps), c.steps[s.FormerVersionOf]
		switch {
		case current != nil && current.Action.Creates() && (current.Blocked != nil || !c.isSelected(current)):
			s.retainVersion("this plan does not create the new version")
		case len(users) > 0:
			s.retainVersion(PluralWord(len(users), "sandbox ", "sandboxes ") + JoinFirst(users, maxListedUsers) + PluralWord(len(users), " uses it", " use it"))
		case c.opts.NoDestroy && !c.opts.Destroy && destroyed >= c.opts.AllowDestroy:
			s.retainVersion("this run may not delete it")
		default:
			destroyed++
		}
	}
}

// stepsByObject returns the steps by the objects that they are about.
func (c *planner) stepsByObject() map[*Object]*Step {
	steps := map[*Object]*Step{}
	for _, s := range c.plan.Steps {
		for _, o := range []*Object{s.Have, s.SurgeLeftover} {
			if o != nil {
				steps[o] = s
			}
		}
	}
	return steps
}

// isSelected reports whether the step is part of the plan.
func (c *planner) isSelected(s *Step) bool { return c.selected == nil || c.selected[s] }

// retainVersion turns the deletion of a former version into a step without effect.
func (s *Step) retainVersion(reason string) {
	s.Action, s.Ops, s.After, s.Reason, s.Blocked, s.DataLoss = NoOp, nil, nil, "", nil, ""
	s.RetainedReason = fmt.Sprintf("a former version of %s, kept: %s", s.FormerVersionOf, reason)
}

// usersAfter returns the quoted names of the sandboxes that use a snapshot after the
// plan, sorted. steps has the step of each sandbox that has one.
func (c *planner) usersAfter(o *Object, steps map[*Object]*Step) []string {
	names := map[string]bool{}
	for _, name := range c.world.ExternalUsers[o.ID] {
		names[name] = true
	}
	if user := c.declaredUser(spec.SnapshotKind, o); user != nil {
		names[user.Name()] = true
	}
	for _, sandbox := range c.world.Objects[spec.SandboxKind] {
		if sandbox.Snapshot() != o.Name || sandbox.Deleting() {
			continue
		}
		s := steps[sandbox]
		deleted := s != nil && (s.Action.Destroys() || s.SurgeLeftover == sandbox)
		if !deleted || s.Blocked != nil || !c.isSelected(s) {
			names[sandbox.Name] = true
		}
	}
	list := make([]string, 0, len(names))
	for name := range names {
		list = append(list, strconv.Quote(name))
	}
	slices.Sort(list)
	return list
}
