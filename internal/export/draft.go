package export

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"fleet/plan"
	"fleet/spec"
)

// A draft is a spec in the making.
type draft struct {
	*selection
	world     *plan.World
	objects   map[spec.ExternalRef]*plan.Object // by kind and name
	resources []*spec.Resource
}

// newDraft completes the facts by those about the fleet.
func newDraft(world *plan.World, c *selection) *draft {
	world.Facts.Sandboxes = map[string]string{}
	for _, o := range world.Objects[spec.SandboxKind] {
		if key := fleetKey(o, c.fleetName); key != "" {
			world.Facts.Sandboxes[key] = o.ID
		}
	}
	d := &draft{selection: c, world: world, objects: map[spec.ExternalRef]*plan.Object{}}
	for _, kind := range spec.ObjectKinds {
		for _, o := range world.Objects[kind] {
			if !o.Shared {
				d.objects[spec.ExternalRef{Kind: kind, Name: o.Name}] = o
			}
		}
	}
	return d
}

// fleet is the draft as a fleet.
func (d *draft) fleet() *spec.Fleet { return &spec.Fleet{Name: d.fleetName, Resources: d.resources} }

// environment is the one that sandboxes of the fleet are labelled for, the first
// by name if they are labelled for several; "" is none.
func (d *draft) environment() string {
	first := ""
	for _, o := range d.world.Objects[spec.SandboxKind] {
		is := o.Environment()
		if o.Fleet() == d.fleetName && spec.IsEnvironmentName(is) && (first == "" || is < first) {
			first = is
		}
	}
	return first
}

// draftResources drafts a resource for each object that is exported.
func (d *draft) draftResources() {
	sandboxes := d.sandboxes()
	used := map[spec.ExternalRef]bool{}
	fingerprints := map[string][]string{} // of the fleet's sandboxes, by snapshot
	for _, s := range sandboxes {
		for _, kind := range spec.NamedKinds {
			for _, name := range s.References(kind) {
				used[spec.ExternalRef{Kind: kind, Name: name}] = true
			}
		}
		if o := d.object(s); o != nil && fleetKey(o, d.fleetName) != "" {
			for _, name := range s.References(spec.SnapshotKind) {
				fingerprints[name] = append(fingerprints[name], o.Labels[spec.FingerprintLabel])
			}
		}
	}
	for _, kind := range slices.Backward(spec.NamedKinds) {
		d.resources = append(d.resources, d.named(kind, used, fingerprints)...)
	}
	d.resources = append(d.resources, sandboxes...)
	d.omitOnlyRegion()
}

// omitOnlyRegion leaves the region out where there is but one. A snapshot whose seals
// were asked keeps what they say.
func (d *draft) omitOnlyRegion() {
	if len(d.world.Facts.Regions) > 1 {
		return
	}
	for _, r := range d.resources {
		if r.Kind == spec.SandboxKind {
			r.Clear("target")
		}
	}
}

// object is what a resource describes; nil when there is none.
func (d *draft) object(r *spec.Resource) *plan.Object {
	return d.objects[spec.ExternalRef{Kind: r.Kind, Name: r.Name()}]
}

// sandboxes drafts the chosen sandboxes, sorted by key.
func (d *draft) sandboxes() []*spec.Resource {
	var owned, unowned []*spec.Resource
	existing := map[*plan.Object]bool{}
	for _, o := range d.world.Objects[spec.SandboxKind] {
		existing[o] = true
	}
	for _, o := range d.selected {
		if !existing[o] {
			continue // it went in the meantime
		}
		r := d.sandbox(o)
		switch {
		case r == nil:
		case r.Key != "":
			owned = append(owned, r)
		default:
			unowned = append(unowned, r)
		}
	}
	owned = d.groupCounts(d.dropKeyConflicts(owned))
	taken := map[string]bool{}
	for key := range d.world.Facts.Sandboxes { // what the fleet has and is not exported keeps its key, too
		base, _ := splitGroup(key)
		taken[base] = true
	}
	if d.opts.AppendTo != nil {
		for _, r := range d.opts.AppendTo.OfKind(spec.SandboxKind) {
			taken[r.GroupAddress().Key] = true
		}
	}
	all := append(owned, assignKeys(unowned, taken)...)
	slices.SortStableFunc(all, func(a, b *spec.Resource) int { return spec.CompareKeys(a.Key, b.Key) })
	return all
}

// dropKeyConflicts leaves out sandboxes whose key is that of a group, which no spec can
// say beside it: what is kept after it left the spec, else the one sandbox.
func (d *draft) dropKeyConflicts(owned []*spec.Resource) []*spec.Resource {
	groups := map[string][]*spec.Resource{}
	for _, r := range owned {
		if key, which := r.Group(); which != "" {
			groups[key] = append(groups[key], r)
		}
	}
	dropped := map[*spec.Resource]bool{}
	for _, r := range owned {
		copies := groups[r.Key]
		switch {
		case len(copies) == 0:
		case slices.ContainsFunc(copies, func(x *spec.Resource) bool { return !d.isRetained(x) }):
			dropped[r] = true
		default:
			for _, x := range copies {
				dropped[x] = true
			}
		}
	}
	return slices.DeleteFunc(owned, func(r *spec.Resource) bool {
		if dropped[r] {
			key, _ := r.Group()
			d.notes.add(fmt.Sprintf("sandbox %q", r.Name()), "left out: the fleet has one sandbox and a group under the key %s", key)
		}
		return dropped[r]
	})
}

