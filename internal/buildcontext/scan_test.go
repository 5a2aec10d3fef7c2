package buildcontext

import (
	"context"
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

// Checkouts with another umask, or with files of another person, are the same context.
// Only the right of the owner to execute a file counts.
func TestModes(t *testing.T) {
	root := tree(t, map[string]string{"a": "text"})
	hashes := map[fs.FileMode]string{}
	for mode, want := range map[fs.FileMode]fs.FileMode{
		0o400: 0o644, 0o444: 0o644, 0o600: 0o644, 0o640: 0o644, 0o644: 0o644, 0o664: 0o644, 0o666: 0o644, 0o611: 0o644, 0o644 | fs.ModeSticky: 0o644,
		0o500: 0o755, 0o700: 0o755, 0o744: 0o755, 0o755: 0o755, 0o775: 0o755, 0o777: 0o755,
		0o755 | fs.ModeSetuid: 0o755, 0o755 | fs.ModeSetgid: 0o755, 0o755 | fs.ModeSticky: 0o755,
	} {
		check(t, os.Chmod(filepath.Join(root, "a"), mode))
		m := manifestOf(t, Source{Root: root})
		if got := unpack(t, m)["a"].mode; m.Files[0].Mode != want || got != int64(want) {
			t.Errorf("mode %v: got %v, %o in the archive, want %v", mode, m.Files[0].Mode, got, want)
		}
		if hashes[want] == "" {
			hashes[want] = m.Hash
		}
		if m.Hash != hashes[want] {
			t.Errorf("mode %v: another hash than other files that are sent as %v", mode, want)
		}
	}
	if hashes[0o644] == hashes[0o755] {
		t.Error("the hash does not depend on the right to execute")
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
	s := scan{limits: limits{1 << 62, 10}}
	s.bytes = 1<<63 - 10
	info, err := os.Stat(filepath.Join(root, "a"))
	check(t, err)
	sc := scanner{scan: &s}
	check(t, sc.addFile(place{archive: "a"}, info, ""))
	if s.add(sc.listing); s.checkLimits() == nil {
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

func TestCanceled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	s := Source{Root: tree(t, map[string]string{"a": "1"})}
	if _, err := NewHasher(Options{}).Hash(ctx, s); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	h := NewHasher(Options{})
	files, err := h.list(t.Context(), s)
	check(t, err)
	if err := h.digest(ctx, s, files); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if m, err := h.Hash(t.Context(), s); err != nil || len(m.Files) != 1 {
		t.Errorf("after the cancellation: %+v, %v", m, err)
	}
}

// A file that changes between the scan and the reading is read in its new state.
func TestChangedAfterScan(t *testing.T) {
	root := tree(t, map[string]string{"a": "1", "b": "2", "c": "3"})
	h, s := NewHasher(Options{}), Source{Root: root}
	files, err := h.list(t.Context(), s)
	check(t, err)
	write(t, root, "a", "longer")
	check(t, os.Truncate(filepath.Join(root, "b"), 0))
	check(t, h.digest(t.Context(), s, files))
	if got := newManifest(s, files); got.Hash != manifestOf(t, s).Hash || got.Bytes != 7 || drain(got) != nil {
		t.Errorf("got %+v", got)
	}
	files, err = h.list(t.Context(), s)
	check(t, err)
	check(t, os.Remove(filepath.Join(root, "a")))
	check(t, os.Remove(filepath.Join(root, "c")))
	check(t, os.Mkdir(filepath.Join(root, "c"), 0o755))
	if got := reasonsOf(root, h.digest(t.Context(), s, files)); got != "a changed, c changed" {
		t.Errorf("got %q", got)
	}
}
