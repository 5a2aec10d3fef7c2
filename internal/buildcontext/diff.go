package buildcontext

import (
	"fmt"
	"strings"
)

// Changes are the differences between two manifests of a source, as sorted paths in the
// archive.
type Changes struct {
	Added, Removed []string
	Changed        []string // with another content
	ModeChanged    []string // with another mode and the same content
	Total          int      // files before or after the change
}

// Diff returns how after differs from before.
func Diff(before, after Manifest) Changes {
	var c Changes
	old, now := before.Files, after.Files
	for len(old) > 0 || len(now) > 0 {
		var order int
		switch {
		case len(old) == 0:
			order = 1
		case len(now) == 0:
			order = -1
		default:
			order = strings.Compare(old[0].Path, now[0].Path)
		}
		switch {
		case order < 0:
			c.Removed = append(c.Removed, old[0].Path)
		case order > 0:
			c.Added = append(c.Added, now[0].Path)
		case old[0].Digest != now[0].Digest || old[0].Size != now[0].Size:
			c.Changed = append(c.Changed, now[0].Path)
		case old[0].Mode != now[0].Mode:
			c.ModeChanged = append(c.ModeChanged, now[0].Path)
		}
		c.Total++
		if order <= 0 {
			old = old[1:]
		}
		if order >= 0 {
			now = now[1:]
		}
	}
	return c
}

// Count returns the number of files that differ.
func (c Changes) Count() int {
	return len(c.Added) + len(c.Removed) + len(c.Changed) + len(c.ModeChanged)
}

// String returns the counts, such as "2 of 318 files".
func (c Changes) String() string {
	return fmt.Sprintf("%d of %s", c.Count(), countFiles(c.Total))
}
