package render

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"fleet/plan"
)

// VersionedName returns the name of a version of a format, such as json@1.
func VersionedName(format string, version int) string {
	return format + "@" + strconv.Itoa(version)
}

// FindFormat returns the format with a name such as json, or with the name of one of its
// versions such as json@1; false if there is none.
func FindFormat(name string) (Format, bool) {
	for _, f := range Formats {
		if f.Name == name || f.Current > 0 && VersionedName(f.Name, f.Current) == name {
			return f, true
		}
		for _, earlier := range f.Earlier {
			if earlier.Name == name {
				return earlier, true
			}
		}
	}
	return Format{}, false
}

// IsFormat reports whether a name is one of names, or that of one of its versions.
func IsFormat(name string, names []string) bool {
	_, found := FindFormat(name)
	base, _, _ := strings.Cut(name, "@")
	return found && slices.Contains(names, base)
}

// VersionProblem returns why there is no such version of one of the named formats, as a
// clause; "" if the name is not that of an unknown version.
func VersionProblem(name string, names []string) string {
	base, version, versioned := strings.Cut(name, "@")
	if !versioned || !slices.Contains(names, base) || IsFormat(name, names) {
		return ""
	}
	f, _ := FindFormat(base) // names are those of formats
	if f.Current == 0 {
		return fmt.Sprintf("%s has no versions, so write %[1]s", base)
	}
	versions := []string{VersionedName(base, f.Current)}
	for _, earlier := range f.Earlier {
		versions = append(versions, earlier.Name)
	}
	slices.Sort(versions)
	return fmt.Sprintf("%s has no version %q; valid versions: %s", base, version, plan.JoinAnd(versions))
}
