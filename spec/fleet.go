package spec

import (
	"cmp"
	"path"
	"slices"
	"strings"
	"time"

	"fleet/internal/redact"
)

// A Fleet is a checked spec: all that is wanted, one resource each, with
// references resolved and replicas spelled out.
type Fleet struct {
	Name      string
	Resources []*Resource // volumes, snapshots and sandboxes, in the order of the spec

	// Owns holds patterns (as of path.Match) of names by kind. Snapshots and
	// volumes that match and are not in the spec belong to the fleet, and go.
	Owns map[Kind][]string

	// Removed lists snapshots and volumes that the fleet once declared and
	// that are to go.
	Removed []Address

	// Released lists what the fleet no longer declares and lets go instead of
	// deleting it. A key without an index stands for all copies of a group.
	Released []Address

	// Moved lists sandboxes that have another address now. A key without an
	// index stands for all copies of a group.
	Moved []Move

	// FormerNames lists the names that the fleet had before: what carries one of
	// them is the fleet's.
	FormerNames []string

	Prices *Prices // what sandboxes cost; nil when the spec does not say

	Hooks       Hooks       // commands around a run
	Parallelism Parallelism // how much may be done at once

	Environments []string // the environments of the spec, sorted
	Environment  string   // the one that it was read for; empty for none

	Files    []string    // all that it was read from, included and referred files too
	Warnings Diagnostics // what is legal in the spec, and unwise

	secrets           []string                   // sensitive values, wherever they went
	redactor          lazyRedactor               // of secrets and the secrets of all resources
	sensitiveRedactor lazyRedactor               // of secrets
	environmentDecls  map[string]environmentDecl // of environments
	defaultTimeouts   map[Kind]*Resource         // timeouts of what no block declares
	unset             Diagnostics                // values that are not set

	unsetInHooks Diagnostics // those of unset that the hooks around a run need

	earlier []*Fleet // as earlier versions of fleet read it, where that differs
}

// OfKind lists the resources of a kind.
func (f *Fleet) OfKind(k Kind) []*Resource {
	var list []*Resource
	for _, r := range f.Resources {
		if r.Kind == k {
			list = append(list, r)
		}
	}
	return list
}

// ByName maps the names that resources of a kind have on Daytona to them.
func (f *Fleet) ByName(k Kind) map[string]*Resource {
	named := map[string]*Resource{}
	for _, r := range f.Resources {
		if r.Kind == k {
			named[r.Name()] = r
		}
	}
	return named
}

// Owned reports whether the fleet may delete a snapshot or volume that the
// spec does not declare: its name matches owns, or removed lists it. What is
// released it may not.
func (f *Fleet) Owned(k Kind, name string) bool {
	switch a := (Address{k, name}); {
	case slices.Contains(f.Released, a):
		return false
	case slices.Contains(f.Removed, a):
		return true
	}
	return slices.ContainsFunc(f.Owns[k], func(pattern string) bool {
		ok, _ := path.Match(pattern, name) // the pattern was checked
		return ok
	})
}

// Sensitive lists the values that must not be shown, wherever in the spec they
// went: those of sensitive variables, and those given by reference.
func (f *Fleet) Sensitive() []string { return f.secrets }

// ShortSecretCount is the number of sensitive values that are too short to be looked
// for in the texts of others: they are hidden only where the spec has them.
func (f *Fleet) ShortSecretCount() int {
	n := 0
	for _, s := range f.secrets {
		if s != "" && len(s) < redact.MinLength {
			n++
		}
	}
	return n
}

// A Move says that a sandbox has another address now.
type Move struct {
	From, To Address
	Pos      Position
}

// A Resource is one wanted object.
type Resource struct {
	Address
	Pos          Position      // of its key in the spec
	DependsOn    []Address     // resources of the spec that it refers to; they come first
	ExternalRefs []ExternalRef // objects outside the spec that it refers to by name
	GroupSize    int           // number of resources in its group of count or for_each, itself included; 0 if it is in none

	attrs            attributes          // read with Get, changed with Set and Clear
	hasGivenName     bool                // the spec gives it its name, or its group
	hasGeneratedName bool                // name_prefix or name_suffix made its name
	from             *blockDecl          // the block that made it, while the spec is read
	sensitive        map[*Attribute]bool // attributes whose values must not be shown, beside the secret ones
	prepared         []managedAttribute  // what managed lists; nil when it is yet to be found out
	fleetSecrets     []string            // sensitive values of the fleet
	redactor         *lazyRedactor       // of these and of its own secrets
	fleetRedactor    *lazyRedactor       // of the fleet, which also knows the resource's secrets

	unset map[*Attribute][]*Diagnostic // attributes of unknown values, with what they lack

	environment string      // of the fleet
	earlier     []*Resource // as earlier versions of fleet read it, where that differs
}

// A ExternalRef is a reference to an object that the spec does not declare.
type ExternalRef struct {
	Kind Kind
	Name string
}

