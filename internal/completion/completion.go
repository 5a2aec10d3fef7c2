// Package completion returns the values that shells offer for flags and arguments. It reads
// the spec and directories, and sends nothing.
package completion

import (
	"cmp"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"fleet/spec"
)

// Addresses returns the addresses that start with a text: of groups, and of their members
// once the text has a bracket, so that a large group is one value. f may be nil.
func Addresses(f *spec.Fleet, text string) []string {
	if f == nil {
		return nil
	}
	var list []string
	for _, kind := range spec.ObjectKinds {
		for _, r := range f.OfKind(kind) {
			a := r.GroupAddress().String()
			if strings.Contains(text, "[") {
				a = r.String()
			}
			if strings.HasPrefix(a, text) {
				list = append(list, a)
			}
		}
	}
	slices.SortFunc(list, spec.CompareKeys)
	return slices.Compact(list)
}

// SandboxNames returns the names of the sandboxes of the spec that start with a text. f may
// be nil.
func SandboxNames(f *spec.Fleet, text string) []string {
	if f == nil {
		return nil
	}
	var list []string
	for _, r := range f.OfKind(spec.SandboxKind) {
		if strings.HasPrefix(r.Name(), text) {
			list = append(list, r.Name())
		}
	}
	slices.SortFunc(list, spec.CompareKeys)
	return list
}

// Regions returns the regions that the spec names, and those of the hosted service. f may be
// nil.
func Regions(f *spec.Fleet) []string {
	list := []string{"eu", "us"}
	if f != nil {
		for _, r := range f.Resources {
			if r.HasRegion() {
				list = append(list, r.Region())
			}
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// Files returns the files and directories whose paths start with a text. The paths of
// directories end with a separator. An unreadable directory has none.
func Files(text string) []string {
	dir, base := filepath.Split(text)
	entries, err := os.ReadDir(cmp.Or(dir, "."))
	if err != nil {
		return nil
	}
	var list []string
	for _, e := range entries {
		name := e.Name()
		if !strings.HasPrefix(name, base) || base == "" && strings.HasPrefix(name, ".") {
			continue
		}
		if e.IsDir() {
			name += string(filepath.Separator)
		}
		list = append(list, dir+name)
	}
	return list
}

// Prefixed returns the values with a text before each.
func Prefixed(prefix string, values []string) []string {
	list := make([]string, len(values))
	for i, v := range values {
		list[i] = prefix + v
	}
	return list
}
