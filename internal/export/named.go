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
	var list []*spec.Resource
	objects := d.world.Objects[kind]
	taken := objectNames(objects)
	for _, o := range sortedByName(objects) {
		if o.Shared || !d.shouldDeclare(kind, o, used) {
			continue
		}
		address := spec.Address{Kind: kind, Key: keyFor(o.Name, string(kind), taken)}
		r, omissions := spec.ResourceFromObject(address, o.Name, o.Object, "", d.world.Facts)
		if d.noteOmissions(kind, o, omissions) && (kind != spec.SnapshotKind || d.canDeclareSnapshot(r, o, fingerprints[o.Name])) {
			list = append(list, r)
		}
	}
	return list
}

// canDeclareSnapshot reports whether the content of a snapshot is known and is the one
// that the fleet's sandboxes were created from.
func (d *draft) canDeclareSnapshot(r *spec.Resource, o *plan.Object, fingerprints []string) bool {
	switch {
	case len(r.References(spec.ImageKind)) == 0:
		d.notes.add(describeObject(spec.SnapshotKind, o), "not declared, only referred to: its content is unknown")
	case !r.TrimToFingerprints(fingerprints):
		d.notes.add(describeObject(spec.SnapshotKind, o), "not declared, only referred to: sandboxes of the fleet were created from a different content")
	default:
		return true
	}
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
