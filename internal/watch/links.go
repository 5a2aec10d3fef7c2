package watch

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// maxLinks is the number of links that are followed from one path.
const maxLinks = 40

// resolveLinks returns the links that an absolute path leads through, and the file
// that it leads to. Their directories are real paths, since events name those. The
// end of a cycle of links is one of them.
func resolveLinks(path string) (links []string, end string) {
	rest := split(path)
	end = root(path)
	for len(rest) > 0 {
		next := filepath.Join(end, rest[0])
		rest = rest[1:]
		target, err := os.Readlink(next)
		if err != nil || len(links) == maxLinks {
			end = next
			continue
		}
		links = append(links, next)
		if filepath.IsAbs(target) {
			end = root(target)
		}
		rest = slices.Concat(split(target), rest)
	}
	return links, end
}

// root returns the root of an absolute path.
func root(path string) string { return filepath.VolumeName(path) + string(filepath.Separator) }

// split returns the elements of a path without its root.
func split(path string) []string {
	path = strings.TrimPrefix(path, filepath.VolumeName(path))
	return strings.FieldsFunc(path, func(r rune) bool { return r < 0x80 && os.IsPathSeparator(uint8(r)) })
}
