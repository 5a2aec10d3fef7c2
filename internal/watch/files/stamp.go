package files

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"fleet/internal/specfile"
)

// A stamp is the state of a path, by which a change is found without reading the file.
type stamp struct {
	info    fs.FileInfo // nil if there is no such file
	entries []string    // of a directory whose spec files are read: their names
	listed  bool
}

// stampFile returns the stamp of a file, or of a directory whose content does not matter.
func stampFile(path string) stamp {
	info, err := os.Stat(path)
	if err != nil {
		return stamp{}
	}
	return stamp{info: info}
}

// stampDir returns the stamp of a directory whose spec files are read. Its stamp does
// not depend on the other files in it.
func stampDir(path string, recursive bool) stamp {
	s := stampFile(path)
	s.listed = true
	entries, err := os.ReadDir(path)
	if err != nil {
		return s
	}
	for _, e := range entries {
		if mayMatter(filepath.Join(path, e.Name()), recursive) {
			s.entries = append(s.entries, e.Name())
		}
	}
	return s
}

// mayMatter reports whether an entry of a directory whose spec files are read may be one
// of them, or a directory that has some.
func mayMatter(path string, recursive bool) bool {
	return specfile.MayBeSpec(path) || recursive && !strings.HasPrefix(filepath.Base(path), ".") && isDirectory(path)
}

// isDirectory reports whether a path is a directory, or a link to one.
func isDirectory(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

// equal reports whether nothing has changed between two stamps of a path.
func (s stamp) equal(other stamp) bool {
	a, b := s.info, other.info
	switch {
	case a == nil || b == nil:
		return a == nil && b == nil
	case !os.SameFile(a, b) || a.IsDir() != b.IsDir() || s.listed != other.listed:
		return false
	case a.IsDir():
		return slices.Equal(s.entries, other.entries)
	}
	return a.Size() == b.Size() && a.ModTime().Equal(b.ModTime())
}
