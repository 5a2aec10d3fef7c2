package buildcontext

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"
)

// reasonsOf returns the file names and reasons in an error of Hash.
func reasonsOf(root string, err error) string {
	var list []string
	var all *Problems
	var one *FileError
	switch {
	case errors.As(err, &all):
		for _, e := range all.List {
			list = append(list, reasonsOf(root, e))
		}
	case errors.As(err, &one):
		rel, _ := filepath.Rel(root, one.Path)
		return filepath.ToSlash(rel) + " " + string(one.Reason)
	case err != nil:
		return err.Error()
	}
	return strings.Join(list, ", ")
}

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
		{"exception in a link", map[string]string{".dockerignore": "*\n!l/b\n", "d/a": "", "d/b": "", "l": "-> d"}, "l/b"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			root := tree(t, tt.files)
			c, err := OpenContext(root, "")
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

func TestSources(t *testing.T) {
	root := tree(t, map[string]string{"a/b/c": "1", "a/b/d/e": "2", "x": "3", "empty/d/": "", "l": "-> a/b", "out": "-> /etc"})
	for _, tt := range []struct {
		source Source
		want   string
	}{
		{Source{Path: "a"}, "b/c b/d/e"},
		{Source{Path: "a", Archive: "a"}, "a/b/c a/b/d/e"},
		{Source{Path: "./a/", Archive: "z/y"}, "z/y/b/c z/y/b/d/e"},
		{Source{Path: "x", Archive: "z/y"}, "z/y"},
		{Source{Path: "l", Archive: "l"}, "l/c l/d/e"},
		{Source{Path: "l/d", Archive: "."}, "e"},
		{Source{Path: "nope", Archive: "n"}, "nope missing"},
		{Source{Path: "x/y", Archive: "n"}, "x/y missing"},
		{Source{Path: "empty", Archive: "n"}, "empty empty"},
		{Source{Path: "out", Archive: "n"}, "out outside"},
		{Source{Path: "out/hostname", Archive: "n"}, "out/hostname outside"},
		{Source{Path: "..", Archive: "n"}, ".. outside"},
	} {
		s := tt.source
		s.Root = root
		m, err := NewHasher(Options{}).Hash(t.Context(), s)
		got := reasonsOf(root, err)
		if err == nil {
			got = paths(m)
			unpack(t, m)
		}
		if got != tt.want {
			t.Errorf("%+v: got %q, want %q", tt.source, got, tt.want)
		}
	}
	for _, archive := range []string{"/a", "../a", "a/../b", "a/", "a\nb", "a\xff"} {
		if _, err := NewHasher(Options{}).Hash(t.Context(), Source{Root: root, Path: "x", Archive: archive}); err == nil {
			t.Errorf("archive path %q: no error", archive)
		}
	}
	if m := manifestOf(t, Source{Root: filepath.Join(root, "empty")}); len(m.Files) != 0 || m.TarSize() != trailerSize || len(unpack(t, m)) != 0 {
		t.Errorf("the manifest of an empty context is %+v", m)
	}
	for _, bad := range []string{filepath.Join(root, "x"), filepath.Join(root, "nope")} {
		if _, err := NewHasher(Options{}).Hash(t.Context(), Source{Root: bad}); err == nil {
			t.Errorf("%s: no error", bad)
		}
	}
}

func TestNames(t *testing.T) {
	for name, ok := range map[string]bool{
		"a b": true, "ü.txt": true, "日本": true, `back\slash`: true, "-x": true, "*": true, "a:b": true, strings.Repeat("n", 255): true,
		"a\nb": false, "a\x1bb": false, "\xff": false, "a\x7f": false, "\u0085": false,
	} {
		root := tree(t, map[string]string{"d/" + name: "x"})
		m, err := NewHasher(Options{}).Hash(t.Context(), Source{Root: root})
		if (err == nil) != ok {
			t.Errorf("%q: got %v", name, err)
		}
		if ok && unpack(t, m)["d/"+name].text != "x" {
			t.Errorf("%q is not in the archive", name)
		}
		if err != nil && (!utf8.ValidString(err.Error()) || strings.ContainsAny(err.Error(), "\n\x1b\x7f\u0085")) {
			t.Errorf("%q: the error is %q", name, err)
		}
		write(t, root, ".dockerignore", "*")
		if m := manifestOf(t, Source{Root: root, IgnoreFile: filepath.Join(root, ".dockerignore")}); len(m.Files) != 0 {
			t.Errorf("%q: ignored, but sent", name)
		}
	}
}

func TestHardLinks(t *testing.T) {
	root := tree(t, map[string]string{"a": "text"})
	check(t, os.Link(filepath.Join(root, "a"), filepath.Join(root, "b")))
	got := unpack(t, manifestOf(t, Source{Root: root}))
	if got["a"] != got["b"] || got["b"].text != "text" {
		t.Errorf("got %v", got)
	}
}

func TestModes(t *testing.T) {
	root := tree(t, map[string]string{"a": "text"})
	seen := map[string]fs.FileMode{}
	for _, mode := range []fs.FileMode{0o400, 0o600, 0o644, 0o664, 0o755, 0o777, 0o755 | fs.ModeSetuid, 0o755 | fs.ModeSetgid, 0o755 | fs.ModeSticky} {
		check(t, os.Chmod(filepath.Join(root, "a"), mode))
		m := manifestOf(t, Source{Root: root})
		if m.Files[0].Mode != mode || unpack(t, m)["a"].mode != tarMode(mode) {
			t.Errorf("mode %v: got %v, %o in the archive", mode, m.Files[0].Mode, unpack(t, m)["a"].mode)
		}
		if other, same := seen[m.Hash]; same {
			t.Errorf("the hash is the same for %v and %v", mode, other)
		}
		seen[m.Hash] = mode
	}
	if tarMode(0o755|fs.ModeSetuid|fs.ModeSetgid|fs.ModeSticky) != 0o7755 {
		t.Error("special bits")
	}
}

func TestDockerfile(t *testing.T) {
	root := tree(t, map[string]string{"Dockerfile": "FROM a\n", "a": "", "sub/Dockerfile": "other", "dockerfile": "x"})
	all := "Dockerfile a dockerfile sub/Dockerfile"
	for _, tt := range []struct {
		source   Source
		want     string
		warnings int
	}{
		{Source{Dockerfile: "FROM a\n"}, all, 0},
		{Source{Dockerfile: "FROM b\n"}, "a dockerfile sub/Dockerfile", 1},
		{Source{}, "a dockerfile sub/Dockerfile", 1},
		{Source{Path: "Dockerfile", Archive: "Dockerfile", Dockerfile: "FROM b\n"}, "", 1},
		{Source{Path: "Dockerfile", Archive: "x"}, "x", 0},
		{Source{Archive: "d"}, "d/Dockerfile d/a d/dockerfile d/sub/Dockerfile", 0},
		{Source{Path: "sub", Archive: "Dockerfile"}, "sub/Dockerfile conflicting", 0},
	} {
		s := tt.source
		s.Root = root
		m, err := NewHasher(Options{}).Hash(t.Context(), s)
		got := reasonsOf(root, err)
		if err == nil {
			got = paths(m)
			unpack(t, m)
		}
		if got != tt.want || len(m.Warnings) != tt.warnings {
			t.Errorf("%+v: got %q, %v", tt.source, got, m.Warnings)
		}
		for _, w := range m.Warnings {
			if w.Path != filepath.Join(root, "Dockerfile") || !strings.Contains(w.String(), "left out") {
				t.Errorf("warning %v", w)
			}
		}
	}
	h := NewHasher(Options{})
	for _, text := range []string{"FROM b", "FROM a\n"} { // the same files, with two Dockerfiles
		m, err := h.Hash(t.Context(), Source{Root: root, Dockerfile: text})
		if check(t, err); (len(m.Warnings) == 0) != (text == "FROM a\n") || (paths(m) == all) != (text == "FROM a\n") {
			t.Errorf("%q: got %q, %v", text, paths(m), m.Warnings)
		}
	}
}

func TestLimits(t *testing.T) {
	files := map[string]string{"x": strings.Repeat("x", 50)}
	for i := range 9 {
		files[fmt.Sprintf("many/%d", i)] = "1"
		files[fmt.Sprintf("big/d/%d", i%2)] = strings.Repeat("b", 100)
	}
	root := tree(t, files)
	for _, tt := range []struct {
		options Options
		want    string
		largest string
	}{
		{Options{MaxBytes: 259, MaxFiles: 12}, "", ""},
		{Options{MaxBytes: 258}, "258 bytes", "big 2 200, x 1 50, many 9 9"},
		{Options{MaxFiles: 11}, "11 files", "many 9 9, big 2 200, x 1 50"},
	} {
		_, err := NewHasher(tt.options).Hash(t.Context(), Source{Root: root})
		var e *LimitError
		if !errors.As(err, &e) {
			if err != nil || tt.want != "" {
				t.Errorf("%+v: got %v", tt.options, err)
			}
			continue
		}
		var largest []string
		for _, u := range e.Largest {
			largest = append(largest, fmt.Sprintf("%s %d %d", u.Path, u.Files, u.Bytes))
		}
		if !strings.Contains(err.Error(), tt.want) || strings.Join(largest, ", ") != tt.largest {
			t.Errorf("%+v: got %v, %v", tt.options, err, largest)
		}
	}
	if _, err := NewHasher(Options{MaxFiles: 2}).Hash(t.Context(), Source{Root: tree(t, map[string]string{"a/b/c/": ""})}); err == nil {
		t.Error("directories are not counted")
	}
}

// Sparse files may have more bytes than a number can count.
func TestHugeFiles(t *testing.T) {
	root := tree(t, map[string]string{"a": "", "b": "", "c": ""})
	for _, name := range []string{"a", "b", "c"} {
		if err := os.Truncate(filepath.Join(root, name), 1<<43); err != nil {
			t.Skipf("the file system has no sparse files: %v", err)
		}
	}
	var e *LimitError
	if _, err := NewHasher(Options{}).Hash(t.Context(), Source{Root: root}); !errors.As(err, &e) || e.Files {
		t.Errorf("got %v", err)
	}
	s := scan{bytes: 1<<63 - 10, limits: limits{1 << 62, 10}}
	info, err := os.Stat(filepath.Join(root, "a"))
	check(t, err)
	if check(t, s.addFile(place{archive: "a"}, info, "")); s.checkLimits() == nil {
		t.Errorf("%d bytes are not above the limit", s.bytes)
	}
}

func TestManyProblems(t *testing.T) {
	files := map[string]string{}
	for i := range maxProblems + 5 {
		files[fmt.Sprintf("%02d", i)] = "-> nope"
	}
	_, err := NewHasher(Options{}).Hash(t.Context(), Source{Root: tree(t, files)})
	var all *Problems
	if !errors.As(err, &all) || len(all.List) != maxProblems || all.Omitted != 5 || !strings.HasSuffix(err.Error(), "and 5 more") {
		t.Errorf("got %v", err)
	}
	if len(all.Unwrap()) != maxProblems {
		t.Errorf("%d errors", len(all.Unwrap()))
	}
}

func TestDigest(t *testing.T) {
	for _, size := range []int{0, 1, bufferSize - 1, bufferSize, bufferSize + 1, 3*bufferSize + 7, maxAhead, maxAhead + 1} {
		text := strings.Repeat("abcdefg", size/7+1)[:size]
		m := manifestOf(t, Source{Root: tree(t, map[string]string{"a": text})})
		if m.Files[0].Digest != sha256.Sum256([]byte(text)) || unpack(t, m)["a"].text != text {
			t.Errorf("size %d: the digest or the content is wrong", size)
		}
	}
}

func TestUnreadable(t *testing.T) {
	if os.Getuid() == 0 {
		t.Skip("root can read all files")
	}
	root := tree(t, map[string]string{"a": "", "d/b": ""})
	check(t, os.Chmod(filepath.Join(root, "a"), 0))
	check(t, os.Chmod(filepath.Join(root, "d"), 0))
	t.Cleanup(func() { check(t, os.Chmod(filepath.Join(root, "d"), 0o755)) })
	_, err := NewHasher(Options{}).Hash(t.Context(), Source{Root: root})
	if got := reasonsOf(root, err); got != "d unreadable" || !errors.Is(err, fs.ErrPermission) {
		t.Errorf("got %q", got)
	}
}
