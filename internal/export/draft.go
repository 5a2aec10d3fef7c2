package export

import (
	"fmt"
	"slices"
	"strings"

	"fleet/plan"
	"fleet/spec"
)

// A draft is a spec that is being built.
type draft struct {
	*selection
	world     *plan.World                       // the whole organization
	objects   map[spec.ExternalRef]*plan.Object // by kind and name
	resources []*spec.Resource                  // so far
}

// newDraft returns an empty draft. It adds the ids of the fleet's sandboxes to the facts.
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

// fleet returns the draft as a fleet.
func (d *draft) fleet() *spec.Fleet { return &spec.Fleet{Name: d.fleetName, Resources: d.resources} }

// environment returns the environment in the labels of the fleet's sandboxes: the first
// by name if there are several, empty if there is none.
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

// omitOnlyRegion omits the region of sandboxes if only one region exists. Snapshots keep
// it, because it is part of their fingerprints.
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

// object returns the object that a resource describes; nil if there is none.
func (d *draft) object(r *spec.Resource) *plan.Object {
	return d.objects[spec.ExternalRef{Kind: r.Kind, Name: r.Name()}]
}

// sandboxes drafts the selected sandboxes, sorted by key.
func (d *draft) sandboxes() []*spec.Resource {
	var owned, unowned []*spec.Resource
	existing := map[*plan.Object]bool{}
	for _, o := range d.world.Objects[spec.SandboxKind] {
		existing[o] = true
	}
	for _, o := range d.selected {
		if !existing[o] {
			continue // it was deleted meanwhile
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
	for key := range d.world.Facts.Sandboxes { // sandboxes of the fleet that are not exported keep their keys
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

// dropKeyConflicts omits sandboxes whose key is also the key of a group, since a spec can
// declare only one of them. It omits the group if the fleet only retains its copies, and
// else the single sandbox.
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

// isRetained reports whether a plan leaves a sandbox alone although no spec declares it:
// it was stopped or archived by on_remove.
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

// sandbox drafts one sandbox, without a key if no fleet owns it. It returns nil if a spec
// cannot describe it.
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

// sandboxName returns the name of the sandbox with an id, for a reader.
func (d *draft) sandboxName(id string) string {
	for _, o := range d.world.Objects[spec.SandboxKind] {
		if o.ID == id {
			return fmt.Sprintf("%q", o.Name)
		}
	}
	return "another sandbox"
}

// noteResized notes sizes that differ from those of the snapshot.
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
				d.notes.add(describeObject(spec.SandboxKind, o), "%s was changed to %d, which a spec cannot set for a sandbox from a snapshot", a.Key, n)
			}
		}
	}
}

// noteOmissions notes what the spec omits of an object. It reports whether the object can
// be declared at all.
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
