package spec

import (
	"cmp"
	"strings"
	"time"
)

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
	versionBase      string              // name of a snapshot with versioning: content, without its version; empty for fixed
	from             *blockDecl          // the block that declares it, while the spec is read
	sensitive        map[*Attribute]bool // attributes whose values must not be shown, in addition to the secret ones
	prepared         []managedAttribute  // the result of managed; nil if it is not computed yet
	fleetSecrets     []string            // sensitive values of the fleet
	redactor         *lazyRedactor       // of fleetSecrets and of the resource's own secrets
	fleetRedactor    *lazyRedactor       // of the fleet, which also knows the resource's secrets

	unset map[*Attribute][]*Diagnostic // attributes with unknown values, and the variables that are not set

	knownContexts manifestLookup // the contexts of earlier images; nil knows none

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
	v, isSet := r.attrs.lookup(protectRow)
	return isSet && v == false
}

// Adopt reports whether to take over an object with this name that the fleet does
// not own.
func (r *Resource) Adopt() bool { return r.attrs.flag(adoptRow) || r.attrs.flag(snapshotAdoptRow) }

// OnMissing returns what to do if the sandbox does not exist: [Recreate] or
// [Ignore].
func (r *Resource) OnMissing() string { return cmp.Or(r.attrs.text(onMissingRow), Recreate) }

// OnError returns what to do if the sandbox is in an error state: [Recover],
// [Replace] or [ReportOnly]; empty if the spec does not set it.
func (r *Resource) OnError() string { return r.attrs.text(onErrorRow) }

// IgnoredPaths returns the paths whose differences are ignored, such as public or
// labels.team.
func (r *Resource) IgnoredPaths() []string { list, _ := r.attrs.get(ignoreRow).([]string); return list }

// Active returns whether a snapshot is to be active, and whether the spec sets it.
func (r *Resource) Active() (active, managed bool) {
	v, managed := r.attrs.get(activeRow).(bool)
	return v, managed
}

// Ephemeral reports whether the sandbox is deleted when it stops.
func (r *Resource) Ephemeral() bool {
	n, ok := r.attrs.get(autoDeleteRow).(int)
	return ok && n == 0
}

// Timeout returns the longest time that one change of the resource may take. The
// default depends on the change: builds and archiving take long.
func (r *Resource) Timeout(archives bool) time.Duration {
	if d, ok := r.attrs.get(timeoutRow).(time.Duration); ok {
		return d
	}
	_, builds := r.attrs.lookup(imageRow)
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
	_, ok := r.attrs.lookup(timeoutRow)
	return ok
}

// MayExpire reports whether the server may delete the sandbox automatically: when
// it stops or some time after, at the end of its time to live, or to reclaim spot
// capacity.
func (r *Resource) MayExpire() bool {
	n, managed := r.attrs.get(autoDeleteRow).(int)
	return managed && n >= 0 || r.attrs.number(ttlRow) > 0 || r.attrs.flag(spotRow)
}

// HasRegion reports whether the spec sets a region for the resource.
func (r *Resource) HasRegion() bool {
	_, named := r.attrs.lookup(regionRows[r.Kind])
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
		if i, ok := r.attrs.get(a).(Image); ok {
			return i.Dockerfile != ""
		}
	}
	return false
}

// SurvivesStop reports whether the spec sets an auto_delete_interval with which a
// stop does not delete the sandbox.
func (r *Resource) SurvivesStop() bool {
	n, managed := r.attrs.get(autoDeleteRow).(int)
	return managed && n != 0 && !r.ignoresAttr(autoDeleteRow)
}

// OnRemove returns what to do with the sandbox when the spec no longer declares it:
// [Delete], [Stop], [Archive] or [Release]; empty if the spec does not set it.
func (r *Resource) OnRemove() string { return r.attrs.text(onRemoveRow) }

// Class returns the class of sandboxes created from a snapshot; "" if the spec does
// not set it.
func (r *Resource) Class() string { return r.attrs.text(classRow) }
