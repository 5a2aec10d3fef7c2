package buildcontext

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// later returns a Hasher whose clock is ahead, so that files that were just written
// count as settled.
func later(c *Cache) *Hasher {
	return NewHasher(Options{Cache: c, Now: func() time.Time { return time.Now().Add(time.Hour) }})
}

// known returns the number of digests that the cache has for a source.
func known(t *testing.T, c *Cache, s Source) int {
	t.Helper()
	files, err := NewHasher(Options{}).list(t.Context(), s)
	check(t, err)
	c.fill(s, files)
	n := 0
	for _, f := range files {
		if f.Digest != ([32]byte{}) {
			n++
		}
	}
	return n
}

func TestCacheTrust(t *testing.T) {
	past := time.Now().Add(-time.Hour)
	for name, tt := range map[string]struct {
		change func(file string) error
		want   int // digests that are still known, of 3
	}{
		"nothing": {func(string) error { return nil }, 3},
		"content": {func(file string) error { return os.WriteFile(file, []byte("9"), 0o644) }, 2},
		"content with the old time": {func(file string) error {
			info, err := os.Stat(file)
			if err == nil {
				err = os.WriteFile(file, []byte("9"), 0o644)
			}
			if err == nil {
				err = os.Chtimes(file, info.ModTime(), info.ModTime())
			}
			return err
		}, 2},
		"replaced": {func(file string) error {
			info, err := os.Stat(file)
			if err == nil {
				err = os.WriteFile(file+"~", []byte("9"), 0o644)
			}
			if err == nil {
				err = os.Chtimes(file+"~", info.ModTime(), info.ModTime())
			}
			if err == nil {
				err = os.Rename(file+"~", file)
			}
			return err
		}, 2},
		"older":   {func(file string) error { return os.Chtimes(file, past, past) }, 2},
		"removed": {os.Remove, 2},
		"renamed": {func(file string) error { return os.Rename(file, file+".new") }, 2},
		"added":   {func(file string) error { return os.WriteFile(file+".new", []byte("9"), 0o644) }, 3},
		"before":  {func(file string) error { return os.WriteFile(filepath.Join(filepath.Dir(file), "0"), nil, 0o644) }, 3},
	} {
		cache := OpenCache(filepath.Join(t.TempDir(), "new"))
		root := tree(t, map[string]string{"a": "1", "b": "2", "c": "3"})
		s := Source{Root: root}
		_, err := later(cache).Hash(t.Context(), s)
		check(t, err)
		check(t, tt.change(filepath.Join(root, "b")))
		if got := known(t, cache, s); got != tt.want {
			t.Errorf("%s: the cache knows %d files, want %d", name, got, tt.want)
		}
		m, err := later(cache).Hash(t.Context(), s)
		if check(t, err); m.Hash != manifestOf(t, s).Hash {
			t.Errorf("%s: the hash with the cache is another one", name)
		}
		if err := drain(m); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A file that was written within a tick of the scan may be written again in that tick.
func TestFreshFilesAreNotTrusted(t *testing.T) {
	cache := OpenCache(t.TempDir())
	root := tree(t, map[string]string{"a": "1", "b": "2"})
	s := Source{Root: root}
	future := time.Now().Add(2 * time.Hour)
	check(t, os.Chtimes(filepath.Join(root, "b"), future, future))
	_, err := NewHasher(Options{Cache: cache}).Hash(t.Context(), s)
	if check(t, err); known(t, cache, s) != 0 {
		t.Error("files that were just written are trusted")
	}
	_, err = later(cache).Hash(t.Context(), s)
	if check(t, err); known(t, cache, s) != 1 {
		t.Errorf("the cache knows %d files, want the one that is not from the future", known(t, cache, s))
	}
}

// In a simulation of time, files are from the future of the process. With the clock of
// the file system, their digests are kept, and manifests that are used stay the latest.
func TestCacheInSimulatedTime(t *testing.T) {
	wall := time.Now().Add(time.Hour).Truncate(time.Second)
	synctest.Test(t, func(t *testing.T) {
		s := Source{Root: tree(t, map[string]string{"a": "1", "b": "2"})}
		for want, now := range map[int]func() time.Time{0: nil, 2: func() time.Time { return wall }} {
			cache := OpenCache(t.TempDir())
			var m Manifest
			for range 2 {
				var err error
				m, err = NewHasher(Options{Cache: cache, Now: now}).Hash(t.Context(), s)
				check(t, err)
			}
			if got := known(t, cache, s); got != want {
				t.Errorf("the cache knows %d files, want %d", got, want)
			}
			info, err := os.Stat(cache.manifestFile(m.Hash))
			if check(t, err); now != nil && !info.ModTime().Equal(wall) {
				t.Errorf("the manifest was used at %s", info.ModTime())
			}
		}
	})
}

func TestCacheOfSources(t *testing.T) {
	cache := OpenCache(t.TempDir())
	one, two := tree(t, map[string]string{"d/a": "1"}), tree(t, map[string]string{"d/a": "2"})
	for range 2 {
		for _, s := range []Source{{Root: one}, {Root: two}, {Root: one, Path: "d"}, {Root: one, Path: "d", Archive: "x"}, {Root: one, Path: "d/a", Archive: "x"}} {
			m, err := later(cache).Hash(t.Context(), s)
			if check(t, err); m.Hash != manifestOf(t, s).Hash || len(m.Files) != 1 {
				t.Errorf("%+v: got %+v", s, m)
			}
		}
	}
}

func TestCacheKeepsUnchangedFile(t *testing.T) {
	cache := OpenCache(t.TempDir())
	s := Source{Root: tree(t, map[string]string{"a": "1"})}
	old := time.Now().Add(-time.Hour)
	for range 2 {
		_, err := later(cache).Hash(t.Context(), s)
		check(t, err)
		check(t, os.Chtimes(cache.digestFile(s), old, old))
	}
	if info, err := os.Stat(cache.digestFile(s)); err != nil || !info.ModTime().Before(time.Now().Add(-time.Minute)) {
		t.Errorf("the file was written again: %v, %v", info, err)
	}
}

func TestDamagedCache(t *testing.T) {
	s := Source{Root: tree(t, map[string]string{"a": "1", "b": "2"})}
	want := manifestOf(t, s)
	for name, damage := range map[string]func(b []byte) []byte{
		"empty":   func([]byte) []byte { return nil },
		"foreign": func([]byte) []byte { return []byte("{}") },
		"cut":     func(b []byte) []byte { return b[:len(b)-1] },
		"longer":  func(b []byte) []byte { return append(b, 0) },
		"bit":     func(b []byte) []byte { b[len(b)/2] ^= 1; return b },
		"format":  func(b []byte) []byte { return bytes.Replace(b, []byte("cache 1"), []byte("cache 2"), 1) },
	} {
		cache := OpenCache(t.TempDir())
		_, err := later(cache).Hash(t.Context(), s)
		check(t, err)
		for _, file := range []string{cache.digestFile(s), cache.manifestFile(want.Hash)} {
			b, err := os.ReadFile(file)
			check(t, err)
			check(t, os.WriteFile(file, damage(b), 0o600))
		}
		if n := known(t, cache, s); n != 0 {
			t.Errorf("%s: the cache knows %d files", name, n)
		}
		if m, ok := cache.Manifest(want.Hash); ok {
			t.Errorf("%s: got %+v", name, m)
		}
		m, err := later(cache).Hash(t.Context(), s)
		if check(t, err); m.Hash != want.Hash || known(t, cache, s) != 2 {
			t.Errorf("%s: got %+v", name, m)
		}
		if m, ok := cache.Manifest(want.Hash); !ok || m.Bytes != want.Bytes {
			t.Errorf("%s: the manifest is not stored again: %+v", name, m)
		}
	}
}

// A cache that cannot be used is as if there were none.
func TestUnusableCache(t *testing.T) {
	s := Source{Root: tree(t, map[string]string{"a": "1"})}
	file := filepath.Join(t.TempDir(), "file")
	check(t, os.WriteFile(file, nil, 0o600))
	for _, cache := range []*Cache{nil, OpenCache(""), OpenCache(file)} {
		m, err := later(cache).Hash(t.Context(), s)
		if check(t, err); len(m.Files) != 1 {
			t.Errorf("got %+v", m)
		}
		if _, ok := cache.Manifest(m.Hash); ok {
			t.Error("the manifest is known")
		}
	}
	cache := OpenCache(t.TempDir())
	for _, hash := range []string{"", "../../x", strings.Repeat("A", 64), strings.Repeat("/", 64)} {
		if _, ok := cache.Manifest(hash); ok {
			t.Errorf("%q is known", hash)
		}
	}
}

func TestOldestAreRemoved(t *testing.T) {
	dir := t.TempDir()
	for i := range 6 {
		file := filepath.Join(dir, fmt.Sprint(i))
		check(t, os.WriteFile(file, make([]byte, 10), 0o600))
		age := time.Now().Add(-time.Duration(i) * time.Minute)
		check(t, os.Chtimes(file, age, age))
	}
	check(t, os.Mkdir(filepath.Join(dir, "d"), 0o700))
	for _, tt := range []struct {
		keep  int
		bytes int64
		want  string
	}{{9, 1000, "0 1 2 3 4 5 d"}, {5, 1000, "0 1 2 3 4 d"}, {5, 39, "0 1 2 d"}, {1, 1000, "0 d"}} {
		removeOldest(dir, tt.keep, tt.bytes)
		entries, err := os.ReadDir(dir)
		check(t, err)
		var names []string
		for _, e := range entries {
			names = append(names, e.Name())
		}
		if got := strings.Join(names, " "); got != tt.want {
			t.Errorf("got %q, want %q", got, tt.want)
		}
	}
}

// Several processes use a cache at a time.
func TestSharedCache(t *testing.T) {
	dir := t.TempDir()
	s := Source{Root: tree(t, map[string]string{"a": "1", "b": "2", "c": "3"})}
	want := manifestOf(t, s).Hash
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			for range 10 {
				m, err := later(OpenCache(dir)).Hash(t.Context(), s)
				if err != nil || m.Hash != want {
					t.Errorf("got %q, %v", m.Hash, err)
				}
			}
		})
	}
	group.Wait()
	if n := known(t, OpenCache(dir), s); n != 3 {
		t.Errorf("the cache knows %d files", n)
	}
}

// FuzzDecode looks for contents that crash the decoder or do not encode to themselves.
func FuzzDecode(f *testing.F) {
	f.Add(encode(nil, nil)[len(format):])
	f.Add([]byte("\x01a\x00" + strings.Repeat("x", 68)))
	f.Fuzz(func(t *testing.T, body []byte) {
		b := append([]byte(format), body...)
		d, err := newDecoder(append(b, checksum(b)...))
		check(t, err)
		var files []File
		var next File
		for path, ok := d.next(&next); ok; path, ok = d.next(&next) {
			next.Path = string(path)
			files = append(files, next)
		}
		d, err = newDecoder(encode(files, func(File) bool { return true }))
		check(t, err)
		for i := range files {
			if path, ok := d.next(&next); !ok || string(path) != files[i].Path || next.Digest != files[i].Digest || next.stat != files[i].stat {
				t.Errorf("%+v is decoded as %q %+v", files[i], path, next)
			}
		}
		if _, ok := d.next(&next); ok || d.failed {
			t.Errorf("%q: more than was encoded", body)
		}
	})
}
