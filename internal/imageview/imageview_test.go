package imageview

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"fleet/internal/buildcontext"
	"fleet/spec"
)

// inDir writes files into a new working directory and reads fleet.yaml.
func inDir(t *testing.T, files map[string]string) *spec.Fleet {
	t.Helper()
	t.Chdir(t.TempDir())
	for name, text := range files {
		if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	f, err := spec.Options{}.Load("fleet.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func inspected(t *testing.T, f *spec.Fleet, key string, o ContextOptions) Context {
	t.Helper()
	images, err := Find(f, key)
	if err != nil {
		t.Fatal(err)
	}
	list, err := Inspect(t.Context(), buildcontext.NewHasher(buildcontext.Options{}), images, o)
	if err != nil {
		t.Fatal(err)
	}
	return list[0]
}

const imagesOfSteps = `version: 1
name: demo
images:
  i:
    base: debian:12.9
    steps:
      - add_local_dir: {local_path: src, remote_path: /src}
      - add_local_dir: {local_path: src, remote_path: /again}
      - add_local_file: {local_path: src/run.sh, remote_path: /run.sh}
  plain: {base: "debian:12.9"}
`

// TestInspect: sources with the same content are one archive, and modes and links are those
// of the archive.
func TestInspect(t *testing.T) {
	f := inDir(t, map[string]string{"fleet.yaml": imagesOfSteps, "src/run.sh": "#!/bin/sh\n", "src/a/data": strings.Repeat("x", 3000)})
	if err := os.Chmod("src/run.sh", 0o755|os.ModeSetgid); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("a/data", "src/link"); err != nil {
		t.Skip(err)
	}
	c := inspected(t, f, "i", ContextOptions{})
	if len(c.Archives) != 2 || c.Files != 4 || c.Bytes != 3000+3000+10+10 || len(c.Archives[0].Hash) != 64 || c.Archives[0].TarBytes < 6000 {
		t.Fatalf("got %+v", c)
	}
	want := []File{{"src/a/data", "0644", 3000, ""}, {"src/link", "0644", 3000, "src/a/data"}, {"src/run.sh", "0755", 10, ""}}
	if got := c.Archives[0].Entries; !slices.Equal(got, want) {
		t.Errorf("got %+v", got)
	}
	top := inspected(t, f, "i", ContextOptions{Top: 2})
	if got := top.Largest; !slices.Equal(got, want[:2]) || top.Archives[0].Entries != nil || top.Files != 4 {
		t.Errorf("got %+v", top)
	}
	if c := inspected(t, f, "plain", ContextOptions{Top: 3, Ignored: true}); len(c.Archives) != 0 || c.Files != 0 {
		t.Errorf("got %+v", c)
	}
}

// TestInspectStored: the storage is asked once for each archive, by the size of the upload.
func TestInspectStored(t *testing.T) {
	f := inDir(t, map[string]string{"fleet.yaml": imagesOfSteps, "src/run.sh": "#!/bin/sh\n"})
	asked := map[string]int64{}
	c := inspected(t, f, "i", ContextOptions{Stored: func(_ context.Context, hash string, size int64) (bool, error) {
		asked[hash] = size
		return len(asked) == 1, nil
	}})
	for i, a := range c.Archives {
		if asked[a.Hash] != a.TarBytes || a.Stored == nil || *a.Stored != (i == 0) {
			t.Errorf("got %+v, asked %v", a, asked)
		}
	}
	refused := errors.New("refused")
	images, _ := Find(f, "i")
	_, err := Inspect(t.Context(), buildcontext.NewHasher(buildcontext.Options{}), images, ContextOptions{
		Stored: func(context.Context, string, int64) (bool, error) { return false, refused },
	})
	if !errors.Is(err, refused) {
		t.Errorf("got %v", err)
	}
}

// TestInspectIgnored: the list of ignored files is bounded, and an ignore file that several
// sources share is read once.
func TestInspectIgnored(t *testing.T) {
	files := map[string]string{"fleet.yaml": "version: 1\nname: demo\nimages: {i: {dockerfile: \"FROM a:1\\nCOPY a.txt /\\nCOPY b.txt /\\n\"}}\n", "a.txt": "a", "b.txt": "b", ".dockerignore": "\n*.log"}
	for i := range maxIgnored + 1 {
		files[fmt.Sprintf("%d.log", i)] = ""
	}
	c := inspected(t, inDir(t, files), "i", ContextOptions{Ignored: true})
	if len(c.Ignored) != maxIgnored || !c.IgnoredOmitted || c.Ignored[0] != (Ignored{"0.log", ".dockerignore", 2}) {
		t.Errorf("%d ignored, omitted %t, first %+v", len(c.Ignored), c.IgnoredOmitted, c.Ignored[0])
	}
}

// TestInspectError: a file that cannot be sent is an error at the image.
func TestInspectError(t *testing.T) {
	f := inDir(t, map[string]string{"fleet.yaml": imagesOfSteps, "src/run.sh": "", "src/a/data": ""})
	if err := os.Symlink("../../..", "src/a/out"); err != nil {
		t.Skip(err)
	}
	images, _ := Find(f, "i")
	_, err := Inspect(t.Context(), buildcontext.NewHasher(buildcontext.Options{}), images, ContextOptions{})
	if d := (*spec.Diagnostic)(nil); !errors.As(err, &d) || d.Pos.String() != "fleet.yaml:4:3" || d.Path != "images.i" || !strings.Contains(err.Error(), "src/a/out") {
		t.Errorf("got %v", err)
	}
}

func TestHide(t *testing.T) {
	const text = "FROM a:1\nRUN echo long-secret \\\n  b\nENV A='it'\"'\"'s long-secret'\n"
	for secret, want := range map[string]string{
		"long-secret":  "FROM a:1\nRUN echo (hidden) \\\n  b\nENV A='it'\"'\"'s (hidden)'\n",
		"b":            "FROM (hidden)\nRUN (hidden)\nENV (hidden)\n",
		"other-secret": text,
		"":             text,
	} {
		if got := hide(text, []string{secret}); got != want {
			t.Errorf("%q: got %s", secret, got)
		}
	}
}

func TestFind(t *testing.T) {
	f := inDir(t, map[string]string{"fleet.yaml": "version: 1\nname: demo\nimages:\n  a: {base: \"a:1\"}\n  t: {for_each: [x, y], base: \"a:1\"}\n"})
	for name, want := range map[string][]string{"a": {"a"}, "image.a": {"a"}, "t": {"t[x]", "t[y]"}, "image.t[y]": {"t[y]"}} {
		images, err := Find(f, name)
		var got []string
		for _, d := range images {
			got = append(got, d.Key)
		}
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
	for name, want := range map[string]string{
		"t[z]": `image "t[z]" not found`, "nothing": `image "nothing" not found; the spec has a, t, t[x], t[y]`, "image.image.a": "not found", "sandbox.a": "not found",
	} {
		if _, err := Find(f, name); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := Find(&spec.Fleet{}, "a"); err == nil || !strings.Contains(err.Error(), "the spec has no images") {
		t.Errorf("got %v", err)
	}
}
