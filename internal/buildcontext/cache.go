package buildcontext

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/google/renameio/v2/maybe"

	"fleet/internal/input"
)

const (
	maxCacheFile  = 64 << 20        // bytes; twice the size that DefaultMaxFiles files usually need
	maxCacheFiles = 256             // of each kind
	maxCacheBytes = 256 << 20       // of each kind
	clockTick     = 2 * time.Second // the coarsest timestamps of a file system, those of FAT
)

// A Cache keeps the digests of files, so that unchanged files are not read again, and
// the manifests that were computed. It is a directory with a file for each source and
// one for each manifest. A missing or damaged file counts as empty. Several processes
// may use a directory at a time. A nil Cache keeps nothing.
type Cache struct {
	dir string
}

// OpenCache returns the cache in a directory, which need not exist. Without a
// directory it keeps nothing.
func OpenCache(dir string) *Cache {
	if dir == "" {
		return nil
	}
	return &Cache{dir}
}

// Manifest returns the manifest with a hash, if the cache has it. The manifest has no
// warnings, and [Manifest.Open] fails.
func (c *Cache) Manifest(hash string) (Manifest, bool) {
	if c == nil || len(hash) != 2*sha256.Size || strings.Trim(hash, "0123456789abcdef") != "" {
		return Manifest{}, false
	}
	name := c.manifestFile(hash)
	d, err := openCacheFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		return Manifest{}, false
	}
	if err != nil {
		_ = os.Remove(name) // so that it is stored again
		return Manifest{}, false
	}
	m := Manifest{Hash: hash}
	var f File
	for path, ok := d.next(&f); ok; path, ok = d.next(&f) {
		f.Path = string(path)
		m.Files = append(m.Files, f)
		m.Bytes += f.Size
	}
	if d.failed || hashOf(m.Files) != hash {
		_ = os.Remove(name)
		return Manifest{}, false
	}
	return m, true
}

func (c *Cache) manifestFile(hash string) string {
	return filepath.Join(c.dir, "manifests", hash)
}

// digestFile returns the path of the file with the digests of a source, or nothing.
func (c *Cache) digestFile(s Source) string {
	root, err := filepath.Abs(s.Root)
	if err != nil {
		return ""
	}
	sum := sha256.Sum256([]byte(strings.Join([]string{root, s.Path, s.Archive}, "\x00")))
	return filepath.Join(c.dir, "digests", hex.EncodeToString(sum[:16]))
}

// fill sets the digests of the files that have not changed since they were stored. It
// reports whether the cache has these digests and no others.
func (c *Cache) fill(s Source, files []File) (complete bool) {
	if c == nil {
		return true
	}
	d, err := openCacheFile(c.digestFile(s))
	if err != nil {
		return false
	}
	complete = true
	i := 0
	var known File
	for path, ok := d.next(&known); ok; path, ok = d.next(&known) {
		for i < len(files) && files[i].Path < string(path) {
			i, complete = i+1, false
		}
		if i == len(files) || files[i].Path != string(path) || known.stat != files[i].stat {
			complete = false
			continue
		}
		files[i].Digest = known.Digest
		i++
	}
	return complete && i == len(files) && !d.failed
}

// storeDigests keeps the digests of the files of a scan that started at a time. A file
// that changed shortly before may change again, with the same timestamps, while it is
// read: its digest is not kept. Failures are ignored: the files are read again.
func (c *Cache) storeDigests(s Source, files []File, start time.Time) {
	if c == nil {
		return
	}
	limit := start.Add(-clockTick).UnixNano()
	writeCacheFile(c.digestFile(s), encode(files, func(f File) bool { return f.stat.mtime < limit && f.stat.ctime < limit }))
}

// storeManifest keeps a manifest that is used now. Failures are ignored: differences to it cannot be
// shown later.
func (c *Cache) storeManifest(m Manifest, now time.Time) {
	if c == nil {
		return
	}
	name := c.manifestFile(m.Hash)
	if os.Chtimes(name, now, now) == nil { // it was used
		return
	}
	writeCacheFile(name, encode(m.Files, func(File) bool { return true }))
}

// openCacheFile returns a decoder for a cache file.
func openCacheFile(name string) (*decoder, error) {
	b, err := input.ReadRegular(name, maxCacheFile)
	if err != nil {
		return nil, err
	}
	return newDecoder(b)
}

// writeCacheFile replaces a cache file, and removes the oldest ones of its directory.
func writeCacheFile(name string, content []byte) {
	dir := filepath.Dir(name)
	if os.MkdirAll(dir, 0o700) == nil && maybe.WriteFile(name, content, 0o600) == nil {
		removeOldest(dir, maxCacheFiles, maxCacheBytes)
	}
}

// removeOldest removes the files of a directory that were not used lately: beyond a
// number of files, or a number of bytes in all.
func removeOldest(dir string, keep int, bytes int64) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return
	}
	var files []fs.FileInfo
	for _, e := range entries {
		if info, err := e.Info(); err == nil && info.Mode().IsRegular() {
			files = append(files, info)
		}
	}
	slices.SortFunc(files, func(a, b fs.FileInfo) int {
		return cmp.Or(b.ModTime().Compare(a.ModTime()), strings.Compare(a.Name(), b.Name()))
	})
	for i, f := range files {
		if bytes -= f.Size(); i >= keep || bytes < 0 {
			_ = os.Remove(filepath.Join(dir, f.Name()))
		}
	}
}
