package spec

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"fleet/internal/buildcontext"
)

// writeLocal writes local files, given by their paths, and a link to a file outside of their
// directory, which it returns.
func writeLocal(t *testing.T, local map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, content := range local {
		file := filepath.Join(dir, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(file), 0o700), os.WriteFile(file, []byte(content), 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink("/etc/hostname", filepath.Join(dir, "outside")); err != nil {
		t.Fatal(err)
	}
	return dir
}

// loadFiles reads a spec in a directory with a sandbox that has the attributes.
func loadFiles(t *testing.T, dir, attributes string) (*Fleet, error) {
	t.Helper()
	file := filepath.Join(dir, "fleet.yaml")
	text := "version: 1\nname: demo\nsandboxes:\n  web:\n    " + attributes + "\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return Options{Hasher: buildcontext.NewHasher(buildcontext.Options{})}.Load(file)
}

// TestFilesOfSpecs lists what is uploaded.
func TestFilesOfSpecs(t *testing.T) {
	local := writeLocal(t, map[string]string{"a": "a", "dir/b": "b", "dir/deep/c": "c", "empty": ""})
	for attributes, want := range map[string]string{
		"files: {/x: a}": "/x 0 1",
		"files: {/x: {source: a, mode: '0640'}, /e: ./empty}": "/e 0 0|/x 640 1",
		"files: {/x: {source: a, mode: 0640}}":                "/x 640 1",
		"files: {/x/y: {source: dir, mode: 600}, /x/z: a}":    "/x/y/b 600 1|/x/y/deep/c 600 1|/x/z 0 1",
		"files: {}": "",
	} {
		f, err := loadFiles(t, local, attributes)
		if err != nil {
			t.Errorf("%s: %v", attributes, err)
			continue
		}
		var got []string
		for _, u := range f.Resources[0].Files().Uploads() {
			got = append(got, fmt.Sprintf("%s %o %d", u.Path, u.Mode, u.Size))
		}
		if strings.Join(got, "|") != want || f.Resources[0].Files() == nil {
			t.Errorf("%s uploads %q, want %s", attributes, got, want)
		}
	}
}

// TestWrongFiles: each mistake is an error at its place.
func TestWrongFiles(t *testing.T) {
	many := map[string]string{"a": "a", "dir/b": "b"}
	for i := range MaxUploadFiles + 1 {
		many[fmt.Sprintf("many/%d", i)] = ""
	}
	many["large"] = strings.Repeat("x", MaxUploadBytes+1)
	many["half"] = strings.Repeat("x", MaxUploadBytes/2+1)
	dir := writeLocal(t, many)
	for attributes, want := range map[string]string{
		"files: {/x: missing}":                     "5:17: sandboxes.web.files./x: missing not found; a source is relative",
		"files: {/x: {mode: 600, source: gone}}":   "5:37: sandboxes.web.files./x.source: gone not found",
		"files: {/x: outside}":                     "5:17: sandboxes.web.files./x: outside is not uploaded: outside is a link to /etc/hostname, out of ",
		"files: {/x: ''}":                          "5:17: sandboxes.web.files./x: must not be empty",
		"files: {x: a}":                            `5:13: sandboxes.web.files.x: "x" must be an absolute path in the sandbox`,
		"files: {/: a}":                            `5:13: sandboxes.web.files./: "/" must be an absolute path`,
		"files: {/x/: dir}":                        `5:13: sandboxes.web.files./x/: "/x/" must not end with /`,
		"files: {/x/../y: a}":                      `5:13: sandboxes.web.files./x/../y: "/x/../y" must not contain the parts`,
		`files: {"/x\ny": a}`:                      "5:13: ",
		"files: {/x: {source: a, mode: '0999'}}":   `5:35: sandboxes.web.files./x.mode: "0999" is not a mode`,
		"files: {/x: {source: a, mode: '4755'}}":   "is not a mode",
		"files: {/x: {source: a, mode: '0044'}}":   "that let the owner read the file",
		"files: {/x: {source: a, mod: '0644'}}":    `5:29: sandboxes.web.files./x.mod: unknown key; a file has source, mode`,
		"files: {/x: {mode: '0644'}}":              "5:17: sandboxes.web.files./x: a file needs source",
		"files: {/x: [a]}":                         "5:17: sandboxes.web.files./x: expected text, got a list",
		"files: [a]":                               "5:12: sandboxes.web.files: expected a mapping",
		"files: {/x: dir, /x/b: a}":                "5:28: sandboxes.web.files./x/b: /x/b is also in /x",
		"files: {/x: a, /x/y: a}":                  "5:26: sandboxes.web.files./x/y: /x is a file, and nothing can be below it",
		"files: {/x: many}":                        "many has more than 1000 files or 32 MiB, the limit for one sandbox; put large content into an image or a volume",
		"files: {/x: large}":                       "large has more than 1000 files or 32 MiB",
		"files: {/x: half, /y: half}":              "5:27: sandboxes.web.files./y: the files have together more than 1000 files or 32 MiB",
		"configs: {/x: a}":                         "write files",
		"{files: {/x: gone}, count: 3}":            "gone not found",
		"{files: {'/x/${index}': gone}, count: 3}": "keys cannot contain expressions",
	} {
		_, err := loadFiles(t, dir, attributes)
		if err == nil || !strings.Contains(err.Error(), want) || strings.Count(err.Error(), "fleet.yaml:") != 1 {
			t.Errorf("%s:\n%v\nwant one error with %s", attributes, err, want)
		}
	}
}

// TestFilesAreChecked: the files of sandboxes are checked whole, also if those of images are
// not hashed.
func TestFilesAreChecked(t *testing.T) {
	dir := writeLocal(t, map[string]string{"a": "a", "dir/b": "b"})
	file := filepath.Join(dir, "fleet.yaml")
	o := Options{FileHasher: buildcontext.NewHasher(buildcontext.Options{})}
	for files, want := range map[string]string{"/x: dir, /x/b: a": "/x/b is also in /x", "/x: a, /x/y: a": "nothing can be below it"} {
		text := "version: 1\nname: demo\nsandboxes: {web: {files: {" + files + "}}}\n"
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := o.Load(file); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", files, err, want)
		}
	}
}

// TestFilesOfLayers: entries are merged by their paths, and null removes one.
func TestFilesOfLayers(t *testing.T) {
	f, err := loadFiles(t, writeLocal(t, map[string]string{"a": "a", "b": "b"}), "{files: {/x: b, /y: null}, extends: base}\ntemplates:\n  sandboxes: {base: {files: {/x: a, /y: a, /z: a}}}")
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, u := range f.Resources[0].Files().Uploads() {
		got = append(got, fmt.Sprintf("%s %x", u.Path, u.Digest[:2]))
	}
	if want := []string{"/x 3e23", "/z ca97"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

// TestFilesAreTheirContent: what a spec means does not depend on where its files are.
func TestFilesAreTheirContent(t *testing.T) {
	load := func(local map[string]string, files string) *Fleet {
		f, err := loadFiles(t, writeLocal(t, local), "files: {"+files+"}")
		if err != nil {
			t.Fatal(err)
		}
		return f
	}
	one := load(map[string]string{"a": "a", "dir/b": "b"}, "/x: a, /d: dir")
	for files, same := range map[string]bool{
		"/x: other, /d/b: sub/c": true, "/x: sub/c, /d/b: other": false, "/x: {source: other, mode: 600}, /d/b: sub/c": false, "/y: other, /d/b: sub/c": false,
	} {
		other := load(map[string]string{"other": "a", "sub/c": "b"}, files)
		have := Object{Labels: one.Resources[0].WithUploaded(one.Resources[0].Labels("demo", nil), true)}
		if got := !slices.ContainsFunc(other.Resources[0].Diff(have, Facts{}), Diff.NeedsUpload); got != same || (one.Fingerprint() == other.Fingerprint()) != same {
			t.Errorf("%s: same is %v", files, got)
		}
	}
}

// TestDigestOfUploads: labels have the digest of the files only while it is set, for any other
// attributes, and other writes of the labels keep it as it is.
func TestDigestOfUploads(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		attrs := someAttrs(t)
		attrs.set(filesRow, Files{"/x": {Source: rapid.StringMatching(`[a-z]{1,9}`).Draw(t, "source")}})
		r := &Resource{Address: Address{SandboxKind, "web"}, attrs: attrs}
		fresh := r.Labels("demo", nil)
		if diffs := r.Diff(Object{Labels: fresh}, Facts{}); len(diffs) != 1 || !diffs[0].NeedsUpload() || r.UploadedFiles(fresh) {
			t.Fatalf("a new sandbox differs in %v", keysOf(diffs))
		}
		done := r.WithUploaded(fresh, true)
		again := r.Labels("demo", done)
		for _, labels := range []map[string]string{done, again} {
			have := Object{Labels: labels}
			if diffs := r.Diff(have, Facts{}); len(diffs) > 0 || len(labels[FingerprintLabel]) > 63 || !r.FingerprintComplete(have) || !r.UploadedFiles(labels) {
				t.Fatalf("after the upload %q differs in %v", labels[FingerprintLabel], keysOf(diffs))
			}
		}
		for _, labels := range []map[string]string{r.WithUploaded(done, false), WithoutUploads(again)} {
			if diffs := r.Diff(Object{Labels: labels}, Facts{}); len(diffs) != 1 || !diffs[0].NeedsUpload() {
				t.Fatalf("without the digest %q differs in %v", labels[FingerprintLabel], keysOf(diffs))
			}
		}
	})
}
