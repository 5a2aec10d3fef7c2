package spec

import (
	"cmp"
	"path"
	"slices"
	"strings"
	"time"

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
	switch a := (Address{k, name}); {
	case slices.Contains(f.Released, a):
		return false
	case slices.Contains(f.Removed, a):
		return true
	}
	return slices.ContainsFunc(f.Owns[k], func(pattern string) bool {
		ok, _ := path.Match(pattern, name) // the pattern is valid
		return ok
	})
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

// A Resource is one object that the spec declares.
type Resource struct {
	Address
	Pos          Position      // of its key in the spec
	DependsOn    []Address     // resources of the spec that it refers to; they are created first
	ExternalRefs []ExternalRef // objects outside the spec that it refers to by name
	GroupSize    int           // number of copies in its group of count or for_each, including this one; 0 without a group

	attrs            attributes          // read with Get, changed with Set and Clear
	hasGivenName     bool                // the spec sets its name, or that of its group
	hasGeneratedName bool                // its name has the fleet's name_prefix or name_suffix
	from             *blockDecl          // the block that declares it, while the spec is read
	sensitive        map[*Attribute]bool // attributes whose values must not be shown, in addition to the secret ones
	prepared         []managedAttribute  // the result of managed; nil if it is not computed yet
	fleetSecrets     []string            // sensitive values of the fleet
	redactor         *lazyRedactor       // of fleetSecrets and of the resource's own secrets
	fleetRedactor    *lazyRedactor       // of the fleet, which also knows the resource's secrets

	unset map[*Attribute][]*Diagnostic // attributes with unknown values, and the variables that are not set

	environment string      // of the fleet
	earlier     []*Resource // the same resource as earlier versions of fleet read it, if that differs
}

// An ExternalRef is a reference to an object that the spec does not declare.
type ExternalRef struct {
	Kind Kind   // kind of the object
	Name string // its name on Daytona
}

// Name returns the name of the object on Daytona.
func (r *Resource) Name() string {
	for _, a := range Tables[r.Kind] {
		if a.Key == nameRow.Key {
			return r.attrs.text(a)
		}
	}
	return ""
}

// nextSuffix ends the name of a sandbox that was created before the one that it
// replaces was deleted.
const nextSuffix = ".next"

// IsSurgePair reports whether a and b are the two names that a sandbox alternates
// between.
func IsSurgePair(a, b string) bool { return a == b+nextSuffix || b == a+nextSuffix }

// BaseName returns the name without the suffix of a surge.
func BaseName(name string) string { return strings.TrimSuffix(name, nextSuffix) }

// AlternateName returns the other name of a sandbox that is replaced by a surge,
// while its own name is in use; empty if the spec sets the name.
func (r *Resource) AlternateName() string {
	switch name := r.Name(); {
	case r.hasGivenName || r.Kind != SandboxKind:
		return ""
	case strings.HasSuffix(name, nextSuffix):
		return strings.TrimSuffix(name, nextSuffix)
	default:
		return name + nextSuffix
	}
}

// WithName returns a copy of the resource with another name.
func (r *Resource) WithName(name string) *Resource {
	other := *r
	other.attrs = r.attrs.with(nameRow, name)
	return &other
}

// State returns the run state to keep; empty if the run state is not managed.
func (r *Resource) State() string { return r.attrs.text(stateRow) }

// Protected reports whether the spec forbids deleting and replacing the object.
func (r *Resource) Protected() bool {
	return r.attrs.flag(protectRow) || r.attrs.flag(specProtectRow)
}

// Unprotected reports whether the spec has protect: false, which lifts a protection
// that is stored on the object.
func (r *Resource) Unprotected() bool {
	v, isSet := r.attrs[protectRow]
	return isSet && v == false
}

// Adopt reports whether to take over an object with this name that the fleet does
// not own.
func (r *Resource) Adopt() bool { return r.attrs.flag(adoptRow) || r.attrs.flag(snapshotAdoptRow) }

// Snapshot returns the name of the snapshot that a sandbox was created from, as the
// server reports it; "" if it was built from an image.
func (o Object) Snapshot() string { return o.Attrs.text(snapshotRow) }

// Mounts returns the ids of the volumes that a sandbox mounts. The sandbox must
// have been read by id.
func (o Object) Mounts() []string {
	var ids []string
	mounts, _ := o.Attrs.attributes[mountsRow].([]Mount)
	for _, m := range mounts {
		ids = append(ids, m.Volume)
	}
	return ids
}

// OnMissing returns what to do if the sandbox does not exist: [Recreate] or
// [Ignore].
func (r *Resource) OnMissing() string { return cmp.Or(r.attrs.text(onMissingRow), Recreate) }

// OnError returns what to do if the sandbox is in an error state: [Recover],
// [Replace] or [ReportOnly]; empty if the spec does not set it.
func (r *Resource) OnError() string { return r.attrs.text(onErrorRow) }

// IgnoredPaths returns the paths whose differences are ignored, such as public or
// labels.team.
func (r *Resource) IgnoredPaths() []string { list, _ := r.attrs[ignoreRow].([]string); return list }

// Active returns whether a snapshot is to be active, and whether the spec sets it.
func (r *Resource) Active() (active, managed bool) {
	v, managed := r.attrs[activeRow].(bool)
	return v, managed
}

// Ephemeral reports whether the sandbox is deleted when it stops.
func (r *Resource) Ephemeral() bool {
	n, ok := r.attrs[autoDeleteRow].(int)
	return ok && n == 0
}

// Ephemeral reports whether an object is deleted when it stops.
func (o Object) Ephemeral() bool {
	n, ok := o.Attrs.attributes[autoDeleteRow].(int)
	return ok && n == 0
}

// Timeout returns the longest time that one change of the resource may take. The
// default depends on the change: builds and archiving take long.
func (r *Resource) Timeout(archives bool) time.Duration {
	if d, ok := r.attrs[timeoutRow].(time.Duration); ok {
		return d
	}
	_, builds := r.attrs[imageRow]
	switch {
	case archives:
		return archiveTimeout
	case builds || r.Kind == SnapshotKind:
		return buildTimeout
	}
	return defaultTimeout
}

// HasTimeout reports whether the spec sets a timeout for a whole change of the
// resource.
func (r *Resource) HasTimeout() bool {
	_, ok := r.attrs[timeoutRow]
	return ok
}

// DefaultTimeout is the longest time that a change of an object may take if the
// spec no longer declares it.
const DefaultTimeout = defaultTimeout

// ArchiveTimeout is DefaultTimeout for archiving.
const ArchiveTimeout = archiveTimeout

// MayExpire reports whether the server may delete the sandbox automatically: when
// it stops or some time after, at the end of its time to live, or to reclaim spot
// capacity.
func (r *Resource) MayExpire() bool {
	n, managed := r.attrs[autoDeleteRow].(int)
	return managed && n >= 0 || r.attrs.number(ttlRow) > 0 || r.attrs.flag(spotRow)
}

// HasRegion reports whether the spec sets a region for the resource.
func (r *Resource) HasRegion() bool {
	_, named := r.attrs[regionRows[r.Kind]]
	return named
}

// UnsupportedOn returns the key of an attribute that a server of the version does
// not support, and the first version that does; empty if it supports all.
func (r *Resource) UnsupportedOn(server Version) (key string, since Version) {
	for _, m := range r.managed() {
		if !m.unsetInSpec && !server.AtLeast(m.Since) {
			return m.Key, m.Since
		}
	}
	return "", Version{}
}

// BuildsImage reports whether the object is built from a Dockerfile.
func (r *Resource) BuildsImage() bool {
	for _, a := range Tables[r.Kind] {
		if i, ok := r.attrs[a].(Image); ok {
			return i.Dockerfile != ""
		}
	}
	return false
}

// SurvivesStop reports whether the spec sets an auto_delete_interval with which a
// stop does not delete the sandbox.
func (r *Resource) SurvivesStop() bool {
	n, managed := r.attrs[autoDeleteRow].(int)
	return managed && n != 0 && !r.ignoresAttr(autoDeleteRow)
}

// OnRemove returns what to do with the sandbox when the spec no longer declares it:
// [Delete], [Stop], [Archive] or [Release]; empty if the spec does not set it.
func (r *Resource) OnRemove() string { return r.attrs.text(onRemoveRow) }

// OnRemove returns what to do with a sandbox that the spec no longer declares, as
// stored in its label; [Delete] without the label.
func (o Object) OnRemove() string { return cmp.Or(o.Labels[RemoveLabel], Delete) }

// AutoStops reports whether the server stops the object when it is idle.
func (o Object) AutoStops() bool {
	return o.Attrs.number(autoStopRow) > 0 || o.Attrs.number(autoPauseRow) > 0
}

// Class returns the class of sandboxes created from a snapshot; "" if the spec does
// not set it.
func (r *Resource) Class() string { return r.attrs.text(classRow) }
