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

	// table holds the attributes; nil if blocks of the kind have none, as images,
	// which are part of other resources.
	table Table

	labelled bool // objects of the kind carry labels, which say who owns them
}

// kindRows has a row for each kind, in the order in which the kinds depend on each
// other.
var kindRows = []kindRow{
	{kind: VolumeKind, section: "volumes", table: volumeTable},
	{kind: ImageKind, section: "images"},
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

// ObjectKinds lists the kinds that have attributes, and so objects of their own, in the
// order in which they depend on each other: what is created first comes first.
var ObjectKinds = slices.DeleteFunc(slices.Clone(kinds), func(k Kind) bool { return Tables[k] == nil })

// NamedKinds lists the kinds whose objects carry no labels, so that a fleet owns them by
// their names. What is deleted first comes first.
var NamedKinds = func() (list []Kind) {
	for _, row := range slices.Backward(kindRows) {
		if row.table != nil && !row.labelled {
			list = append(list, row.kind)
		}
	}
	return list
}()

// referenceKinds lists the kinds in the order of the reference.
var referenceKinds = func() (list []Kind) {
	for _, k := range slices.Backward(ObjectKinds) {
		list = append(list, k)
	}
	return append(list, ImageKind)
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

// Tables holds the attribute table of each kind that has attributes.
var Tables = func() map[Kind]Table {
	tables := map[Kind]Table{}
	for _, row := range kindRows {
		if row.table != nil {
			tables[row.kind] = row.table
		}
	}
	return tables
}()

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
		if row.table != nil {
			names = append(names, row.section)
		}
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
