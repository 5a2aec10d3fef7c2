package buildcontext

import (
	"os"
	"path"
	"path/filepath"
	"strings"

	"fleet/internal/suggest"
)

// similar returns an existing path below the root whose names are similar to those of a
// missing path, or nothing.
func (c *Context) similar(missing string) string {
	found := "."
	for name := range strings.SplitSeq(missing, "/") {
		next := path.Join(found, name)
		if _, err := os.Lstat(filepath.Join(c.Root, filepath.FromSlash(next))); err != nil {
			nearest := suggest.Nearest(name, c.names(found))
			if nearest == "" {
				return ""
			}
			next = path.Join(found, nearest)
		}
		found = next
	}
	return found
}

// names returns the names in a directory that are not ignored.
func (c *Context) names(dir string) []string {
	disk := filepath.Join(c.Root, filepath.FromSlash(dir))
	if !c.contains(disk) {
		return nil
	}
	entries, err := os.ReadDir(disk)
	if err != nil {
		return nil
	}
	var names []string
	for _, e := range entries {
		if !c.ignore.ignores(path.Join(dir, e.Name())) {
			names = append(names, e.Name())
		}
	}
	return names
}
