package spec

import (
	"cmp"
	"path"
	"slices"

	"fleet/internal/redact"
)

// A Fleet is a valid spec, with its references resolved and each copy of a group as
// a resource of its own.
type Fleet struct {
	Name      string
	Resources []*Resource // volumes, snapshots and sandboxes, in the order of the spec

	// Owns has name patterns (of path.Match) by kind. Snapshots and volumes that
	// match and are not in the spec are deleted.
	Owns map[Kind][]string

	// Removed lists snapshots and volumes that the fleet once declared and that
	// are to be deleted.
	Removed []Address

	// Released lists what the fleet no longer declares and stops managing without
	// deleting it. A key without an index stands for all copies of a group.
	Released []Address

	// Moved lists sandboxes whose address has changed. A key without an index
	// stands for all copies of a group.
	Moved []Move

	// FormerNames lists earlier names of the fleet. It owns objects that are
	// labelled with one of them.
	FormerNames []string

	// SensitiveName reports whether Name or a former name contains a sensitive value.
	SensitiveName bool

	Prices *Prices // what sandboxes cost; nil if the spec does not set it

	Hooks       Hooks       // commands around a run
	Parallelism Parallelism // limits for simultaneous operations

	Environments []string // the environments of the spec, sorted
	Environment  string   // the selected one; empty for none

	Files    []string    // the files of the spec, including those that it includes or refers to
	Warnings Diagnostics // legal parts of the spec that are probably wrong

	secrets           []string                   // sensitive values, regardless of where the spec uses them
	redactor          lazyRedactor               // of secrets and of the secrets of all resources
	sensitiveRedactor lazyRedactor               // of secrets
	environmentDecls  map[string]environmentDecl // of environments
	defaultTimeouts   map[Kind]*Resource         // timeouts of objects without a block
	unset             Diagnostics                // values that are not set

	unsetInHooks Diagnostics // the entries of unset that the hooks around a run need

	images []ImageDecl // of the spec, with copies

	earlier []*Fleet // the same spec as earlier versions of fleet read it, if that differs
}

// OfKind returns the resources of a kind.
func (f *Fleet) OfKind(k Kind) []*Resource {
	var list []*Resource
	for _, r := range f.Resources {
		if r.Kind == k {
			list = append(list, r)
		}
	}
	return list
}

// ByName returns the resources of a kind by their names on Daytona.
func (f *Fleet) ByName(k Kind) map[string]*Resource {
	named := map[string]*Resource{}
	for _, r := range f.Resources {
		if r.Kind == k {
			named[r.Name()] = r
		}
	}
	return named
}

// Owned reports whether the fleet may delete a snapshot or volume that the spec
// does not declare: owns matches its name, or removed lists it, and it is not
// released.
func (f *Fleet) Owned(k Kind, name string) bool {
	switch {
	case slices.Contains(f.Released, Address{k, name}):
		return false
	case f.IsRemoved(k, name):
		return true
	case f.IsReleased(Address{k, name}): // as a version
		return false
	}
	return slices.ContainsFunc(f.Owns[k], func(pattern string) bool {
		ok, _ := path.Match(pattern, name) // the pattern is valid
		return ok
	})
}

// IsRemoved reports whether removed lists a snapshot or volume by its name.
func (f *Fleet) IsRemoved(k Kind, name string) bool {
	return slices.Contains(f.Removed, Address{k, name})
}

// Sensitive returns the values that must not be shown: those of sensitive
// variables, and those given by reference.
func (f *Fleet) Sensitive() []string { return f.secrets }

// ShortSecretCount returns the number of sensitive values that are too short to be
// found in texts of the server. They are only hidden where the spec uses them.
func (f *Fleet) ShortSecretCount() int {
	n := 0
	for _, s := range f.secrets {
		if s != "" && len(s) < redact.MinLength {
			n++
		}
	}
	return n
}

// A Move is a change of a sandbox's address.
type Move struct {
	From, To Address
	Pos      Position // of the entry in the spec
}

// nextSuffix ends the name of a sandbox that was created before the one that it
// replaces was deleted.
const nextSuffix = ".next"

// Snapshot returns the name of the snapshot that a sandbox was created from, as the
// server reports it; "" if it was built from an image.
func (o Object) Snapshot() string { return o.Attrs.text(snapshotRow) }

// Mounts returns the ids of the volumes that a sandbox mounts. The sandbox must
// have been read by id.
func (o Object) Mounts() []string {
	var ids []string
	mounts, _ := o.Attrs.value(mountsRow).([]Mount)
	for _, m := range mounts {
		ids = append(ids, m.Volume)
	}
	return ids
}

// Ephemeral reports whether an object is deleted when it stops.
func (o Object) Ephemeral() bool {
	n, ok := o.Attrs.value(autoDeleteRow).(int)
	return ok && n == 0
}

// DefaultTimeout is the longest time that a change of an object may take if the
// spec no longer declares it.
const DefaultTimeout = defaultTimeout

// ArchiveTimeout is DefaultTimeout for archiving.
const ArchiveTimeout = archiveTimeout

// OnRemove returns what to do with a sandbox that the spec no longer declares, as
// stored in its label; [Delete] without the label.
func (o Object) OnRemove() string { return cmp.Or(o.Labels[RemoveLabel], Delete) }

// AutoStops reports whether the server stops the object when it is idle.
func (o Object) AutoStops() bool {
	return o.Attrs.number(autoStopRow) > 0 || o.Attrs.number(autoPauseRow) > 0
}
