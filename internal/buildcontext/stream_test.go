package buildcontext

import (
	"archive/tar"
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"

	"fleet/internal/tooltest"
)

// drain reads the stream of a manifest to its end.
func drain(m Manifest) error {
	stream, err := m.Open()
	if err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, stream)
	return errors.Join(err, stream.Close())
}

// manyFiles returns a manifest with files of different sizes and names.
func manyFiles(t testing.TB) (root string, m Manifest) {
	files := map[string]string{
		"large": strings.Repeat("l", 3*maxAhead+5), "ü": "u", strings.Repeat("long/", 30) + "name": "x",
		strings.Repeat("n", 120): "y", strings.Repeat("d", 100) + "/" + strings.Repeat("e", 101): "z",
	}
	for i := range 50 {
		files[fmt.Sprintf("f%d", i)] = strings.Repeat("x", i*100)
	}
	root = tree(t, files)
	return root, manifestOf(t, Source{Root: root})
}

func TestChangedFiles(t *testing.T) {
	for name, change := range map[string]func(file string) error{
		"content":   func(file string) error { return os.WriteFile(file, []byte("same length.."), 0o644) },
		"longer":    func(file string) error { return os.WriteFile(file, []byte("longer than before"), 0o644) },
		"shorter":   func(file string) error { return os.WriteFile(file, []byte("s"), 0o644) },
		"empty":     func(file string) error { return os.Truncate(file, 0) },
		"gone":      os.Remove,
		"directory": func(file string) error { return errors.Join(os.Remove(file), os.Mkdir(file, 0o755)) },
		"mode":      func(file string) error { return os.Chmod(file, 0o755) },
		"replaced":  func(file string) error { return errors.Join(os.Rename(file, file+"~"), os.Rename(file+".new", file)) },
		"link out":  func(file string) error { return errors.Join(os.Remove(file), os.Symlink("/etc/hostname", file)) },
	} {
		for _, large := range []bool{false, true} {
			text := "thirteen bytes"[:13]
			if large {
				text += strings.Repeat(".", 2*maxAhead)
			}
			root := tree(t, map[string]string{"a": "1", "b": text, "b.new": text})
			m := manifestOf(t, Source{Root: root})
			check(t, change(filepath.Join(root, "b")))
			err := drain(m)
			var e *FileError
			if !errors.As(err, &e) || e.Path != filepath.Join(root, "b") || e.Reason != Changed && e.Reason != Unreadable {
				t.Errorf("%s, large %v: got %v", name, large, err)
			}
		}
	}
}

// A file whose content differs while its stamp does not must be noticed too.
func TestChangedContentOnly(t *testing.T) {
	for _, size := range []int{100, 2 * maxAhead} {
		root := tree(t, map[string]string{"a": strings.Repeat("x", size)})
		for _, known := range []bool{false, true} {
			m := manifestOf(t, Source{Root: root})
			m.Files[0].Digest[0]++
			m.Files[0].quick.sum++
			m.Files[0].quick.known = known
			if err := drain(m); reasonsOf(root, err) != "a changed" {
				t.Errorf("size %d: got %v", size, err)
			}
		}
	}
}

// A stream reads nothing after an error, and has no archive without its end.
func TestErrorStays(t *testing.T) {
	root := tree(t, map[string]string{"a": "1", "b": "2", "c": "3"})
	m := manifestOf(t, Source{Root: root})
	write(t, root, "b", "4")
	stream, err := m.Open()
	check(t, err)
	defer stream.Close()
	text, first := io.ReadAll(stream)
	_, second := stream.Read(make([]byte, 10))
	if first == nil || !errors.Is(second, first) || int64(len(text)) >= m.TarSize()-trailerSize {
		t.Errorf("got %d bytes, %v, %v", len(text), first, second)
	}
}

func TestClose(t *testing.T) {
	_, m := manyFiles(t)
	for _, n := range []int64{0, 1, 600, 5000, maxAhead, 2 * maxAhead, m.TarSize()} {
		stream, err := m.Open()
		check(t, err)
		_, err = io.CopyN(io.Discard, stream, n)
		check(t, err)
		check(t, stream.Close())
		check(t, stream.Close())
		if _, err := stream.Read(make([]byte, 1)); !errors.Is(err, fs.ErrClosed) && !errors.Is(err, io.EOF) {
			t.Errorf("after %d bytes: got %v", n, err)
		}
	}
}

