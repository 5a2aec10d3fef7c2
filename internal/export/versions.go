package export

import (
	"cmp"
	"fmt"
	"slices"

	"fleet/internal/snapshotversion"
	"fleet/plan"
	"fleet/spec"
)

// A version is a snapshot that was created for one with versioning: content.
type version struct {
	object   *plan.Object
	resource *spec.Resource // with versioning: content
	omitted  []spec.Omission
	ofFleet  bool // sandboxes of the fleet were created from it when their spec declared it
	inUse    bool // exported sandboxes use it
}

// base returns the name of the snapshot that it is a version of.
func (v *version) base() string { return v.resource.VersionBase() }

// A versionSet is what a draft does with the versions of all snapshots. Versions that it
// does not mention are declared as any other snapshot, under their full names.
type versionSet struct {
	declared map[*plan.Object]*version // at most one version of each snapshot
	left     map[*plan.Object]bool     // objects that are not declared
}

// findVersions finds the versions among the organization's snapshots. A draft declares one
// version of each snapshot: the newest that the fleet uses, or else the newest.
func (d *draft) findVersions(used map[spec.ExternalRef]bool, fingerprints map[string][]string) versionSet {
	set := versionSet{map[*plan.Object]*version{}, map[*plan.Object]bool{}}
	byBase := map[string][]*version{}
	for _, o := range d.world.Objects[spec.SnapshotKind] {
		if v := d.version(o, used, fingerprints[o.Name]); v != nil {
			byBase[v.base()] = append(byBase[v.base()], v)
		}
	}
	for base, list := range byBase {
		slices.SortFunc(list, compareVersions)
		if why := d.versionConflict(list[0], used); why != "" {
			d.leaveUsed(set, list, why)
			continue
		}
		set.declared[list[0].object] = list[0]
		d.leaveUsed(set, list[1:], "sandboxes use several versions of it, and a spec declares only one")
		d.leaveUnused(set, base, list[1:])
	}
	return set
}

// version returns the snapshot as a version; nil if it is none.
func (d *draft) version(o *plan.Object, used map[spec.ExternalRef]bool, fingerprints []string) *version {
	if o.Shared || o.Deleting() || o.Failed || d.declared(spec.SnapshotKind, o) {
		return nil
	}
	v := &version{object: o, ofFleet: spec.FromDeclaredSnapshot(fingerprints), inUse: used[snapshotRef(o.Name)]}
	v.resource, v.omitted = spec.ResourceFromObject(spec.Address{Kind: spec.SnapshotKind}, o.Name, o.Object, "", d.world.Facts)
	if !v.resource.SetVersioning(o.Object, fingerprints, d.world.Facts) {
		return nil
	}
	return v
}

// snapshotRef returns a reference to the snapshot with a name.
func snapshotRef(name string) spec.ExternalRef {
	return spec.ExternalRef{Kind: spec.SnapshotKind, Name: name}
}

// compareVersions orders the version to declare first.
func compareVersions(a, b *version) int {
	order := func(is bool) int {
		if is {
			return 0
		}
		return 1
	}
	return cmp.Or(
		order(a.ofFleet)-order(b.ofFleet), order(a.inUse)-order(b.inUse),
		b.object.Created.Compare(a.object.Created), cmp.Compare(a.object.Name, b.object.Name),
	)
}

// versionConflict returns why a spec cannot declare a version as one; "" if it can.
func (d *draft) versionConflict(v *version, used map[spec.ExternalRef]bool) string {
	declares := func(r *spec.Resource) bool { return r.VersionBase() == v.base() }
	switch {
	case used[snapshotRef(v.base())]:
		return fmt.Sprintf("sandboxes also use a snapshot %q, and a spec declares either that or its versions", v.base())
	case d.opts.AppendTo != nil && slices.ContainsFunc(d.opts.AppendTo.OfKind(spec.SnapshotKind), declares):
		return "the spec declares another version of it"
	}
	return ""
}

// leaveUsed leaves the versions out that sandboxes of the fleet were created from: another
// declaration would replace them.
func (d *draft) leaveUsed(set versionSet, list []*version, why string) {
	for _, v := range list {
		if v.ofFleet {
			set.left[v.object] = true
			d.notes.add(describeObject(spec.SnapshotKind, v.object), onlyReferredTo+": %s", why)
		}
	}
}

