package plan

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"fleet/spec"
)

// Snapshots and volumes carry no labels, so a fleet owns those whose names its spec
// declares. Only the sandboxes that use an object show whether another fleet may
// have created it. fleet does not delete objects that others use.

// AtRisk returns the snapshots and volumes that a plan for f may delete. The observer
// has to find the sandboxes that use them; see [World.ExternalUsers].
func (w *World) AtRisk(f *spec.Fleet, opts Options) []*Object {
	var list []*Object
	forceMatcher := newMatcher("--replace", f.Name, opts.Replace)
	for _, versions := range w.deletableVersions(f, opts.Destroy) {
		list = append(list, versions...)
	}
	owner := newSnapshotOwner(f, w, opts.Creations)
	for _, o := range w.Objects[spec.SnapshotKind] {
		if _, _, removed := owner.removedVersion(o); removed {
			list = append(list, o)
		}
	}
	for _, kind := range spec.NamedKinds {
		declared := f.ByName(kind)
		for _, o := range w.Objects[kind] {
			r := declared[o.Name]
			switch {
			case o.Shared || o.Deleting() || slices.Contains(list, o):
			case r == nil && f.Owned(kind, o.Name),
				r != nil && opts.Destroy && (kind != spec.VolumeKind || opts.DestroyVolumes),
				r != nil && forceMatcher.matchesAny(&Step{Address: r.Address, Want: r}),
				r != nil && !opts.Destroy && (o.Failed || kind != spec.VolumeKind && len(r.Diff(o.Object, w.Facts)) > 0):
				list = append(list, o)
			}
		}
	}
	return w.selectedOf(list, f, opts)
}

// selectedOf returns those of the objects that have a step in the plan. A selection of
// actions keeps all: the users of an object may change its action. So does a selection
// that is refused: the caller computes the plan again and reports that.
func (w *World) selectedOf(objects []*Object, f *spec.Fleet, opts Options) []*Object {
	if len(objects) == 0 || !opts.Select.narrows() || len(opts.Select.Only) > 0 {
		return objects
	}
	p, err := Compute(f, w, opts)
	if err != nil {
		return objects
	}
	has := map[*Object]bool{}
	for _, s := range p.Steps {
		has[s.Have] = true
	}
	return slices.DeleteFunc(objects, func(o *Object) bool { return !has[o] })
}

// checkExternalUsers blocks the replacement of an object that sandboxes outside of
// the fleet use.
func (c *planner) checkExternalUsers(s *Step, r *spec.Resource) {
	users := c.world.ExternalUsers[s.Have.ID]
	if len(users) == 0 || s.Blocked != nil || r.Adopt() {
		return
	}
	s.Blocked = &Block{InUse, usersReason(users), fmt.Sprintf("delete those sandboxes, or write another name in %s", specPath(r))}
	switch {
	case r.Kind != spec.SnapshotKind:
	case !r.Versioned():
		s.Blocked.Unblock = fmt.Sprintf("write versioning: content in %[1]s, and they keep the old one; or write adopt: true in %[1]s to replace it under them", specPath(r))
	default:
		s.Blocked.Unblock = fmt.Sprintf("write another name in %[1]s, such as name: %[2]s, and they keep the old one; or write adopt: true in %[1]s to replace it under them", specPath(r), nextVersionName(r.Name()))
	}
	if s.Forced {
		s.Blocked.Unblock = fmt.Sprintf("do not replace %s; or %s", s.Address, s.Blocked.Unblock)
	}
}

// checkSnapshotOwner blocks the replacement of a snapshot whose content differs from
// the spec, unless the fleet is known to own it.
func (c *planner) checkSnapshotOwner(s *Step, r *spec.Resource) {
	if c.checkExternalUsers(s, r); s.Blocked != nil || r.Adopt() || c.opts.AdoptAll {
		return
	}
	if c.owner.owns(s.Have) {
		return
	}
	s.Blocked = &Block{
		Conflict, fmt.Sprintf("a snapshot %q exists with another content, and no sandbox of this fleet was made from it: it may belong to another user", s.Have.Name),
		fmt.Sprintf("adopt: true in %s or --adopt replaces it; or write another name there", specPath(r)),
	}
}

// blockPrune blocks the deletion of an object that sandboxes outside of the fleet
// use.
func (c *planner) blockPrune(s *Step) {
	if users := c.world.ExternalUsers[s.Have.ID]; len(users) > 0 && s.Blocked == nil {
		s.Blocked = &Block{InUse, usersReason(users), "delete those sandboxes first, or " + c.keepHint(spec.Address{Kind: s.Address.Kind, Key: s.Name})}
	}
}

// keepHint returns the edit of the spec that prevents pruning a snapshot or volume.
func (c *planner) keepHint(a spec.Address) string {
	if slices.Contains(c.fleet.Removed, a) {
		return fmt.Sprintf("take %s out of removed", a)
	}
	return "make owns not match it"
}

// warnUnread warns if the users of a volume to be deleted are not known.
func (c *planner) warnUnread() {
	for _, s := range c.plan.Steps {
		if c.world.UnreadCount > 0 && s.Address.Kind == spec.VolumeKind && s.Action.Destroys() {
			c.warn("whether others mount the volumes that go was not looked up, for there are %d sandboxes outside of the fleet: Daytona refuses to delete a volume that is mounted", c.world.UnreadCount)
			return
		}
	}
}

// maxListedUsers is how many users are named.
const maxListedUsers = 3

// usersReason returns a clause with the names of the sandboxes that use an object.
func usersReason(users []string) string {
	quoted := make([]string, len(users))
	for i, name := range users {
		quoted[i] = strconv.Quote(name)
	}
	return PluralWord(len(users), "a sandbox outside of the fleet uses it: ", "sandboxes outside of the fleet use it: ") + JoinFirst(quoted, maxListedUsers)
}

// nextVersionName returns a name for the next version of an object: its name with a
// number that is larger by one.
func nextVersionName(name string) string {
	var n int
	base, number, ok := cutLast(name, "-")
	if _, err := fmt.Sscanf(number, "%d", &n); ok && err == nil && fmt.Sprint(n) == number {
		return fmt.Sprintf("%s-%d", base, n+1)
	}
	return name + "-2"
}

// cutLast is strings.Cut around the last instance of sep.
func cutLast(s, sep string) (before, after string, found bool) {
	if i := strings.LastIndex(s, sep); i >= 0 {
		return s[:i], s[i+len(sep):], true
	}
	return s, "", false
}

// specPath returns the path of a resource in its spec, such as sandboxes.web.
func specPath(r *spec.Resource) string { return r.Kind.Section() + "." + r.GroupAddress().Key }
