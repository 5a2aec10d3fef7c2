package spec

import "slices"

// A Kind is a kind of resource that a spec can declare.
type Kind string

// The kinds, in the order in which they depend on each other.
const (
	VolumeKind   Kind = "volume"
	ImageKind    Kind = "image"
	SnapshotKind Kind = "snapshot"
	SandboxKind  Kind = "sandbox"
)

// A kindRow is what specs know of a kind of resource.
type kindRow struct {
	kind    Kind
	section string // key of the spec under which resources of the kind are declared: the plural
	table   Table  // the attributes

	exclusive []*Attribute // a block sets at most one of them

	isPart   bool // resources of the kind are the content of others and no objects of their own, as images
	labelled bool // objects of the kind carry labels, which hold their owner
}

// kindRows has a row for each kind, in the order in which the kinds depend on each
// other.
var kindRows = []kindRow{
	{kind: VolumeKind, section: "volumes", table: volumeTable},
	{kind: ImageKind, section: "images", table: imageTable, exclusive: imageBases, isPart: true},
	{kind: SnapshotKind, section: "snapshots", table: snapshotTable},
	{kind: SandboxKind, section: "sandboxes", table: sandboxTable, labelled: true},
}

// kinds lists all kinds in the order of their rows.
var kinds = func() (list []Kind) {
	for _, row := range kindRows {
		list = append(list, row.kind)
	}
	return list
}()

// ObjectKinds lists the kinds that have objects of their own on the server, in the
// order in which they depend on each other: what is created first comes first.
var ObjectKinds = func() (list []Kind) {
	for _, row := range kindRows {
		if !row.isPart {
			list = append(list, row.kind)
		}
	}
	return list
}()

// NamedKinds lists the kinds whose objects carry no labels, so that a fleet owns them by
// their names. What is deleted first comes first.
var NamedKinds = func() (list []Kind) {
	for _, row := range slices.Backward(kindRows) {
		if !row.isPart && !row.labelled {
			list = append(list, row.kind)
		}
	}
	return list
}()

// ReferenceKinds lists the kinds in the order of the reference: those without objects
// of their own come last.
var ReferenceKinds = func() (list []Kind) {
	var parts []Kind
	for _, row := range slices.Backward(kindRows) {
		if row.isPart {
			parts = append(parts, row.kind)
		} else {
			list = append(list, row.kind)
		}
	}
	return append(list, parts...)
}()

// KindNames returns the names of the kinds that have objects of their own, in the order
// of the reference.
func KindNames() []string {
	var names []string
	for _, k := range slices.Backward(ObjectKinds) {
		names = append(names, string(k))
	}
	return names
}

// Tables holds the attribute table of each kind.
var Tables = func() map[Kind]Table {
	tables := map[Kind]Table{}
	for _, row := range kindRows {
		tables[row.kind] = row.table
	}
	return tables
}()

// Exclusive returns keys of a kind that exclude each other: a block sets at most one.
func Exclusive(kind Kind) (keys []string) {
	for _, row := range kindRows {
		if row.kind == kind {
			for _, a := range row.exclusive {
				keys = append(keys, a.Key)
			}
		}
	}
	return keys
}

// sections holds the kinds by the key of their section.
var sections = func() map[string]Kind {
	kinds := map[string]Kind{}
	for _, row := range kindRows {
		kinds[row.section] = row.kind
	}
	return kinds
}()

// blockSections are the sections whose blocks may stand in defaults and templates, in
// the order of messages.
var blockSections = func() (names []string) {
	for _, row := range slices.Backward(kindRows) {
		names = append(names, row.section)
	}
	return names
}()

// regionRows holds the attribute that is the region of an object, by kind.
var regionRows = map[Kind]*Attribute{SandboxKind: regionRow, SnapshotKind: snapshotRegionRow}

// Section returns the key of the spec under which resources of the kind are declared.
func (k Kind) Section() string {
	for _, row := range kindRows {
		if row.kind == k {
			return row.section
		}
	}
	return string(k) + "s"
}
