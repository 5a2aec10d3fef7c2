package buildcontext

import "path/filepath"

// A place is a file or directory during a scan.
type place struct {
	parent  *directory // nil for the source
	name    string     // in parent; of the source the path on disk
	rel     string     // slash path below the root, by which rules match
	archive string
	state   matchState
}

// A directory is one that a scan reads.
type directory struct {
	parent *directory // nil for the source
	disk   string
	real   string // path without symbolic links
}

// disk returns the path on disk.
func (p place) disk() string {
	if p.parent == nil {
		return p.name
	}
	return p.parent.disk + string(filepath.Separator) + p.name
}

// isBelow reports whether the place is in a directory, at any depth. The
// path of the directory has no links.
func (p place) isBelow(dir string) bool {
	for d := p.parent; d != nil; d = d.parent {
		if d.real == dir {
			return true
		}
	}
	return false
}
