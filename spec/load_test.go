package spec

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"fleet/internal/yamldoc"
)

// folder is a directory with files of the given texts.
func folder(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		file := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestLoad(t *testing.T) {
	dir := folder(t, map[string]string{
		"b.yaml":        "sandboxes: {b: {}}\n",
		"a.yml":         "version: 1\nname: demo\nsandboxes: {a: {}}\n",
		"README.md":     "not: [yaml",
		"sub/c.yaml":    "sandboxes: {c: {}}\n",
		"d.yaml/x.yaml": "sandboxes: {d: {}}\n",
	})
	t.Run("directory", func(t *testing.T) {
		f, err := Options{}.Load(dir)
		if err != nil {
			t.Fatal(err)
		}
		same(t, "files", f.Files, []string{filepath.Join(dir, "a.yml"), filepath.Join(dir, "b.yaml")})
		same(t, "name", f.Name, "demo")
		same(t, "resources", len(f.Resources), 2)
	})
	t.Run("files and a directory", func(t *testing.T) {
		f, err := Options{}.Load(filepath.Join(dir, "sub", "c.yaml"), dir, filepath.Join(dir, "a.yml"))
		if err != nil {
			t.Fatal(err)
		}
		same(t, "resources", len(f.Resources), 3)
	})
	t.Run("any name will do for a file", func(t *testing.T) {
		_, err := Options{}.Load(filepath.Join(dir, "README.md"))
		var ms Diagnostics
		if !errors.As(err, &ms) {
			t.Errorf("%v, want mistakes", err)
		}
	})
}

func TestLoadErrors(t *testing.T) {
	dir := folder(t, map[string]string{"file.yaml": "x", "empty/README": ""})
	for path, want := range map[string]string{
		"missing.yaml":      "missing.yaml: there is no such file or directory; name the spec with -f",
		"empty":             "empty: there are no .yaml or .yml files in this directory",
		"file.yaml/further": "reading the spec: stat",
	} {
		_, err := Options{}.Load(filepath.Join(dir, path))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", path, err, want)
		}
	}
}

func TestLoadUnreadable(t *testing.T) {
	if os.Geteuid() == 0 {
		t.Skip("root may read everything")
	}
	dir := folder(t, map[string]string{"fleet.yaml": "version: 1\n"})
	if err := os.Chmod(filepath.Join(dir, "fleet.yaml"), 0); err != nil {
		t.Fatal(err)
	}
	if _, err := (Options{}).Load(dir); !errors.Is(err, os.ErrPermission) {
		t.Errorf("%v, want that it may not be read", err)
	}
}

// TestLoadNothing: no files are no spec of nothing.
func TestLoadNothing(t *testing.T) {
	if f, err := (Options{}).Load(); err == nil {
		t.Errorf("no files are %+v", f)
	}
}

// TestSyntax checks that a syntax error has its line, even if the parser omits it.
func TestSyntax(t *testing.T) {
	for text, want := range map[string]string{
		"a: b: c\n":            "x.yaml:1:1: this is not YAML: mapping values are not allowed in this context",
		"a: 1\nb: [\n":         "x.yaml:2:1: this is not YAML: did not find expected node content",
		"a: 1\n\x01\n":         "x.yaml:2:1: this is not YAML: control characters are not allowed",
		"a: 1\nb: *c\n":        "x.yaml:2:4: this is not YAML: unknown anchor 'c' referenced",
		"a: 1\nb: é\xff\n":     "x.yaml:2:5: the file is not UTF-8 text",
		"a: 1\n---\nb: c: d\n": "x.yaml:3:1: this is not YAML: mapping values are not allowed in this context",
	} {
		_, err := yamldoc.Parse(Source{Name: "x.yaml", Text: []byte(text)})
		if err == nil || !strings.HasPrefix(err.Error(), want) || strings.Contains(err.Error(), "\x01") {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
	for _, text := range []string{"", "a: 1\n---\nb: 2\n", "- [a]\n", "no spec"} {
		if _, err := yamldoc.Parse(Source{Name: "x.yaml", Text: []byte(text)}); err != nil {
			t.Errorf("%q: %v", text, err)
		}
	}
}
