package buildcontext

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestLinks(t *testing.T) {
	outside := tree(t, map[string]string{"secret": "s", "d/x": ""})
	for _, tt := range []struct {
		name  string
		files map[string]string
		want  string // the files, or the reasons
	}{
		{"file", map[string]string{"a": "1", "l": "-> a"}, "a l"},
		{"directory", map[string]string{"d/a": "", "d/e/b": "", "l": "-> d"}, "d/a d/e/b l/a l/e/b"},
		{"chain", map[string]string{"a": "", "l": "-> m", "m": "-> n", "n": "-> a"}, "a l m n"},
		{"up and down", map[string]string{"a": "", "d/l": "-> ../a", "d/e/m": "-> ../../d/l"}, "a d/e/m d/l"},
		{"directory through a link", map[string]string{"d/a": "", "l": "-> d", "m": "-> l/a"}, "d/a l/a m"},
		{"two links to a directory", map[string]string{"d/a": "", "l": "-> d", "m": "-> d"}, "d/a l/a m/a"},
		{"empty directory", map[string]string{"a": "", "d/": "", "l": "-> d"}, "a"},
		{"name of a directory with dots", map[string]string{"..a/b": "", "l": "-> ..a"}, "..a/b l/b"},
		{"out", map[string]string{"l": "-> " + outside + "/secret"}, "l outside"},
		{"directory out", map[string]string{"l": "-> " + outside + "/d"}, "l outside"},
		{"relative out", map[string]string{"d/l": "-> ../.."}, "d/l outside"},
		{"out through a link", map[string]string{"l": "-> " + outside, "m": "-> l/secret"}, "l outside, m outside"},
		{"device", map[string]string{"l": "-> /dev/null"}, "l outside"},
		{"missing", map[string]string{"l": "-> nope"}, "l missing"},
		{"below a file", map[string]string{"a": "", "l": "-> a/b"}, "l missing"},
		{"itself", map[string]string{"l": "-> l"}, "l cycle"},
		{"pair", map[string]string{"l": "-> m", "m": "-> l"}, "l cycle, m cycle"},
		{"directory above", map[string]string{"d/l": "-> ."}, "d/l cycle"},
		{"root", map[string]string{"a": "", "d/e/l": "-> ../.."}, "d/e/l cycle"},
		{"two directories", map[string]string{"d/l": "-> ../e", "e/l": "-> ../d"}, "d/l/l cycle, e/l/l cycle"},
		{"several", map[string]string{"l": "-> nope", "d/m": "-> /", "x": ""}, "d/m outside, l missing"},
		{"ignored", map[string]string{".dockerignore": "l\n.d*", "l": "-> /", "a": ""}, "a"},
		{"ignored in the target", map[string]string{".dockerignore": ".d*\nl/b\n", "d/a": "", "d/b": "", "l": "-> d"}, "d/a d/b l/a"},
		{"ignored with exceptions at any depth", map[string]string{
			".dockerignore": "*\n!**/*.py\n", "a.py": "", "venv/python": "-> /usr/bin/env", "venv/d": "-> /etc", "venv/x": "-> nope", "venv/l": "-> .",
			"venv/a.py": "", "venv/b": "-> a.py", "e": "-> venv",
		}, "a.py e/a.py venv/a.py"},
		{"exception in a link", map[string]string{".dockerignore": "*\n!l/b\n", "d/a": "", "d/b": "", "l": "-> d"}, "l/b"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			root := tree(t, tt.files)
			c, err := new(Inputs).OpenContext(root, "")
			check(t, err)
			m, err := NewHasher(Options{}).Hash(t.Context(), c.Source("."))
			got := reasonsOf(root, err)
			if err == nil {
				got = paths(m)
				unpack(t, m)
			}
			if got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestLinkText(t *testing.T) {
	root := tree(t, map[string]string{"d/l": "-> /etc/passwd\x1b[2J"})
	_, err := NewHasher(Options{}).Hash(t.Context(), Source{Root: root})
	check(t, os.Remove(filepath.Join(root, "d/l")))
	check(t, os.Symlink("/etc/passwd", filepath.Join(root, "d/l")))
	if err == nil || strings.Contains(err.Error(), "\x1b") {
		t.Errorf("got %q", err)
	}
	_, err = NewHasher(Options{}).Hash(t.Context(), Source{Root: root})
	for _, part := range []string{filepath.Join(root, "d", "l"), "/etc/passwd", "outside"} {
		if err == nil || !strings.Contains(err.Error(), part) {
			t.Errorf("got %v, want it to have %q", err, part)
		}
	}
	m := manifestOf(t, Source{Root: tree(t, map[string]string{"d/a": "", "l": "-> d/a"})})
	if m.Files[0].Link != "" || m.Files[1].Link != "d/a" {
		t.Errorf("links %+v", m.Files)
	}
}
