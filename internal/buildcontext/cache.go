package buildcontext

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/google/renameio/v2/maybe"

	"fleet/internal/input"
)

const (
	maxCacheFile  = 256 << 20       // bytes; more than DefaultMaxFiles files with long names need
	maxCacheFiles = 64              // of each kind; the oldest ones are removed
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
	files, err := readCacheFile(c.manifestFile(hash))
	if err != nil || hashOf(files) != hash {
		return Manifest{}, false
	}
	m := Manifest{Hash: hash, Files: files}
	for _, f := range files {
		m.Bytes += f.Size
	}
	return m, true
}

func (c *Cache) manifestFile(hash string) string {
	return filepath.Join(c.dir, "manifests", hash)
}

// digestFile returns the file with the digests of a source.
func (c *Cache) digestFile(s Source) (string, error) {
	root, err := filepath.Abs(s.Root)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256([]byte(strings.Join([]string{root, s.Path, s.Archive}, "\x00")))
	return filepath.Join(c.dir, "digests", hex.EncodeToString(sum[:16])), nil
}

// fill sets the digests of the files that have not changed since they were stored.
func (c *Cache) fill(s Source, files []File) {
	if c == nil {
		return
	}
	name, err := c.digestFile(s)
	if err != nil {
		return
	}
	known, err := readCacheFile(name)
	if err != nil {
		return
	}
	for i := range files {
		for len(known) > 0 && known[0].Path < files[i].Path {
			known = known[1:]
		}
		if len(known) > 0 && known[0].Path == files[i].Path && known[0].stat == files[i].stat {
			files[i].Digest = known[0].Digest
		}
	}
}

// store keeps a manifest, and the digests of the files of a scan that started at a
// time. A file that changed shortly before may have changed again, with the same
// timestamps, while it was read: its digest is not kept. Failures are ignored: the
// files are read again.
func (c *Cache) store(s Source, m Manifest, files []File, start time.Time) {
	if c == nil {
		return
	}
	name, err := c.digestFile(s)
	if err != nil {
		return
	}
	limit := start.Add(-clockTick).UnixNano()
	settled := slices.DeleteFunc(slices.Clone(files), func(f File) bool {
		return f.stat.mtime >= limit || f.stat.ctime >= limit
	})
	writeCacheFile(name, settled)
	writeCacheFile(c.manifestFile(m.Hash), m.Files)
}

// readCacheFile returns the files of a cache file.
func readCacheFile(name string) ([]File, error) {
	b, err := input.ReadRegular(name, maxCacheFile)
	if err != nil {
		return nil, err
	}
	return decode(b)
}

// writeCacheFile replaces a cache file, and removes the oldest ones of its directory.
func writeCacheFile(name string, files []File) {
	dir := filepath.Dir(name)
	if os.MkdirAll(dir, 0o700) != nil || maybe.WriteFile(name, encode(files), 0o600) != nil {
		return
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) <= maxCacheFiles {
		return
	}
	type aged struct {
		name string
		time time.Time
	}
	var list []aged
	for _, e := range entries {
		if info, err := e.Info(); err == nil && info.Mode().IsRegular() {
			list = append(list, aged{e.Name(), info.ModTime()})
		}
	}
	slices.SortFunc(list, func(a, b aged) int { return cmp.Or(b.time.Compare(a.time), strings.Compare(a.name, b.name)) })
	for _, old := range list[min(len(list), maxCacheFiles):] {
		_ = os.Remove(filepath.Join(dir, old.name))
	}
}
