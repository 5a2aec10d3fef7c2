package export

import (
	"cmp"
	"slices"
	"strings"

	"fleet/plan"
	"fleet/spec"
)

// named drafts the organization's own objects of a kind that carry no labels.
// fingerprints are those of the fleet's sandboxes by snapshot.
func (d *draft) named(kind spec.Kind, used map[spec.ExternalRef]bool, fingerprints map[string][]string) []*spec.Resource {
	if kind == spec.SnapshotKind {
		return d.snapshots(used, fingerprints)
	}
	var list []*spec.Resource
	objects := d.world.Objects[kind]
	taken := objectNames(objects)
	for _, o := range sortedByName(objects) {
		if o.Shared || !d.shouldDeclare(kind, o, used) {
			continue
		}
		if r, omissions := d.namedResource(kind, o, taken); d.noteOmissions(kind, o, omissions) {
			list = append(list, r)
		}
	}
	return list
}

// snapshots drafts the organization's own snapshots.
func (d *draft) snapshots(used map[spec.ExternalRef]bool, fingerprints map[string][]string) []*spec.Resource {
	var list []*spec.Resource
	objects := d.world.Objects[spec.SnapshotKind]
	versions := d.findVersions(used, fingerprints)
	taken := versions.takenKeys(objects)
	for _, o := range sortedByName(objects) {
		if o.Shared || versions.left[o] || !d.shouldDeclare(spec.SnapshotKind, o, used) {
			continue
		}
		var r *spec.Resource
		var omissions []spec.Omission
		v := versions.declared[o]
		if v != nil {
			r, omissions = v.resource, v.omitted
			r.Key = d.versionKey(v, taken)
		} else {
			r, omissions = d.namedResource(spec.SnapshotKind, o, taken)
		}
		omissions, why := splitImage(omissions)
		if d.noteOmissions(spec.SnapshotKind, o, omissions) && (v != nil || d.canDeclareSnapshot(r, o, fingerprints[o.Name], why, used[snapshotRef(o.Name)])) {
			list = append(list, r)
		}
	}
	d.keepFormer(versions, list)
	slices.SortStableFunc(list, func(a, b *spec.Resource) int { return strings.Compare(a.VersionBase(), b.VersionBase()) })
	return list
}

// onlyReferredTo begins the note about a snapshot that sandboxes use and that the spec does
// not declare.
const onlyReferredTo = "not declared, only referred to"

// namedResource returns the resource that describes an object under its full name.
func (d *draft) namedResource(kind spec.Kind, o *plan.Object, taken map[string]bool) (*spec.Resource, []spec.Omission) {
	address := spec.Address{Kind: kind, Key: keyFor(o.Name, string(kind), taken)}
	return spec.ResourceFromObject(address, o.Name, o.Object, "", d.world.Facts)
}

// splitImage returns the omissions of other attributes than the image, and why the image
// was omitted; "" if it was not.
func splitImage(omissions []spec.Omission) (others []spec.Omission, why string) {
	for _, u := range omissions {
		if u.Key == "image" {
			why = u.Why
			continue
		}
		others = append(others, u)
	}
	return others, why
}

// canDeclareSnapshot reports whether the content of a snapshot is known and is the one
// that the fleet's sandboxes were created from. imageOmitted is why a spec cannot have its
// image; empty if it can. inUse reports whether exported sandboxes use the snapshot.
func (d *draft) canDeclareSnapshot(r *spec.Resource, o *plan.Object, fingerprints []string, imageOmitted string, inUse bool) bool {
	var why string
	switch {
	case imageOmitted != "":
		why = imageOmitted
	case len(r.References(spec.ImageKind)) == 0:
		why = "Daytona does not return its image"
	case !r.TrimToFingerprints(o.Object, fingerprints, d.world.Facts):
		why = "sandboxes of the fleet were created from a different content"
	default:
		return true
	}
	what := "not declared"
	if inUse {
		what = onlyReferredTo
	}
	d.notes.add(describeObject(spec.SnapshotKind, o), "%s: %s", what, why)
	return false
}

// shouldDeclare reports whether an object without labels is to be declared.
func (d *draft) shouldDeclare(kind spec.Kind, o *plan.Object, used map[spec.ExternalRef]bool) bool {
	inUse := used[spec.ExternalRef{Kind: kind, Name: o.Name}]
	switch {
	case o.Deleting(), d.declared(kind, o):
		return false
	case (d.opts.hasSelection() || d.hasOtherFleets) && !inUse:
		return false
	case o.Failed:
		d.notes.add(describeObject(kind, o), "left out: it is in state %s, and a plan would replace it", o.State)
		return false
	}
	return true
}

// declared reports whether the spec that the draft is appended to declares the object.
func (d *draft) declared(kind spec.Kind, o *plan.Object) bool {
	return d.opts.AppendTo != nil && slices.ContainsFunc(d.opts.AppendTo.Resources, func(r *spec.Resource) bool {
		return r.Kind == kind && r.Name() == o.Name
	})
}

// sortedByName returns the objects sorted by name.
func sortedByName(objects []*plan.Object) []*plan.Object {
	return slices.SortedFunc(slices.Values(objects), func(a, b *plan.Object) int {
		return cmp.Or(strings.Compare(a.Name, b.Name), strings.Compare(a.ID, b.ID))
	})
}

// objectNames returns the names of the objects. None may be the key of another object,
// because references prefer keys.
func objectNames(objects []*plan.Object) map[string]bool {
	names := map[string]bool{}
	for _, o := range objects {
		names[o.Name] = true
	}
	return names
}