// isRetained reports whether a plan leaves a sandbox as it is though no spec names it
// any more: it was put away.
func (d *draft) isRetained(r *spec.Resource) bool {
	o := d.object(r)
	if o == nil {
		return false
	}
	switch o.Labels[spec.RemoveLabel] {
	case spec.Stop:
		return o.Failed || o.TargetState == spec.Stopped || o.TargetState == spec.Archived
	case spec.Archive:
		return o.Failed || o.TargetState == spec.Archived
	}
	return false
}

// sandbox drafts one sandbox; one that no fleet owns has no key yet.
func (d *draft) sandbox(o *plan.Object) *spec.Resource {
	key := fleetKey(o, d.fleetName)
	r, omissions := spec.ResourceFromObject(spec.Address{Kind: spec.SandboxKind, Key: key}, o.Name, o.Object, d.fleetName, d.world.Facts)
	if !d.noteOmissions(spec.SandboxKind, o, omissions) {
		return nil
	}
	r.DropDefaults()
	if key == "" && d.opts.Adopt {
		_ = r.Set("adopt", true) // legal for every sandbox
	}
	if d.opts.State && slices.Contains([]string{spec.Started, spec.Stopped, spec.Archived, spec.Paused}, o.TargetState) {
		_ = r.Set("state", o.TargetState) // one of the states that a spec can keep
	}
	for _, name := range r.References(spec.SandboxKind) {
		if uuidPattern.MatchString(name) {
			d.notes.add(describeObject(spec.SandboxKind, o), "linked by id to %s, which is not in this fleet yet", d.sandboxName(name))
		}
	}
	d.noteResized(r, o)
	return r
}

// sandboxName is a sandbox of an id for a reader.
func (d *draft) sandboxName(id string) string {
	for _, o := range d.world.Objects[spec.SandboxKind] {
		if o.ID == id {
			return fmt.Sprintf("%q", o.Name)
		}
	}
	return "another sandbox"
}

// noteResized tells of a sandbox that has another size than its snapshot.
func (d *draft) noteResized(r *spec.Resource, o *plan.Object) {
	names := r.References(spec.SnapshotKind)
	for _, s := range d.world.Objects[spec.SnapshotKind] {
		if !slices.Contains(names, s.Name) {
			continue
		}
		for _, a := range spec.Tables[spec.SandboxKind] {
			if !strings.HasPrefix(a.Key, "resources.") {
				continue
			}
			have, _ := o.Attrs.Get(a.Key)
			of, _ := s.Attrs.Get(a.Key)
			if n, isNumber := have.(int); isNumber && of != nil && of != have {
				d.notes.add(describeObject(spec.SandboxKind, o), "%s was changed to %d, for which the spec of a sandbox from a snapshot has no words", a.Key, n)
			}
		}
	}
}

// noteOmissions notes what a description leaves out. It reports false when there is
// none.
func (d *draft) noteOmissions(kind spec.Kind, o *plan.Object, omissions []spec.Omission) bool {
	for _, u := range omissions {
		if u.Key == "name" {
			d.notes.add(describeObject(kind, o), "left out: its name %s", u.Why)
			return false
		}
	}
	for _, u := range omissions {
		d.notes.add(describeObject(kind, o), "%s is left out: %s", u.Key, u.Why)
	}
	return true
}

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
		d.notes.add(describeObject(spec.SnapshotKind, o), "not declared, only referred to: nothing tells what it is made of")
	case !r.TrimToFingerprints(fingerprints):
		d.notes.add(describeObject(spec.SnapshotKind, o), "not declared, only referred to: sandboxes of the fleet were made from another content of it")
	default:
		return true
	}
	return false
}

// shouldDeclare reports whether a snapshot or volume is to be declared.
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

// declared reports whether the spec to which the draft is to be added declares
// the object.
func (d *draft) declared(kind spec.Kind, o *plan.Object) bool {
	return d.opts.AppendTo != nil && slices.ContainsFunc(d.opts.AppendTo.Resources, func(r *spec.Resource) bool {
		return r.Kind == kind && r.Name() == o.Name
	})
}

// sortedByName is a list by name.
func sortedByName(objects []*plan.Object) []*plan.Object {
	return slices.SortedFunc(slices.Values(objects), func(a, b *plan.Object) int {
		return cmp.Or(strings.Compare(a.Name, b.Name), strings.Compare(a.ID, b.ID))
	})
}

// objectNames are the names that no other object may have for a key: a reference
// would mean the key.
func objectNames(objects []*plan.Object) map[string]bool {
	names := map[string]bool{}
	for _, o := range objects {
		names[o.Name] = true
	}
	return names
}
