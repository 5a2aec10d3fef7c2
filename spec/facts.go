package spec

import (
	"fmt"
	"strconv"
	"strings"
)

// Facts describe a server, as far as the form of values in its responses depends on
// it. With the zero Facts, values are not converted.
type Facts struct {
	Version        Version           // version of the server; zero if unknown
	Regions        map[string]string // ids of the regions by name
	Volumes        map[string]string // ids of the volumes by name
	Sandboxes      map[string]string // ids of the fleet's sandboxes by key
	MaxAutoArchive int               // longest auto_archive_interval, in minutes; 0 if unknown
	MaxBody        int               // largest request body, in bytes; 0 if unknown
}

// maxAutoArchive returns the longest archive interval in minutes. Servers that do
// not report one have 30 days by default.
func (f Facts) maxAutoArchive() int {
	if f.MaxAutoArchive > 0 {
		return f.MaxAutoArchive
	}
	return 43200
}

// region returns the id of a region given by name or id.
func (f Facts) region(nameOrID string) string {
	if id, ok := f.Regions[nameOrID]; ok {
		return id
	}
	return nameOrID
}

// A Version is the version of a Daytona server. The zero Version means unknown, and
// is older than all others.
type Version struct{ Major, Minor, Patch int }

var (
	v0205 = Version{0, 205, 0}
	v0220 = Version{0, 220, 0}
)

// ParseVersion parses a version such as v0.205.1. It returns the zero Version if s
// is not one.
func ParseVersion(s string) Version {
	var n [3]int
	s, _, _ = strings.Cut(strings.TrimPrefix(s, "v"), "-")
	for i, part := range strings.SplitN(s, ".", 3) {
		var err error
		if n[i], err = strconv.Atoi(part); err != nil {
			return Version{}
		}
	}
	return Version{n[0], n[1], n[2]}
}

// AtLeast reports whether v is w or newer.
func (v Version) AtLeast(w Version) bool {
	switch {
	case v.Major != w.Major:
		return v.Major > w.Major
	case v.Minor != w.Minor:
		return v.Minor > w.Minor
	}
	return v.Patch >= w.Patch
}

func (v Version) String() string { return fmt.Sprintf("%d.%d.%d", v.Major, v.Minor, v.Patch) }