func TestReadSizes(t *testing.T) {
	_, m := manyFiles(t)
	all := archiveOf(t, m, 0)
	stream, err := m.Open()
	check(t, err)
	defer stream.Close()
	if text, err := io.ReadAll(iotest.HalfReader(stream)); err != nil || !bytes.Equal(text, all) {
		t.Errorf("half reads: got %d bytes, %v; want %d", len(text), err, len(all))
	}
	for _, offset := range []int64{0, 1, 511, 512, 513, 5000, m.TarSize() / 2, m.TarSize() - 1025, m.TarSize() - 1024, m.TarSize() - 1, m.TarSize(), m.TarSize() + 1} {
		if got := archiveOf(t, m, offset); !bytes.Equal(got, all[min(offset, m.TarSize()):]) {
			t.Errorf("offset %d: got %d bytes", offset, len(got))
		}
	}
}

// archiveOf returns the tar stream from an offset on.
func archiveOf(t testing.TB, m Manifest, offset int64) []byte {
	t.Helper()
	stream, err := m.OpenAt(offset)
	check(t, err)
	defer stream.Close()
	text, err := io.ReadAll(stream)
	check(t, err)
	return text
}

// TestSystemTar lets the tar program of the system read an archive.
func TestSystemTar(t *testing.T) {
	program := tooltest.Path(t, "tar")
	_, m := manyFiles(t)
	c := exec.CommandContext(t.Context(), program, "-tf", "-", "--quoting-style=literal")
	c.Stdin = bytes.NewReader(archiveOf(t, m, 0))
	out, err := c.CombinedOutput()
	if got := strings.Join(strings.Fields(string(out)), " "); err != nil || got != paths(m) {
		t.Errorf("got %v, %.300q\nwant %.300q", err, got, paths(m))
	}
}

// FuzzTar writes a file of any name, size and mode, and reads it back.
func FuzzTar(f *testing.F) {
	f.Add("a/b", []byte("text"), uint32(0o644))
	f.Add(strings.Repeat("d/", 60)+"ü", []byte{}, uint32(0o777))
	f.Add(strings.Repeat("n", 101), []byte("x"), uint32(1))
	f.Add("a=b 1\x22", bytes.Repeat([]byte{0}, 513), uint32(0o4755))
	f.Fuzz(func(t *testing.T, name string, text []byte, mode uint32) {
		parts := strings.Split(name, "/")
		for _, part := range parts {
			if !validName(part) || len(part) > 255 {
				return
			}
		}
		if !fs.ValidPath(name) || name == "." || len(name) > 2000 {
			return
		}
		file := File{Path: name, Size: int64(len(text)), Mode: fs.FileMode(mode) & fs.ModePerm, Digest: sha256.Sum256(text)}
		header, err := appendHeader(nil, file)
		check(t, err)
		if standard, err := appendAnyHeader(nil, file); err != nil || !bytes.Equal(header, standard) {
			t.Errorf("%q: the header is not the one of archive/tar, %v:\n%q\n%q", name, err, header, standard)
		}
		if want := int64(len(header)) + file.Size + padding(file.Size); entrySize(file) != want {
			t.Errorf("%q: the size is %d, want %d", name, entrySize(file), want)
		}
		archive := append(append(header, text...), make([]byte, padding(file.Size)+trailerSize)...)
		r := tar.NewReader(bytes.NewReader(archive))
		h, err := r.Next()
		check(t, err)
		got, err := io.ReadAll(r)
		check(t, err)
		if h.Name != name || !bytes.Equal(got, text) || h.Mode != int64(file.Mode) || h.Typeflag != tar.TypeReg {
			t.Errorf("%q: got %+v, %q", name, h, got)
		}
		if _, err := r.Next(); !errors.Is(err, io.EOF) {
			t.Errorf("%q: after the file: %v", name, err)
		}
	})
}
