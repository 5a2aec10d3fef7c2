package spec

import (
	"strings"
	"testing"
)

// exportedSnapshot returns what is exported of the snapshot that r was created as, if web is a
// sandbox that was created from it. A nil web is none.
func exportedSnapshot(t *testing.T, r, web *Resource, f Facts) (s *Resource, o Object, fingerprints []string) {
	t.Helper()
	o = created(t, r, f, true)
	s, _ = ResourceFromObject(Address{SnapshotKind, "base"}, r.Name(), o, "", f)
	if web != nil {
		fingerprints = []string{"", web.Labels("demo", nil)[FingerprintLabel]}
	}
	return s, o, fingerprints
}

// reparsed returns the snapshot of a spec that declares the snapshot alone.
func reparsed(t *testing.T, s *Resource) *Resource {
	t.Helper()
	var b strings.Builder
	if err := (Encoder{Secret: PlainSecret}).Encode(&b, &Fleet{Name: "demo", Resources: []*Resource{s}}); err != nil {
		t.Fatal(err)
	}
	f, err := Parse(Source{Name: "fleet.yaml", Text: []byte(b.String())})
	if err != nil {
		t.Fatalf("%v\n%s", err, b.String())
	}
	return f.OfKind(SnapshotKind)[0]
}

// exportedContents are declarations of snapshots with every kind of content.
func exportedContents() []string {
	list := []string{
		`image: py`, `image: crlf`, `image: py, entrypoint: [sh, -c, "echo <a>"]`, `image: "a:1"`,
		`image: "a:1", resources: {cpu: 1, memory: 1, disk: 3, gpu: 0}, class: container`,
		`image: "a:1", resources: {cpu: 2, memory: 2, disk: 4}, target: region-1, entrypoint: [a, b]`,
	}
	for _, x := range examples[SnapshotKind] {
		if x.key == "name" || x.mode == nothing || x.as == "name" {
			continue
		}
		for _, value := range []string{x.one, x.other} {
			list = append(list, strings.Trim(x.with+", "+value, ", "))
		}
	}
	return list
}

// TestExportedVersions checks for every kind of content that an exported version has the
// same version again, without a pin.
func TestExportedVersions(t *testing.T) {
	f := facts("0.205.0")
	for _, text := range exportedContents() {
		r := versioned(t, text)
		for _, web := range []*Resource{nil, sandboxFrom(t, "versioning: content, "+text)} {
			s, o, fingerprints := exportedSnapshot(t, r, web, f)
			if !s.SetVersioning(o, fingerprints, f) || s.Name() != r.Name() || s.VersionBase() != "base" || s.PinnedVersion() != "" {
				t.Errorf("%s: exported as %q, base %q, pin %q, with fingerprints %q", text, s.Name(), s.VersionBase(), s.PinnedVersion(), fingerprints)
				continue
			}
			if again := reparsed(t, s); again.Name() != r.Name() || len(again.Diff(o, f)) > 0 {
				t.Errorf("%s: declared as %q, want %q; differences %v", text, again.Name(), r.Name(), keysOf(again.Diff(o, f)))
			}
		}
	}
}

// TestExportedFixedSnapshots checks for every kind of content that the fingerprint of a
// sandbox is found again, and that a snapshot is no version because of its name.
func TestExportedFixedSnapshots(t *testing.T) {
	f := facts("0.205.0")
	for _, text := range exportedContents() {
		text = "name: base-0123456789ab, " + text
		fleet := mustParse(t, snapshotSpec(text))
		s, o, fingerprints := exportedSnapshot(t, get(t, fleet, "snapshot.base"), get(t, fleet, "sandbox.web"), f)
		if s.SetVersioning(o, fingerprints, f) || s.SetVersioning(o, nil, f) {
			t.Errorf("%s: a version", text)
		}
		if !s.TrimToFingerprints(o, fingerprints, f) {
			t.Errorf("%s: another content", text)
		}
	}
}

