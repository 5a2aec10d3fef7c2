package spec

import (
	"fmt"
	"strconv"
	"strings"
)

// Facts is what has to be known of a server to tell how it will show a wanted
// value. The zero Facts are those of an unknown server: nothing is translated.
type Facts struct {
	Version        Version           // of the server; zero when unknown
	Regions        map[string]string // ids of the regions by name
	Volumes        map[string]string // ids of the volumes by name
	Sandboxes      map[string]string // ids of the fleet's sandboxes by key
	MaxAutoArchive int               // minutes; 0 when unknown
	MaxBody        int               // bytes of a request; 0 when unknown
}

// maxAutoArchive is the longest archive interval in minutes. 30 days is the
// default of a server that does not say.
func (f Facts) maxAutoArchive() int {
	if f.MaxAutoArchive > 0 {
		return f.MaxAutoArchive
	}
	return 43200
}

// region is the id of a region given by name or id.
func (f Facts) region(nameOrID string) string {
	if id, ok := f.Regions[nameOrID]; ok {
		return id
	}
	return nameOrID
}

// A Version is the version of a Daytona server. The zero Version is unknown
// and older than all others.
type Version struct{ Major, Minor, Patch int }

var (
	v0205 = Version{0, 205, 0}
	v0220 = Version{0, 220, 0}
)

// ParseVersion reads a version such as v0.205.1. What cannot be read is the
// zero Version.
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

// InListsSinceVersion is the first version of the server whose lists show the
// attributes of [InListsSince].
var InListsSinceVersion = v0205
