package files

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/fsnotify/fsnotify"
)

// MaxLocalDirs is how many directories of local files are watched: the kernel limits the
// watches of a user, which other programs need, too. The others are compared.
const MaxLocalDirs = 8192

// A layout is what a set is on disk: directories to watch, and the names in them that
// count. All paths are absolute and without symbolic links.
type layout struct {
	dirs      []string        // to watch, sorted
	parts     map[string]bool // directories and links on the way to a file
	ends      map[string]bool // files, and names that do not exist yet
	listed    map[string]bool // directories whose spec files are read
	localDirs map[string]bool // directories of local files
	places    map[string]bool // directories of the paths of the set
	unwatched bool            // there are more directories than MaxLocalDirs
	recursive bool
	local     []Local
}

// layoutOf returns the present layout of a set.
func layoutOf(s *Set) *layout {
	l := &layout{
		parts: map[string]bool{}, ends: map[string]bool{}, listed: map[string]bool{}, localDirs: map[string]bool{}, places: map[string]bool{},
		recursive: s.recursive, local: s.local,
	}
	routes := router{}
	for _, p := range s.paths {
		l.add(routes, p, s.listed[p])
	}
	for _, local := range s.local {
		for i, p := range local.Paths() {
			if l.unwatched = l.unwatched || i >= MaxLocalDirs; l.unwatched {
				break
			}
			l.add(routes, p, false)
		}
		l.addLocalDirs(local.Dirs())
	}
	l.dirs = l.directories()
	return l
}

// add adds a path.
func (l *layout) add(routes router, path string, listed bool) {
	r := routes.to(path)
	for _, name := range r.through {
		l.parts[name] = true
	}
	if info, err := os.Lstat(r.end); err != nil || !info.IsDir() {
		l.ends[r.end], l.places[filepath.Dir(r.end)] = true, true
		return
	}
	l.parts[r.end], l.places[r.end] = true, true
	if !listed || l.listed[r.end] {
		return
	}
	l.listed[r.end] = true
	for _, link := range danglingLinks(r.end) {
		l.add(routes, link, false)
	}
}

// danglingLinks returns the links in a directory that lead nowhere: the spec is wrong
// until they do.
func danglingLinks(dir string) (links []string) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil
	}
	for _, e := range entries {
		path := filepath.Join(dir, e.Name())
		if e.Type()&fs.ModeSymlink != 0 && !strings.HasPrefix(e.Name(), ".") {
			if _, err := os.Stat(path); err != nil {
				links = append(links, path)
			}
		}
	}
	return links
}

// addLocalDirs adds directories of local files.
func (l *layout) addLocalDirs(dirs []string) {
	for _, dir := range dirs {
		if l.localDirs[dir] {
			continue
		}
		if len(l.localDirs) == MaxLocalDirs {
			l.unwatched = true
			return
		}
		l.localDirs[dir] = true
	}
}

// directories returns the directories to watch: those with a name that counts.
func (l *layout) directories() []string {
	var dirs []string
	if parentsWatched {
		for name := range l.parts {
			dirs = append(dirs, filepath.Dir(name))
		}
	}
	for _, own := range []map[string]bool{l.places, l.listed, l.localDirs} {
		for dir := range own {
			dirs = append(dirs, dir)
		}
	}
	slices.Sort(dirs)
	return slices.Compact(dirs)
}

// isFile reports whether a path is a regular file, and no link to one.
func isFile(path string) bool {
	info, err := os.Lstat(path)
	return err == nil && info.Mode().IsRegular()
}

// A meaning is what an event means.
type meaning int

// The meanings.
const (
	irrelevant meaning = iota
	content            // something that is read has changed
	structure          // a directory or a link on the way has changed: others have to be watched
)

// meaningOf returns what an event means. Changed permissions are a change of local
// files alone.
func (l *layout) meaningOf(ev fsnotify.Event) meaning {
	name := filepath.Clean(ev.Name) // that in a root begins with two slashes
	switch {
	case ev.Op == fsnotify.Chmod:
	case l.parts[name], l.localDirs[name], l.ends[name] && ev.Has(fsnotify.Create) && !isFile(name):
		return structure
	case l.ends[name], l.listed[filepath.Dir(name)] && mayMatter(name, l.recursive):
		return content
	}
	for _, local := range l.local {
		if local.Relevant(name) {
			return content
		}
	}
	return irrelevant
}
