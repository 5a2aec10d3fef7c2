package buildcontext

import (
	"context"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestIgnoredPaths(t *testing.T) {
	root := tree(t, map[string]string{
		".dockerignore": "# a comment\n*.log\nnode_modules\ndocs\n!docs/keep\n", "a.log": "", "b.txt": "", "sub/c.log": "",
		"node_modules/x/y.js": "", "docs/a.md": "", "docs/keep/b.md": "", "docs/old/c.md": "",
	})
	s := Source{Root: root, IgnoreFile: filepath.Join(root, ".dockerignore")}
	want := []IgnoredPath{
		{"a.log", false, 2}, {"docs/a.md", false, 4}, {"docs/old", true, 4}, {"node_modules", true, 3},
	}
	got, more, err := s.IgnoredPaths(t.Context(), 4)
	check(t, err)
	if d := cmp.Diff(want, got); d != "" || more {
		t.Errorf("more %t: %s", more, d)
	}
	if got, more, err = s.IgnoredPaths(t.Context(), 2); err != nil || !more || !slices.Equal(got, want[:2]) {
		t.Errorf("with a limit: %v, more %t, %v", got, more, err)
	}
	if got, more, err = (Source{Root: root}).IgnoredPaths(t.Context(), 9); err != nil || more || got != nil {
		t.Errorf("without an ignore file: %v, more %t, %v", got, more, err)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, _, err = s.IgnoredPaths(ended, 9); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	s.IgnoreFile = filepath.Join(root, "missing")
	if _, _, err = s.IgnoredPaths(t.Context(), 9); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("without the file: %v", err)
	}
}

// TestIgnoredPathsProperty: each file of a tree is either sent or listed as ignored.
func TestIgnoredPathsProperty(t *testing.T) {
	pattern := rapid.SampledFrom([]string{"a", "b", "*", "**/a", "a/b", "*/b", "!a/b", "!b", "!**/c.txt", "c.*", "Z/", "ü/**", "!*/*/b"})
	rapid.Check(t, func(rt *rapid.T) {
		m := drawTree(rt)
		root := m.build(t)
		file := filepath.Join(t.TempDir(), "ignore")
		check(t, os.WriteFile(file, []byte(strings.Join(rapid.SliceOfN(pattern, 1, 5).Draw(rt, "patterns"), "\n")), 0o600))
		s := Source{Root: root, IgnoreFile: file}
		list, more, err := s.IgnoredPaths(t.Context(), 1000)
		check(t, err)
		rules, err := readIgnoreFile(file)
		check(t, err)
		for _, p := range list {
			if !rules.ignores(p.Path) || rules.decidingLine(p.Path) != p.Line || p.Line == 0 {
				rt.Errorf("%+v is not ignored by its line", p)
			}
		}
		sent := manifestOf(t, s)
		for name := range maps.Keys(m) {
			isSent := slices.ContainsFunc(sent.Files, func(f File) bool { return f.Path == name })
			isListed := slices.ContainsFunc(list, func(p IgnoredPath) bool {
				return p.Path == name && !p.Dir || p.Dir && strings.HasPrefix(name, p.Path+"/")
			})
			if isSent == isListed || more {
				rt.Errorf("%s: sent %t, listed as ignored %t", name, isSent, isListed)
			}
		}
	})
}
