package blob

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"pgregory.net/rapid"
)

// stores calls f with a store in memory and one in files.
func stores(t *testing.T, f func(t *testing.T, s *Store)) {
	t.Run("memory", func(t *testing.T) { f(t, NewStore("")) })
	t.Run("files", func(t *testing.T) { f(t, NewStore(filepath.Join(t.TempDir(), "state"))) })
}

func put(t rapid.TB, s *Store, pieces ...[]byte) string {
	w, err := s.Create()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range pieces {
		if n, err := w.Write(p); n != len(p) || err != nil {
			t.Fatal(n, err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return w.Name
}

func read(t rapid.TB, s *Store, names ...string) []byte {
	r, err := s.Open(names)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	data, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// TestContents writes random pieces, and reads them in any order of blobs.
func TestContents(t *testing.T) {
	stores(t, func(t *testing.T, s *Store) {
		rapid.Check(t, func(t *rapid.T) {
			var names []string
			var want []byte
			for range rapid.IntRange(0, 2).Draw(t, "blobs") {
				var pieces [][]byte
				for range rapid.IntRange(0, 2).Draw(t, "pieces") {
					size := rapid.SampledFrom([]int{0, 1, 1000, chunkSize - 1, chunkSize, chunkSize + 1}).Draw(t, "size")
					pieces = append(pieces, bytes.Repeat([]byte{rapid.Byte().Draw(t, "byte")}, size))
				}
				names = append(names, put(t, s, pieces...))
				want = append(want, bytes.Join(pieces, nil)...)
			}
			if got := read(t, s, names...); !bytes.Equal(got, want) {
				t.Fatalf("%d bytes, want %d", len(got), len(want))
			}
			if err := s.Remove(names); err != nil {
				t.Fatal(err)
			}
		})
	})
}

func TestRemoved(t *testing.T) {
	stores(t, func(t *testing.T, s *Store) {
		kept, removed, pruned := put(t, s, []byte("kept")), put(t, s, []byte("removed")), put(t, s, []byte("pruned"))
		discarded, err := s.Create()
		if err != nil {
			t.Fatal(err)
		}
		_, _ = discarded.Write([]byte("discarded"))
		if err := errors.Join(discarded.Discard(), s.Remove([]string{removed, removed}), s.Prune(map[string]bool{kept: true})); err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{removed, pruned, discarded.Name} {
			if _, err := s.Open([]string{kept, name}); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("%s: %v", name, err)
			}
		}
		if got := string(read(t, s, kept, kept)); got != "keptkept" {
			t.Errorf("read %q", got)
		}
	})
}

// TestPruneKeepsOtherFiles checks that files of others are not touched.
func TestPruneKeepsOtherFiles(t *testing.T) {
	s := NewStore(filepath.Join(t.TempDir(), "state"))
	if err := s.Prune(nil); err != nil {
		t.Error(err)
	}
	_ = put(t, s, []byte("x"))
	other := filepath.Join(s.dir, "notes.txt")
	if err := os.WriteFile(other, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := s.Prune(nil); err != nil {
		t.Error(err)
	}
	entries, err := os.ReadDir(s.dir)
	if err != nil || len(entries) != 1 || entries[0].Name() != "notes.txt" {
		t.Errorf("%v: %v", entries, err)
	}
}

// TestLimit writes up to the limit and beyond.
func TestLimit(t *testing.T) {
	s := NewStore("")
	w, err := s.Create()
	if err != nil {
		t.Fatal(err)
	}
	w.Size = s.Limit() - 1 // as if so much was written
	if n, err := w.Write([]byte("x")); n != 1 || err != nil {
		t.Error(n, err)
	}
	if n, err := w.Write([]byte("x")); n != 0 || !errors.Is(err, ErrTooLarge) {
		t.Error(n, err)
	}
}
