package spec

import (
	"strings"

	"fleet/internal/snapshotversion"
)

// SetVersioning gives an exported snapshot versioning: content if a fleet created it with
// that: its name is the name of a version, and the fingerprints, those of the fleet's
// sandboxes created from it, match the digest of a version. Without fingerprints, the
// content of o has to prove the version. It reports whether it did; if not, the snapshot
// is unchanged.
//
// The snapshot gets the attributes that the version was computed over, and a spec that
// declares it has the same version. If they are not known, the version is pinned.
func (r *Resource) SetVersioning(o Object, fingerprints []string, f Facts) bool {
	base, version, ok := snapshotversion.Split(r.Name())
	digests := contentDigests(fingerprints)
	if _, hasImage := r.attrs.lookup(snapshotImageRow); !ok || !hasImage || len(digests) > 0 && !haveContent(digests, versionsContent(base)) {
		return false
	}
	content, proven := o.versionContent(version, f)
	if !proven && len(digests) == 0 {
		return false
	}
	if proven {
		r.putContent(content)
	}
	r.DropDefaults()
	r.attrs.set(snapshotNameRow, base)
	r.attrs.set(versioningRow, ContentVersion)
	r.setVersion()
	if r.Version() != version {
		r.PinVersion(version)
	}
	return true
}

// putContent replaces the attributes that versions are computed over, except for the image.
func (r *Resource) putContent(content attributes) {
	for _, a := range snapshotTable {
		if a.isContent() && a != snapshotImageRow {
			r.put(a, content.get(a))
		}
	}
}

// PinVersion pins a version of a snapshot with versioning: content.
func (r *Resource) PinVersion(version string) {
	r.put(snapshotNameRow, r.VersionBase())
	r.put(pinRow, version)
	r.setVersion()
}

// FromDeclaredSnapshot reports whether any of the fingerprints is that of a sandbox whose
// spec declared its snapshot, so that a change of the snapshot would replace the sandbox.
func FromDeclaredSnapshot(fingerprints []string) bool { return len(contentDigests(fingerprints)) > 0 }

// contentDigests returns the digests of the contents of snapshots in fingerprints.
func contentDigests(fingerprints []string) map[string]bool {
	digests := map[string]bool{}
	for _, s := range fingerprints {
		if d := parseFingerprint(s).digestOf(contentRow.FingerprintLetter); d != "" {
			digests[d] = true
		}
	}
	return digests
}

// haveContent reports whether all digests are those of a content: see [Resource.content].
func haveContent(digests map[string]bool, content string) bool {
	full := digest(content)
	for d := range digests {
		if !strings.HasPrefix(full, d) {
			return false
		}
	}
	return true
}

// versionsContent returns the content that sandboxes have of each version of the snapshot
// base: the name of a version shows the rest.
func versionsContent(base string) string { return digest(base) }
