package buildcontext

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestInputs: each file that may change a context is relevant, existing or not, and no
// other one is.
func TestInputs(t *testing.T) {
	root := realRoot(t, map[string]string{
		".dockerignore": "**/*.log\n**/cache\n!app/cache/keep\nhidden\n", "app/main.py": "1", "app/lib/a.py": "", "app/empty/": "",
		"app/cache/x": "", "app/hidden2": "", "hidden/x": "", "scripts/a.sh": "", "scripts/b.txt": "", "deep/one/x.c": "", "deep/two/y.h": "",
		"file.txt": "", "target/real.txt": "", "app/link": "-> ../target/real.txt", "app/more": "-> ../shared", "shared/s.py": "",
		"other.txt": "", "top": "-> target/real.txt",
	})
	in := &Inputs{}
	c, err := in.OpenContext(root, filepath.Join(root, "docker/Big.Dockerfile"))
	check(t, err)
	h := NewHasher(Options{Inputs: in})
	for _, pattern := range []string{"app", "scripts/*.sh", "deep/*/*.c", "file.txt", "top"} {
		selected, err := c.Match(pattern)
		check(t, err)
		for _, s := range selected {
			_, err := h.Hash(t.Context(), c.Source(s))
			check(t, err)
		}
	}
	for _, pattern := range []string{"missing.txt", "gone/far/x.txt", "nodir/*.txt"} {
		if _, err := c.Match(pattern); err == nil {
			t.Errorf("%s: no error", pattern)
		}
	}
	for file, want := range map[string]bool{
		".dockerignore": true, "docker": true, "app/main.py": true, "app/new.py": true, "app/lib": true, "app/lib/b.py": true,
		"app/empty/first": true, "app/cache": true, "app/cache/keep": true, "shared/new.py": true, "target/real.txt": true,
		"scripts/a.sh": true, "scripts/new.sh": true, "deep/one/new.c": true, "deep/two/new.c": true, "deep": true, "scripts": true,
		"file.txt": true, "top": true, "missing.txt": true, "gone": true, "nodir": true, "app": true,

		"app/debug.log": false, "app/cache/x": false, "hidden": false, "hidden/x": false, "scripts/b.txt": false, "scripts/new.txt": false,
		"deep/two/y.h": false, "other.txt": false, "target/other.txt": false, "new.txt": false,
	} {
		if got := in.Relevant(filepath.Join(root, file)); got != want {
			t.Errorf("%s: relevant %v", file, got)
		}
	}
	check(t, os.MkdirAll(filepath.Join(root, "deep/three"), 0o755))
	if !in.Relevant(filepath.Join(root, "deep/three")) {
		t.Error("a new directory below a pattern is not relevant")
	}
	for _, dir := range []string{"app", "app/lib", "app/empty", "shared", "scripts", "deep", "deep/one", ""} {
		if !slices.Contains(in.Dirs(), filepath.Join(root, dir)) {
			t.Errorf("%s is not among the directories:\n%s", dir, strings.Join(in.Dirs(), "\n"))
		}
	}
}

// TestInputsPaths: the paths are those that were named, with the links in them.
func TestInputsPaths(t *testing.T) {
	root := realRoot(t, map[string]string{
		"current": "-> rev1", "rev1/app/a.py": "", "rev1/app/lib": "-> ../current/lib", "rev1/current": "-> libs", "rev1/libs/lib/b.py": "", "rev1/scripts/c.sh": "",
	})
	in := &Inputs{}
	c, err := in.OpenContext(filepath.Join(root, "current"), "")
	check(t, err)
	h := NewHasher(Options{Inputs: in})
	for _, pattern := range []string{"app", "scripts/*.sh"} {
		selected, err := c.Match(pattern)
		check(t, err)
		for _, s := range selected {
			_, err := h.Hash(t.Context(), c.Source(s))
			check(t, err)
		}
	}
	for _, path := range []string{"current", "current/.dockerignore", "current/app", "current/app/lib", "current/scripts"} {
		if !slices.Contains(in.Paths(), filepath.Join(root, path)) {
			t.Errorf("%s is not among the paths:\n%s", path, strings.Join(in.Paths(), "\n"))
		}
	}
	if list := (*Inputs)(nil).Paths(); list != nil {
		t.Errorf("no inputs have the paths %v", list)
	}
}

// TestInputsOfProblems: a scan that fails records what it read, so that the correction is
// noticed.
func TestInputsOfProblems(t *testing.T) {
	root := realRoot(t, map[string]string{"app/sub/link": "-> nowhere", ".dockerignore": "[\n"})
	in := &Inputs{}
	if _, err := NewHasher(Options{Inputs: in}).Hash(t.Context(), Source{Root: root, Path: "app", Archive: "app"}); err == nil {
		t.Error("no error")
	}
	if _, err := in.OpenContext(root, ""); err == nil {
		t.Error("no error of the ignore file")
	}
	for _, file := range []string{"app/sub/link", ".dockerignore"} {
		if !in.Relevant(filepath.Join(root, file)) {
			t.Errorf("%s is not relevant", file)
		}
	}
}

// TestNoInputs: nil records nothing.
func TestNoInputs(t *testing.T) {
	var in *Inputs
	in.AddFile("x")
	if in.Relevant("x") || len(in.Dirs()) > 0 || (*Hasher)(nil).Inputs() != nil {
		t.Error("nil Inputs have content")
	}
}

// realRoot is tree with a path that has no links.
func realRoot(t *testing.T, files map[string]string) string {
	t.Helper()
	root, err := filepath.EvalSymlinks(tree(t, files))
	check(t, err)
	return root
}
