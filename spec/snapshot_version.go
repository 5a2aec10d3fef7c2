package spec

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"fleet/internal/jsonschema"
	"fleet/internal/snapshotversion"
)

// Values of the attribute versioning.
const (
	FixedVersion   = "fixed"   // one snapshot, which is replaced under its name
	ContentVersion = "content" // a snapshot for each content, named after it
)

// MaxKeep is the largest number of former versions that a snapshot can keep.
const MaxKeep = 100

var (
	versioningRow = &Attribute{
		Key: "versioning", Type: oneOf(FixedVersion, ContentVersion), Role: Option, Visibility: NotInAnyField,
		Doc:     "How a changed content is applied. With content, the name on Daytona ends in a digest of the content: the new version is created, the sandboxes are moved to it, and the old version is deleted when no sandbox uses it. With fixed, which is the default, the snapshot is deleted and created again under its name.",
		Example: `versioning: content`, With: `image: ubuntu:24.04`,
	}
	keepRow = &Attribute{
		Key: "keep", Type: wholeNumber("versions"), Check: between(0, MaxKeep), Role: Option, Visibility: NotInAnyField,
		Doc:     "Number of former versions to keep, for a rollback; 0 by default. Versions that sandboxes use are always kept.",
		Example: `keep: 2`, With: "image: ubuntu:24.04\nversioning: content",
	}
	pinRow = &Attribute{
		Key: "pin", Type: text, Check: versionDigits, Role: Option, Visibility: NotInAnyField, PerResource: true,
		Doc:     "Version to use instead of the one of the current content, for a rollback: the digits at the end of its name. It must exist.",
		Example: `pin: 3f2a9c01d47e`, With: "image: ubuntu:24.04\nversioning: content",
	}
)

// versioningRules are the combinations of the attributes of versions that contradict
// each other.
var versioningRules = []rule{
	{SnapshotKind, keepRow, needsVersioning(keepRow), "keep has no effect without versioning: content", "add versioning: content, or remove keep"},
	{SnapshotKind, pinRow, needsVersioning(pinRow), "pin has no effect without versioning: content", "add versioning: content, or remove pin"},
}

func needsVersioning(a *Attribute) func(block) bool {
	return func(b block) bool { return b.has(a) && b.text(versioningRow) != ContentVersion }
}

var versionDigits = &Check{
	Rule:   fmt.Sprintf("%d hexadecimal digits", snapshotversion.Digits),
	Schema: jsonschema.Matching(snapshotversion.Pattern),
	problem: func(v any) string {
		if s := v.(string); !snapshotversion.IsVersion(s) {
			return fmt.Sprintf("%q is not a version; it has %d hexadecimal digits, such as 3f2a9c01d47e", s, snapshotversion.Digits)
		}
		return ""
	},
}

// nameVersion gives a snapshot with versioning: content the name of its version, and
// checks that name.
func (l *loader) nameVersion(r *Resource, declared map[Address]*Resource) {
	if pin := l.options.Pins[r.Key]; pin != "" && r.Kind == SnapshotKind {
		r.attrs.set(pinRow, pin)
	}
	r.setVersion()
	if r.Version() == "" {
		return
	}
	wrong, hint := snapshotNameRow.Check.Problem(r.Name()), "write another name"
	if other := declared[Address{SnapshotKind, r.Name()}]; other != nil && other != r {
		wrong = fmt.Sprintf("%q is already used by %s at %s", r.Name(), other.Address, other.Pos)
	}
	if wrong != "" {
		r.from.decoder.ErrorfAt(r.Pos, r.Kind.Section()+"."+r.from.Key, "the name of its version, %s", wrong).Hint = hint
	}
}

// setVersion gives a snapshot with versioning: content the name of its version. If a
// part of the content is unknown, the name stays without a version.
func (r *Resource) setVersion() {
	if r.attrs.text(versioningRow) != ContentVersion {
		return
	}
	r.versionBase = r.Name()
	if version := cmp.Or(r.PinnedVersion(), r.ContentVersion()); version != "" {
		r.attrs.set(snapshotNameRow, snapshotversion.Name(r.versionBase, version))
	}
}

