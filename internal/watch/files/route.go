package files

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// maxLinks is the number of links that are followed from one path.
const maxLinks = 40

// A route is the way from the root to a path: the names on it, in directories without
// symbolic links, since events name those.
type route struct {
	through []string // directories and links that the path leads through
	end     string   // where it leads to, or the first name on it that does not exist
	exists  bool
}

// A router finds routes. It remembers those of directories, since many files are in
// the same ones.
type router map[string]route

// to returns the way to an absolute path. The end of a cycle of links is one of them.
func (known router) to(path string) route {
	dir := filepath.Dir(path)
	if dir == path {
		return route{end: path, exists: true}
	}
	parent, ok := known[dir]
	if !ok {
		parent = route{end: root(dir), exists: true}.follow(split(dir))
		known[dir] = parent
	}
	return parent.follow([]string{filepath.Base(path)})
}

// follow returns the way that continues with the elements of a path.
func (r route) follow(rest []string) route {
	r.through = slices.Clip(r.through)
	for links := 0; r.exists && len(rest) > 0; {
		if r.end != root(r.end) {
			r.through = append(r.through, r.end)
		}
		next := filepath.Join(r.end, rest[0])
		rest = rest[1:]
		info, err := os.Lstat(next)
		if err != nil || info.Mode()&os.ModeSymlink == 0 || links == maxLinks {
			r.exists = err == nil && (len(rest) == 0 || info.IsDir())
			r.end = next
			continue
		}
		links++
		r.through = append(r.through, next)
		target, err := os.Readlink(next)
		switch {
		case err != nil: // it was replaced just now; an event follows
			r.end, r.exists = next, false
		case filepath.IsAbs(target):
			r.end = root(target)
		}
		rest = slices.Concat(split(target), rest)
	}
	return r
}

// root returns the root of an absolute path.
func root(path string) string { return filepath.VolumeName(path) + string(filepath.Separator) }

// split returns the elements of a path without its root.
func split(path string) []string {
	path = strings.TrimPrefix(path, filepath.VolumeName(path))
	return strings.FieldsFunc(path, func(r rune) bool { return r < 0x80 && os.IsPathSeparator(uint8(r)) })
}