// leaveUnused leaves the former versions of the snapshot base out, and a snapshot that was
// created under this name before it had versions.
func (d *draft) leaveUnused(set versionSet, base string, list []*version) {
	former := map[*plan.Object]bool{}
	for _, v := range list {
		former[v.object] = !v.inUse
	}
	for _, o := range d.world.Objects[spec.SnapshotKind] {
		if former[o] || o.Name == base && !o.Shared {
			set.left[o] = true
		}
	}
}

// keepFormer makes the declared versions keep the former ones that a plan would otherwise
// delete. list has all snapshots of the draft.
func (d *draft) keepFormer(set versionSet, list []*spec.Resource) {
	declared := map[string]bool{}
	for _, r := range list {
		declared[r.Name()] = true
	}
	users := map[string]bool{}
	for _, o := range d.world.Objects[spec.SandboxKind] {
		if !o.Deleting() {
			users[o.Snapshot()] = true
		}
	}
	for _, v := range set.declared {
		var former []*plan.Object
		for _, o := range d.world.Objects[spec.SnapshotKind] {
			if !declared[o.Name] && v.hasFormer(o) {
				former = append(former, o)
			}
		}
		keep := min(len(former), spec.MaxKeep)
		unused := slices.DeleteFunc(former, func(o *plan.Object) bool { return users[o.Name] })
		if !declared[v.object.Name] || len(unused) == 0 || v.resource.Set("keep", keep) != nil {
			continue
		}
		for _, o := range unused {
			d.notes.add(describeObject(spec.SnapshotKind, o), "not declared: a former version of %q, which keep: %d retains", v.base(), keep)
		}
	}
}

// hasFormer reports whether a snapshot is, by its name, a former version that a plan may
// delete.
func (v *version) hasFormer(o *plan.Object) bool {
	_, isVersion := snapshotversion.Of(v.base(), o.Name)
	return (isVersion || o.Name == v.base()) && !o.Shared && !o.Deleting() && !o.Failed
}

// takenKeys returns the keys that a snapshot may only have if it is its name: those of
// other snapshots, and of versions.
func (set versionSet) takenKeys(objects []*plan.Object) map[string]bool {
	taken := objectNames(objects)
	for _, v := range set.declared {
		taken[v.base()] = true
	}
	return taken
}

// versionKey returns the key of a version. The spec that the draft is appended to may have
// a snapshot of another name under it.
func (d *draft) versionKey(v *version, taken map[string]bool) string {
	key := keyFor(v.base(), string(spec.SnapshotKind), taken)
	if d.opts.AppendTo == nil {
		return key
	}
	keys := map[string]bool{}
	for _, r := range d.opts.AppendTo.OfKind(spec.SnapshotKind) {
		keys[r.GroupAddress().Key] = true
	}
	for keys[key] {
		key = uniqueKey(key, taken)
	}
	return key
}

// fixVersions pins the versions of the draft that f, which was parsed from it, does not
// have: an omitted attribute changed their contents. It drops those that are
// pinned already. It reports whether it changed anything.
func (d *draft) fixVersions(f *spec.Fleet) bool {
	changed := false
	for _, r := range f.OfKind(spec.SnapshotKind) {
		i := slices.IndexFunc(d.resources, func(x *spec.Resource) bool { return x.Address == r.Address })
		if i < 0 || d.resources[i].Name() == r.Name() {
			continue
		}
		changed = true
		if drafted := d.resources[i]; drafted.PinnedVersion() == "" {
			drafted.PinVersion(drafted.Version())
		} else {
			d.notes.add(fmt.Sprintf("snapshot %q", drafted.Name()), "left out: a spec would give it the name %q", r.Name())
			d.dropResource(drafted)
		}
	}
	return changed
}

// notePinned notes the versions that the draft pins.
func (d *draft) notePinned() {
	for _, r := range d.resources {
		if r.Kind == spec.SnapshotKind && r.PinnedVersion() != "" {
			d.notes.add(fmt.Sprintf("snapshot %q", r.Name()), "the spec pins the version, because the content that Daytona returns is not the one that the version is computed over; remove the pin where the version does not exist")
		}
	}
}