// contentUnset returns the variables that are not set and that the content of the
// snapshot depends on.
func (r *Resource) contentUnset() []*Diagnostic {
	for _, a := range snapshotTable {
		if missing := r.unset[a]; missing != nil && a.Role == Remote {
			return missing
		}
	}
	return nil
}

// ContentVersion returns the version of the snapshot's declared content, regardless of
// its versioning. It is empty if the content is unknown: it depends on variables that are
// not set, or the local files of its image were not hashed.
func (r *Resource) ContentVersion() string {
	if i, ok := r.BuiltImage(); r.contentUnset() != nil || ok && i.unhashed {
		return ""
	}
	c := snapshotversion.Content{}
	for _, a := range snapshotTable {
		if v, ok := r.attrs.lookup(a); ok && a.isContent() && !isDefault(a, v) {
			c[a.Key] = versionValue(v)
		}
	}
	return c.Digest()
}

// isContent reports whether a snapshot with another value has another content.
func (a *Attribute) isContent() bool { return a.Role == Remote && !a.PerResource && !a.CreateOnly }

// versionValue returns a value as versions are computed over it. Line ends do not
// change the content of an image.
func versionValue(v any) string {
	if i, ok := v.(Image); ok {
		v = i.normalized()
	}
	return string(canonical(v))
}

// trialSuffix ends the temporary name under which the content of a snapshot is built
// before a snapshot with fixed versions is replaced.
const trialSuffix = ".trial"

// Trial returns a copy of a snapshot with the temporary name of its content.
func (r *Resource) Trial() *Resource {
	trial := *r
	trial.attrs = r.attrs.with(snapshotNameRow, snapshotversion.Name(r.Name(), r.ContentVersion())+trialSuffix)
	trial.prepared = nil
	return &trial
}

// TrialVersionIn returns the version in a name, if it is that of a trial of the snapshot.
func (r *Resource) TrialVersionIn(name string) (version string, ok bool) {
	version, isTrial := strings.CutSuffix(name, trialSuffix)
	version, ok = r.VersionIn(version)
	return version, ok && isTrial
}

// RemovedVersion returns the entry of removed that stands for a snapshot, if its name is
// that of a version, or of a trial, of a snapshot that the spec no longer declares.
func (f *Fleet) RemovedVersion(name string) (entry Address, version string, trial, ok bool) {
	return f.versionAmong(f.Removed, name)
}

// versionAmong returns the address of the list that name is a version or a trial of. An
// address stands for no versions if the spec declares a snapshot with its name.
func (f *Fleet) versionAmong(list []Address, name string) (a Address, version string, trial, ok bool) {
	bare, trial := strings.CutSuffix(name, trialSuffix)
	for _, a := range list {
		version, ok := snapshotversion.Of(a.Key, bare)
		if ok && a.Kind == SnapshotKind && !slices.ContainsFunc(f.OfKind(SnapshotKind), func(r *Resource) bool { return r.VersionBase() == a.Key }) {
			return a, version, trial, true
		}
	}
	return Address{}, "", false, false
}

// Versioned reports whether the snapshot has versioning: content.
func (r *Resource) Versioned() bool { return r.versionBase != "" }

// VersionBase returns the name of the snapshot without a version. It is the name for
// snapshots with fixed versions.
func (r *Resource) VersionBase() string {
	if r.versionBase != "" {
		return r.versionBase
	}
	return r.Name()
}

// Version returns the version in the snapshot's name; "" for fixed versions, or if the
// content is unknown and no version is pinned.
func (r *Resource) Version() string {
	if !r.Versioned() {
		return ""
	}
	version, _ := r.VersionIn(r.Name())
	return version
}

// VersionIn returns the version in a name, if it is that of a version of the snapshot.
func (r *Resource) VersionIn(name string) (version string, ok bool) {
	return snapshotversion.Of(r.VersionBase(), name)
}

// PinnedVersion returns the version that the spec requires instead of the one of the
// content; "" if it requires none.
func (r *Resource) PinnedVersion() string { return r.attrs.text(pinRow) }

// Keep returns the number of former versions to keep.
func (r *Resource) Keep() int { return r.attrs.number(keepRow) }