// Name is what the object is called on Daytona.
func (r *Resource) Name() string {
	for _, a := range Tables[r.Kind] {
		if a.Key == nameRow.Key {
			return r.attrs.text(a)
		}
	}
	return ""
}

// nextSuffix ends the name of a sandbox that was created while the one that it
// replaces was still there.
const nextSuffix = ".next"

// IsSurgePair reports whether two names are the two that one sandbox may have.
func IsSurgePair(a, b string) bool { return a == b+nextSuffix || b == a+nextSuffix }

// BaseName is a name without what a surge has added to it.
func BaseName(name string) string { return strings.TrimSuffix(name, nextSuffix) }

// AlternateName is the second name that the sandbox may have, since the first was
// taken when it was created; empty where the spec gives the name.
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

// WithName is the resource under another name.
func (r *Resource) WithName(name string) *Resource {
	other := *r
	other.attrs = r.attrs.with(nameRow, name)
	return &other
}

// State is the run state to keep; empty when run state is not managed.
func (r *Resource) State() string { return r.attrs.text(stateRow) }

// Protected reports whether the spec forbids to delete or replace the object.
func (r *Resource) Protected() bool {
	return r.attrs.flag(protectRow) || r.attrs.flag(specProtectRow)
}

// Unprotected reports whether the spec says in so many words that the object
// may be deleted or replaced, which lifts a protection kept on the object.
func (r *Resource) Unprotected() bool {
	v, said := r.attrs[protectRow]
	return said && v == false
}

// Adopt reports whether to take over an object of this name that is not known
// to be the fleet's.
func (r *Resource) Adopt() bool { return r.attrs.flag(adoptRow) || r.attrs.flag(snapshotAdoptRow) }

// Snapshot is the name of the snapshot that a sandbox was made from, as the
// server shows it; "" when it was made from an image.
func (o Object) Snapshot() string { return o.Attrs.text(snapshotRow) }

// Mounts lists the ids of the volumes that a sandbox mounts. Only one that was
// read by itself tells.
func (o Object) Mounts() []string {
	var ids []string
	mounts, _ := o.Attrs.attributes[mountsRow].([]Mount)
	for _, m := range mounts {
		ids = append(ids, m.Volume)
	}
	return ids
}

// OnMissing is what to do when the sandbox is not there: [Recreate] or [Ignore].
func (r *Resource) OnMissing() string { return cmp.Or(r.attrs.text(onMissingRow), Recreate) }

// OnError is what to do when the sandbox is in an error state; empty when the
// spec does not say.
func (r *Resource) OnError() string { return r.attrs.text(onErrorRow) }

// IgnoredPaths lists the paths of what may differ, such as public or labels.team.
func (r *Resource) IgnoredPaths() []string { list, _ := r.attrs[ignoreRow].([]string); return list }

// Active is whether a snapshot is to be usable, and whether the spec says so.
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

// Timeout is the longest time that one change of the resource may take. What
// the spec does not say depends on the change: builds and archives take long.
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

// HasTimeout reports whether the spec gives a whole change of the resource its time.
func (r *Resource) HasTimeout() bool {
	_, ok := r.attrs[timeoutRow]
	return ok
}

// DefaultTimeout is the longest time that a change of an object takes that no
// spec declares any more.
const DefaultTimeout = defaultTimeout

// ArchiveTimeout is the same for changes that archive.
const ArchiveTimeout = archiveTimeout

// MayExpire reports whether the platform deletes the sandbox by itself sooner
// or later: when it stops, some time after, when its time is up, or when its
// capacity is wanted back.
func (r *Resource) MayExpire() bool {
	n, managed := r.attrs[autoDeleteRow].(int)
	return managed && n >= 0 || r.attrs.number(ttlRow) > 0 || r.attrs.flag(spotRow)
}

// HasRegion reports whether the resource names a region.
func (r *Resource) HasRegion() bool {
	_, named := r.attrs[Tables[r.Kind].find("target")]
	return named
}

// UnsupportedOn names an attribute of the resource that a server of the version does
// not know, and the first version that does; empty when it knows all.
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

// SurvivesStop reports whether the spec makes the sandbox outlive a stop.
func (r *Resource) SurvivesStop() bool {
	n, managed := r.attrs[autoDeleteRow].(int)
	return managed && n != 0 && !r.ignoresAttr(autoDeleteRow)
}

// OnRemove is what to do with the sandbox when the spec no longer declares it;
// empty when the spec does not say.
func (r *Resource) OnRemove() string { return r.attrs.text(onRemoveRow) }

// OnRemove is what to do with a sandbox that no spec declares any more. What
// its label does not tell is [Delete].
func (o Object) OnRemove() string { return cmp.Or(o.Labels[RemoveLabel], Delete) }

// AutoStops reports whether the server stops the object when it is idle.
func (o Object) AutoStops() bool {
	return o.Attrs.number(autoStopRow) > 0 || o.Attrs.number(autoPauseRow) > 0
}

// Class is the class of the sandboxes that a snapshot makes, or "" when the
// spec does not say.
func (r *Resource) Class() string { return r.attrs.text(classRow) }
