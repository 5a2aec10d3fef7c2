package spec

import (
	"maps"
	"slices"
)

// RegionID is the id of the region that the resource is made in: the one that it
// names, or else the one given by name or id. It is empty when neither is said.
func (r *Resource) RegionID(otherwise string, f Facts) string {
	if own := r.Region(); own != "" {
		otherwise = own
	}
	return f.region(otherwise)
}

// HasRegion reports whether there is a region of the name or id, as far as the
// regions are known.
func (f Facts) HasRegion(nameOrID string) bool {
	if _, named := f.Regions[nameOrID]; named || len(f.Regions) == 0 {
		return true
	}
	return slices.Contains(slices.Collect(maps.Values(f.Regions)), nameOrID)
}

// RegionName is the name of the region of an id, or the id where it has none.
func (f Facts) RegionName(id string) string {
	for name, other := range f.Regions {
		if other == id {
			return name
		}
	}
	return id
}

// Regions are the ids of the regions that a snapshot is in; nil when the server
// does not tell.
func (o Object) Regions() []string {
	regions, _ := o.Attrs.attributes[Tables[SnapshotKind].find("target")].([]string)
	return regions
}

// SandboxClass is the class of the sandboxes that a snapshot makes; empty when the
// server does not tell.
func (o Object) SandboxClass() string { return o.Attrs.text(classRow) }

// LinkedTo is the id of the sandbox that a sandbox is linked to; empty if it is
// linked to none, or the server does not tell.
func (o Object) LinkedTo() string { return o.Attrs.text(linkedRow) }

// GPUTypes are the types of GPUs that a sandbox accepts, best first; nil for all.
func (r *Resource) GPUTypes() []string {
	types, _ := r.attrs[gpuTypeRow].([]string)
	return types
}

// FromImage reports whether a sandbox is built from an image, and not made from
// a snapshot.
func (r *Resource) FromImage() bool {
	_, builds := r.attrs[imageRow]
	return builds
}

// Secrets are the names of the organisation's secrets that a sandbox refers to,
// sorted.
func (r *Resource) Secrets() []string {
	refs, _ := r.attrs[Tables[SandboxKind].find("secrets")].(map[string]string)
	return slices.Compact(slices.Sorted(maps.Values(refs)))
}

// Dockerfile is what the resource is built from, or "".
func (r *Resource) Dockerfile() string {
	for _, row := range []*Attribute{imageRow, snapshotImageRow} {
		if i, is := r.attrs[row].(Image); is {
			return i.Dockerfile
		}
	}
	return ""
}
