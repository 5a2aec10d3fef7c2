package spec

import (
	"maps"
	"slices"
)

// RegionID returns the id of the region in which the resource is created: the one
// that the spec sets, or else otherwise, a name or id. It is empty if both are.
func (r *Resource) RegionID(otherwise string, f Facts) string {
	if own := r.Region(); own != "" {
		otherwise = own
	}
	return f.region(otherwise)
}

// HasRegion reports whether a region with the name or id exists. It returns true if
// the regions are not known.
func (f Facts) HasRegion(nameOrID string) bool {
	if _, named := f.Regions[nameOrID]; named || len(f.Regions) == 0 {
		return true
	}
	return slices.Contains(slices.Collect(maps.Values(f.Regions)), nameOrID)
}

// RegionName returns the name of the region with the id, or the id if it is unknown.
func (f Facts) RegionName(id string) string {
	for name, other := range f.Regions {
		if other == id {
			return name
		}
	}
	return id
}

// Regions returns the ids of the regions that have a snapshot; nil if the server did
// not report them.
func (o Object) Regions() []string {
	regions, _ := o.Attrs.value(snapshotRegionRow).([]string)
	return regions
}

// SandboxClass returns the class of sandboxes created from a snapshot; empty if the
// server did not report it.
func (o Object) SandboxClass() string { return o.Attrs.text(classRow) }

// LinkedTo returns the id of the sandbox that a sandbox is linked to; empty if there
// is none or the server did not report it.
func (o Object) LinkedTo() string { return o.Attrs.text(linkedRow) }

// GPUTypes returns the types of GPUs that a sandbox accepts, best first; nil for all.
func (r *Resource) GPUTypes() []string {
	types, _ := r.attrs.get(gpuTypeRow).([]string)
	return types
}

// FromImage reports whether a sandbox is built from an image instead of created from
// a snapshot.
func (r *Resource) FromImage() bool {
	_, builds := r.attrs.lookup(imageRow)
	return builds
}

// Secrets returns the names of the organisation's secrets that a sandbox refers to,
// sorted.
func (r *Resource) Secrets() []string {
	refs, _ := r.attrs.get(Tables[SandboxKind].find("secrets")).(map[string]string)
	return slices.Compact(slices.Sorted(maps.Values(refs)))
}

// Dockerfile returns the Dockerfile that the resource is built from, or "".
func (r *Resource) Dockerfile() string {
	for _, row := range []*Attribute{imageRow, snapshotImageRow} {
		if i, is := r.attrs.get(row).(Image); is {
			return i.Dockerfile
		}
	}
	return ""
}
