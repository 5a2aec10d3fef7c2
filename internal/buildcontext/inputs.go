package buildcontext

import (
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"sync"
)

// Inputs record the directories in which a change of a file may change a build context:
// those that were scanned, and those of files and patterns that were named. The zero
// Inputs are empty, and a nil one records nothing. They may be used by several
// goroutines.
type Inputs struct {
	mu    sync.Mutex
	dirs  map[string][]func(name string) bool // by real path; whether a name in it matters
	paths map[string]bool                     // absolute
}

// Paths returns the absolute paths that were named or opened, sorted. They may lead
// through symbolic links, and need not exist.
func (in *Inputs) Paths() []string {
	if in == nil {
		return nil
	}
	in.mu.Lock()
	defer in.mu.Unlock()
	return slices.Sorted(maps.Keys(in.paths))
}

// Dirs returns the directories, without symbolic links, sorted by path.
func (in *Inputs) Dirs() []string {
	if in == nil {
		return nil
	}
	in.mu.Lock()
	defer in.mu.Unlock()
	return slices.Sorted(maps.Keys(in.dirs))
}

// Relevant reports whether a change of a file or directory may change a build context.
// Its directory must have no symbolic links. Ignored files are not relevant.
func (in *Inputs) Relevant(file string) bool {
	if in == nil {
		return false
	}
	in.mu.Lock()
	defer in.mu.Unlock()
	return slices.ContainsFunc(in.dirs[filepath.Dir(file)], func(matters func(string) bool) bool { return matters(filepath.Base(file)) })
}

// AddFile records a file, which need not exist, and the file that it is a link to.
func (in *Inputs) AddFile(file string) {
	if in == nil {
		return
	}
	file, err := filepath.Abs(file)
	if err != nil {
		return
	}
	in.addPath(file)
	if end, err := filepath.EvalSymlinks(file); err == nil {
		in.addName(filepath.Dir(end), filepath.Base(end))
	}
	for dir, name := filepath.Dir(file), filepath.Base(file); ; dir, name = filepath.Dir(dir), filepath.Base(dir) {
		if end, err := filepath.EvalSymlinks(dir); err == nil {
			in.addName(end, name)
			return
		}
		if dir == filepath.Dir(dir) {
			return
		}
	}
}

// addPath records a path.
func (in *Inputs) addPath(path string) {
	path, err := filepath.Abs(path)
	if in == nil || err != nil {
		return
	}
	in.mu.Lock()
	defer in.mu.Unlock()
	if in.paths == nil {
		in.paths = map[string]bool{}
	}
	in.paths[path] = true
}

func (in *Inputs) addName(dir, name string) {
	in.add(dir, func(other string) bool { return other == name })
}

// add records a directory by its real path.
func (in *Inputs) add(dir string, matters func(name string) bool) {
	in.mu.Lock()
	defer in.mu.Unlock()
	if in.dirs == nil {
		in.dirs = map[string][]func(string) bool{}
	}
	in.dirs[dir] = append(in.dirs[dir], matters)
}

// addScanned records a directory that a scan reads. The rules must not be used
// otherwise.
func (in *Inputs) addScanned(t task, rules *ignoreRules) {
	if in == nil {
		return
	}
	in.add(t.real, func(name string) bool {
		rel := join(t.place.rel, name)
		return !rules.match(rel, t.place.state).ignored || rules.hasExceptionBelow(rel)
	})
}

// addPattern records a directory whose files a pattern may match. Paths are relative to
// the part of the pattern without wildcards.
func (in *Inputs) addPattern(base, rel, pattern string) {
	if in == nil {
		return
	}
	dir, err := realPath(filepath.Join(base, filepath.FromSlash(rel)))
	if err != nil {
		return
	}
	in.add(dir, func(name string) bool {
		below := path.Join(rel, name)
		ok, _ := path.Match(pattern, below)
		return ok || mayContain(pattern, below) && isDirectory(filepath.Join(dir, name))
	})
}

// isDirectory reports whether a path is a directory or a link to one, or is gone, so
// that it may have been one.
func isDirectory(file string) bool {
	info, err := os.Stat(file)
	return err != nil || info.IsDir()
}