// snapshotSpec returns a spec of a snapshot and a sandbox that is created from it.
func snapshotSpec(text string) string {
	return `
images:
  py: {dockerfile: "FROM a:1\nRUN echo one\n"}
  crlf: {dockerfile: "FROM a:1\r\nRUN echo one\r\n"}
snapshots: {base: {` + text + `}}
sandboxes: {web: {snapshot: base}}
`
}

// sandboxFrom returns a sandbox that is created from a snapshot.
func sandboxFrom(t *testing.T, text string) *Resource {
	t.Helper()
	return get(t, mustParse(t, snapshotSpec(text)), "sandbox.web")
}

// TestExportedPins checks that a version whose content is not known is pinned if its
// sandboxes show that it is one, and else is no version.
func TestExportedPins(t *testing.T) {
	f := facts("0.205.0")
	r, web := versioned(t, `image: "a:1"`), sandboxFrom(t, `versioning: content, image: "a:1"`)
	other := created(t, versioned(t, `image: "a:2", pin: `+r.Version()), f, true)
	s, _ := ResourceFromObject(Address{SnapshotKind, "base"}, r.Name(), other, "", f)
	if s.SetVersioning(other, nil, f) {
		t.Error("a version without a proof")
	}
	fingerprint := web.Labels("demo", nil)[FingerprintLabel]
	if !s.SetVersioning(other, []string{fingerprint}, f) || s.PinnedVersion() != r.Version() || s.Name() != r.Name() {
		t.Errorf("exported as %q with the pin %q", s.Name(), s.PinnedVersion())
	}
	if again := reparsed(t, s); again.Name() != r.Name() || len(again.Diff(other, f)) > 0 {
		t.Errorf("declared as %q, want %q", again.Name(), r.Name())
	}
	// Sandboxes of a fixed snapshot of the same name are not those of a version.
	fixed := sandboxFrom(t, `name: `+r.Name()+`, image: "a:1"`).Labels("demo", nil)[FingerprintLabel]
	for _, fingerprints := range [][]string{{fixed}, {fixed, fingerprint}} {
		s, o, _ := exportedSnapshot(t, r, nil, f)
		if s.SetVersioning(o, fingerprints, f) {
			t.Errorf("a version with the fingerprints %q", fingerprints)
		}
	}
}

// TestExportedWithoutImage checks that a snapshot of unknown content is no version.
func TestExportedWithoutImage(t *testing.T) {
	o := Object{Attrs: answer(t, SnapshotKind, `{"cpu":1}`), FullyRead: true}
	s, _ := ResourceFromObject(Address{SnapshotKind, "base"}, "base-e3b0c44298fc", o, "", Facts{})
	web := sandboxFrom(t, `versioning: content, image: "a:1"`)
	if s.SetVersioning(o, []string{web.Labels("demo", nil)[FingerprintLabel]}, Facts{}) || s.Versioned() {
		t.Error("a version without an image")
	}
}

// TestExportedRegion checks that the region of the spec is found among those that have the
// snapshot, by name and by id.
func TestExportedRegion(t *testing.T) {
	f := facts("0.205.0")
	o := Object{Attrs: answer(t, SnapshotKind, `{"imageName":"a:1","regionIds":["region-2","region-1"]}`), FullyRead: true}
	for _, region := range []string{"us", "eu", "region-1", "region-2"} {
		for _, versioning := range []string{FixedVersion, ContentVersion} {
			fleet := mustParse(t, snapshotSpec(`image: "a:1", target: `+region+`, versioning: `+versioning))
			r := get(t, fleet, "snapshot.base")
			s, _ := ResourceFromObject(Address{SnapshotKind, "base"}, r.Name(), o, "", f)
			fingerprints := []string{get(t, fleet, "sandbox.web").Labels("demo", nil)[FingerprintLabel]}
			found := versioning == FixedVersion && s.TrimToFingerprints(o, fingerprints, f) || s.SetVersioning(o, fingerprints, f)
			if got, _ := s.Get("target"); !found || got != region || s.Name() != r.Name() {
				t.Errorf("%s, %s: exported as %q with the region %v", region, versioning, s.Name(), got)
			}
		}
	}
}
