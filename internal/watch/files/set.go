package files

import (
	"path/filepath"
	"slices"

	"fleet/internal/specfile"
)

// A Set is what a reading of the spec depends on. Its methods are called before the file
// or directory is read: a change after that is one that [Watcher.Watch] finds. A Set may
// not be used by several goroutines at once.
type Set struct {
	base      string // directory of relative paths
	recursive bool
	paths     []string         // absolute, each once
	stamps    map[string]stamp // of paths, before they were read
	listed    map[string]bool  // paths of directories whose spec files are read
	local     []Local
}

// Local are files that the spec refers to, such as those that images copy. All their
// changes count, also of their permissions. Its methods may be called by any goroutine.
type Local interface {
	// Paths returns absolute paths that the spec names, which may lead through links.
	Paths() []string

	// Dirs returns the directories of the files, without symbolic links.
	Dirs() []string

	// Relevant reports whether a change of a path in one of the directories counts.
	Relevant(path string) bool
}

// NewSet returns an empty set. base is the directory of relative paths. recursive means
// that directories are read with those in them.
func NewSet(base string, recursive bool) *Set {
	return &Set{base: base, recursive: recursive, stamps: map[string]stamp{}, listed: map[string]bool{}}
}

// AddFile adds a path that is read, or looked for. It need not exist.
func (s *Set) AddFile(path string) {
	if path != specfile.Stdin {
		s.add(s.abs(path), false)
	}
}

// AddDir adds a directory whose spec files are read.
func (s *Set) AddDir(path string) { s.add(s.abs(path), true) }

// AddLocal adds local files. They are asked for when the set is watched.
func (s *Set) AddLocal(local Local) { s.local = append(s.local, local) }

func (s *Set) abs(path string) string {
	if filepath.IsAbs(path) {
		return filepath.Clean(path)
	}
	return filepath.Join(s.base, path)
}

func (s *Set) add(path string, listed bool) {
	_, known := s.stamps[path]
	if known && (!listed || s.listed[path]) {
		return
	}
	if !known {
		s.paths = append(s.paths, path)
	}
	s.listed[path] = listed
	s.stamps[path] = s.stampOf(path)
}

// stampOf returns the present state of a path of the set.
func (s *Set) stampOf(path string) stamp {
	if s.listed[path] {
		return stampDir(path, s.recursive)
	}
	return stampFile(path)
}

// with returns a set with the paths of both sets. Those of s alone have their present
// state as stamps.
func (s *Set) with(other *Set) *Set {
	u := NewSet(other.base, other.recursive)
	for _, p := range other.paths {
		u.paths = append(u.paths, p)
		u.stamps[p], u.listed[p] = other.stamps[p], other.listed[p]
	}
	for _, p := range s.paths {
		u.add(p, s.listed[p])
	}
	u.local = slices.Concat(s.local, other.local)
	return u
}

// changed returns the paths whose state differs from their stamps, and renews those.
func (s *Set) changed() (list []string) {
	for _, p := range s.paths {
		if now := s.stampOf(p); !now.equal(s.stamps[p]) {
			s.stamps[p] = now
			list = append(list, p)
		}
	}
	return list
}
