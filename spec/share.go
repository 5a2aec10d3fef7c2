package spec

import (
	"slices"
	"strings"
)

// shareImages declares a snapshot for each image with share: snapshot that sandboxes use,
// and lets these refer to it. The snapshot has the key of the image, a name with the
// version of its content, and the defaults of snapshots.
func (l *loader) shareImages(f *Fleet) {
	shared := map[string]*Resource{}
	var snapshots []*Resource
	for _, r := range f.OfKind(SandboxKind) {
		i, _ := r.attrs.get(imageRow).(Image)
		def := l.images[i.Name]
		if def == nil || !def.shared || l.isUnshareable(r, i.Name) {
			continue
		}
		s := shared[i.Name]
		if s == nil {
			if s = l.sharedSnapshot(i.Name, def); s == nil {
				continue
			}
			shared[i.Name] = s
			snapshots = append(snapshots, s)
		}
		r.attrs.remove(imageRow)
		r.attrs.set(snapshotRow, s.Key)
	}
	first := slices.IndexFunc(f.Resources, func(r *Resource) bool { return r.Kind == SandboxKind })
	if first >= 0 {
		f.Resources = slices.Insert(f.Resources, first, snapshots...)
	}
}

// isUnshareable reports a sandbox that has what only a sandbox with an image of its own
// can have.
func (l *loader) isUnshareable(r *Resource, image string) bool {
	for _, a := range []*Attribute{cpuRow, memoryRow, diskRow, gpuRow} {
		if n, _ := r.attrs.get(a).(int); n > 0 {
			place := r.from.merged[a]
			place.decoder.ErrorfAt(place.pos, r.Kind.Section()+"."+r.from.Key+"."+a.Key,
				"image %s has share: snapshot, and a sandbox from a snapshot has the snapshot's resources", image).Hint = "remove the resources, or remove share and declare a snapshot with this image and these resources"
			return true
		}
	}
	return false
}

// sharedSnapshot returns the snapshot of a shared image; nil if there is an error.
func (l *loader) sharedSnapshot(image string, def *imageDefinition) *Resource {
	d := def.decl.decoder
	value := func(v any) locatedValue { return locatedValue{value: v, pos: def.pos, decoder: d} }
	dc := &blockDecl{
		Address: Address{SnapshotKind, strings.NewReplacer("[", "-", "]", "").Replace(image)}, pos: def.pos, decoder: d,
		layers: []block{{snapshotImageRow: value(Image{Name: image}), versioningRow: value(ContentVersion)}},
	}
	if other := l.byAddress[dc.Address]; other != nil {
		d.ErrorfAt(def.pos, ImageKind.Section()+"."+def.decl.Key, "share: snapshot makes %s of the image, which is declared at %s", dc.Address, other.pos).Hint = "rename one of them, or remove share and use that snapshot"
		return nil
	}
	l.byAddress[dc.Address] = dc
	resources := l.expand(dc)
	if len(resources) != 1 {
		return nil
	}
	return resources[0]
}
