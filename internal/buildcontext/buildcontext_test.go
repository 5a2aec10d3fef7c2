package buildcontext

import (
	"archive/tar"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// tree writes files into a new directory. A name that ends with a slash is a directory,
// and a text that begins with "-> " is a symbolic link.
func tree(t testing.TB, files map[string]string) string {
	t.Helper()
	root := t.TempDir()
	for name, text := range files {
		write(t, root, name, text)
	}
	return root
}

func write(t testing.TB, root, name, text string) {
	t.Helper()
	file := filepath.Join(root, filepath.FromSlash(name))
	if strings.HasSuffix(name, "/") {
		check(t, os.MkdirAll(file, 0o755))
		return
	}
	check(t, os.MkdirAll(filepath.Dir(file), 0o755))
	if target, ok := strings.CutPrefix(text, "-> "); ok {
		check(t, os.Symlink(target, file))
		return
	}
	check(t, os.WriteFile(file, []byte(text), 0o644))
	check(t, os.Chmod(file, 0o644))
}

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// manifestOf returns the manifest of a source.
func manifestOf(t testing.TB, s Source) Manifest {
	t.Helper()
	m, err := NewHasher(Options{}).Hash(t.Context(), s)
	check(t, err)
	return m
}

// sent is an entry of a tar stream.
type sent struct {
	mode int64
	text string
}

// unpack returns the entries of the stream of a manifest.
func unpack(t testing.TB, m Manifest) map[string]sent {
	t.Helper()
	stream, err := m.Open()
	check(t, err)
	defer stream.Close()
	entries := map[string]sent{}
	last := ""
	r := tar.NewReader(stream)
	for {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return entries
		}
		check(t, err)
		text, err := io.ReadAll(r)
		check(t, err)
		if h.Name <= last {
			t.Errorf("%s comes after %s", h.Name, last)
		}
		if h.Typeflag != tar.TypeReg || h.Uid != 0 || h.Gid != 0 || h.Uname != "" || h.Gname != "" || h.ModTime.Unix() != 0 {
			t.Errorf("header %+v", h)
		}
		last = h.Name
		entries[h.Name] = sent{h.Mode, string(text)}
	}
}

func TestHash(t *testing.T) {
	root := tree(t, map[string]string{
		"app/main.py": "print()", "app/lib/a.py": "a", "app/empty/": "", "app/link.py": "-> lib/a.py", "app/more": "-> lib",
		"requirements.txt": "x\n",
	})
	check(t, os.Chmod(filepath.Join(root, "app/main.py"), 0o755))
	m := manifestOf(t, Source{Root: root, Path: "app", Archive: "src"})
	want := map[string]sent{
		"src/main.py": {0o755, "print()"}, "src/lib/a.py": {0o644, "a"}, "src/link.py": {0o644, "a"}, "src/more/a.py": {0o644, "a"},
	}
	got := unpack(t, m)
	if len(got) != len(want) || len(m.Files) != len(want) || m.Bytes != 10 {
		t.Errorf("got %v, %d bytes", got, m.Bytes)
	}
	for name, entry := range want {
		if got[name] != entry {
			t.Errorf("%s: got %v, want %v", name, got[name], entry)
		}
	}
	stream, err := m.Open()
	check(t, err)
	if n, err := io.Copy(io.Discard, stream); err != nil || n != m.TarSize() {
		t.Errorf("the stream has %d bytes, %v; want %d", n, err, m.TarSize())
	}
	if one := manifestOf(t, Source{Root: root, Path: "requirements.txt", Archive: "requirements.txt"}); unpack(t, one)["requirements.txt"].text != "x\n" {
		t.Errorf("got %v", one)
	}
	if len(m.Hash) != 64 {
		t.Errorf("hash %q", m.Hash)
	}
}

func TestMatch(t *testing.T) {
	root := tree(t, map[string]string{
		".dockerignore": "*.log\nsecret\n", "a.txt": "", "b.txt": "", "x.log": "", "secret/key": "", "src/a.go": "", "src/sub/b.go": "",
		"hollow/": "", "out": "-> /etc", "src/a*b": "",
	})
	c, err := new(Inputs).OpenContext(root, "")
	check(t, err)
	for pattern, want := range map[string]string{
		"a.txt": "a.txt", "*.txt": "a.txt b.txt", "/a.txt": "a.txt", "./src/": "src", ".": ".", "src/*": "src/a*b src/a.go src/sub",
		"src/*/*.go": "src/sub/b.go", "?.txt": "a.txt b.txt", "[b-z].txt": "b.txt", `src/a\*b`: "src/a*b",
		"nope": "missing", "no*": "missing", "a.txt/x": "missing", "x.log": "ignored 1", "*.log": "ignored 1", "secret": "ignored 2", "secret/*": "ignored 2",
		"secret/key": "ignored 2", "hollow": "empty", "../x": "outside", "..": "outside", "out/passwd": "outside", "out/*": "outside", "[": "bad pattern",
	} {
		got, err := c.Match(pattern)
		text := strings.Join(got, " ")
		var e *SourceError
		if errors.As(err, &e) {
			text = string(e.Reason)
			if e.Line > 0 {
				text += " " + string(rune('0'+e.Line))
			}
		} else if err != nil {
			text = err.Error()
		}
		if text != want {
			t.Errorf("%s: got %q, want %q", pattern, text, want)
		}
	}
}

func TestCacheManifest(t *testing.T) {
	root := tree(t, map[string]string{"a": "1", "b": "2"})
	cache := OpenCache(t.TempDir())
	s := Source{Root: root}
	before, err := NewHasher(Options{Cache: cache}).Hash(t.Context(), s)
	check(t, err)
	write(t, root, "a", "3")
	write(t, root, "c", "4")
	check(t, os.Remove(filepath.Join(root, "b")))
	after, err := NewHasher(Options{Cache: cache}).Hash(t.Context(), s)
	check(t, err)
	known, ok := cache.Manifest(before.Hash)
	if d := Diff(known, after); !ok || d.String() != "3 of 3 files" || d.Changed[0] != "a" || d.Added[0] != "c" || d.Removed[0] != "b" {
		t.Errorf("got %v, %+v", ok, d)
	}
	if _, err := known.Open(); err == nil {
		t.Error("a manifest without its files was opened")
	}
}

func TestChangedWhileSent(t *testing.T) {
	root := tree(t, map[string]string{"a": "1", "b": "2"})
	m := manifestOf(t, Source{Root: root})
	write(t, root, "b", "9")
	stream, err := m.Open()
	check(t, err)
	defer stream.Close()
	var e *FileError
	if _, err := io.Copy(io.Discard, stream); !errors.As(err, &e) || e.Reason != Changed || filepath.Base(e.Path) != "b" {
		t.Errorf("got %v", err)
	}
	if _, err := new(Inputs).OpenContext(filepath.Join(root, "nope"), ""); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v", err)
	}
}
