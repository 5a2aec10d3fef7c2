package buildcontext

import (
	"io/fs"
	"strings"
	"testing"
)

func TestDiff(t *testing.T) {
	file := func(path string, mode fs.FileMode, content byte) File {
		return File{Path: path, Mode: mode, Size: 1, Digest: [32]byte{content}}
	}
	for _, tt := range []struct {
		before, after []File
		want          string
	}{
		{nil, nil, "||| 0 of 0 files"},
		{[]File{file("a", 1, 1)}, []File{file("a", 1, 1)}, "||| 0 of 1 file"},
		{nil, []File{file("a", 1, 1), file("b", 1, 1)}, "a b||| 2 of 2 files"},
		{[]File{file("a", 1, 1), file("b", 1, 1)}, nil, "|a b|| 2 of 2 files"},
		{[]File{file("a", 1, 1), file("b", 1, 1)}, []File{file("a", 2, 1), file("b", 2, 2)}, "||b|a 2 of 2 files"},
		{[]File{file("b", 1, 1), file("d", 1, 1)}, []File{file("a", 1, 1), file("b", 1, 2), file("c", 1, 1)}, "a c|d|b| 4 of 4 files"},
		{[]File{file("a", 1, 1), file("b", 1, 1), file("c", 1, 1)}, []File{file("a", 1, 1), file("b", 1, 2), file("c", 1, 1)}, "||b| 1 of 3 files"},
	} {
		c := Diff(Manifest{Files: tt.before}, Manifest{Files: tt.after})
		var parts []string
		for _, list := range [][]string{c.Added, c.Removed, c.Changed, c.ModeChanged} {
			parts = append(parts, strings.Join(list, " "))
		}
		if got := strings.Join(parts, "|") + " " + c.String(); got != tt.want {
			t.Errorf("%v, %v: got %q, want %q", tt.before, tt.after, got, tt.want)
		}
	}
}
