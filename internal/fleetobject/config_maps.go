package fleetobject

import (
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"unicode/utf8"

	"fleet/internal/exit"
)

// maxConfigMap is the size in bytes of the largest ConfigMap.
const maxConfigMap = 1 << 20

// A configMap holds the files of one directory.
type configMap struct {
	name  string
	files []file
}

// A file is a file of a spec. Part is true if the spec names it, and false if another file
// includes it.
type file struct {
	name string
	text []byte
	part bool
}

// validKey matches the keys that a ConfigMap may have.
var validKey = regexp.MustCompile(`^[-._a-zA-Z0-9]{1,253}$`)

// configMaps returns the spec as ConfigMaps, one for each directory.
func (r *reading) configMaps() (form, error) {
	var maps []configMap
	dirs := []string{}
	for _, path := range slices.Concat(r.parts, r.others) {
		dir, key := filepath.Dir(path), filepath.Base(path)
		if !validKey.MatchString(key) {
			return form{}, exit.Invalidf("%s: a ConfigMap cannot hold a file of this name; rename it to letters, digits and . _ -", path)
		}
		i := slices.Index(dirs, dir)
		if i < 0 {
			i = len(dirs)
			dirs = append(dirs, dir)
			maps = append(maps, configMap{name: r.mapName(i)})
		}
		text, err := readFile(path)
		if err != nil {
			return form{}, err
		}
		if !utf8.Valid(text) {
			return form{}, exit.Invalidf("%s is not UTF-8 text", path)
		}
		maps[i].files = append(maps[i].files, file{key, text, slices.Contains(r.parts, path)})
	}
	var all []file
	for i, m := range maps {
		if err := m.checkSize(dirs[i]); err != nil {
			return form{}, err
		}
		for _, f := range m.files {
			f.name = filepath.Join(m.name, f.name)
			all = append(all, f)
		}
	}
	if err := r.verify(all); err != nil {
		return form{}, exit.Invalidf("a ConfigMap holds no directories, so that files that include each other must be in one directory: as ConfigMaps, the spec would not be the same: %w", err)
	}
	return form{maps: maps}, nil
}

// mapName returns the name of the ConfigMap of a directory.
func (r *reading) mapName(i int) string {
	if i == 0 {
		return r.name() + "-spec"
	}
	return fmt.Sprintf("%s-spec-%d", r.name(), i+1)
}

// checkSize returns an error if a server would refuse the ConfigMap.
func (m configMap) checkSize(dir string) error {
	size := 0
	for _, f := range m.files {
		size += len(f.name) + len(f.text)
	}
	if size > maxConfigMap {
		return exit.Invalidf("the files of the spec in %s have %d bytes, and a ConfigMap holds at most %d; divide them among directories", dir, size, maxConfigMap)
	}
	return nil
}
