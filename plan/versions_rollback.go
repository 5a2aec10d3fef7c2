package plan

import (
	"fmt"
	"slices"

	"fleet/spec"
)

// RollbackVersion returns the version to roll back a declared snapshot to. to is a version,
// or the name of one; if it is empty, the version is the newest one that is older than the
// declared one and that the fleet is known to own, by created if its content does not show
// it. An error lists the versions that exist.
func (w *World) RollbackVersion(f *spec.Fleet, r *spec.Resource, created []Creation, to string) (string, error) {
	if !r.Versioned() {
		return "", fmt.Errorf("%s has only one version; for rollbacks, write versioning: content and keep: 1 in %s", r.Address, declaredAt(r))
	}
	if version, ok := r.VersionIn(to); ok {
		to = version
	}
	current := findByName(w.Objects[spec.SnapshotKind], r.Name())
	var versions []string
	known := w.KnownVersions(f, created)
	for _, o := range w.formerVersions(f)[r] {
		version, ok := r.VersionIn(o.Name)
		switch {
		case !ok || o.Failed:
		case to == "" && known[o] && (current == nil || o.Created.Before(current.Created)):
			return version, nil
		default:
			versions = append(versions, version)
		}
	}
	switch {
	case slices.Contains(versions, to), to != "" && current != nil && to == r.Version():
		return to, nil
	case len(versions) == 0:
		return "", fmt.Errorf("%s has no former version; keep: 1 in %s keeps the last one", r.Address, declaredAt(r))
	case to == "":
		return "", fmt.Errorf("%s has no older version; name one with --to: %s", r.Address, JoinOr(versions))
	}
	return "", fmt.Errorf("%s has no version %q; it has %s", r.Address, to, JoinAnd(versions))
}
