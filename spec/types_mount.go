package spec

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"fleet/internal/suggest"
	"fleet/internal/yamldoc"

	"gopkg.in/yaml.v3"
)

// A Mount is a volume mounted in a sandbox.
type Mount struct {
	Volume  string // name of the volume on Daytona; its id in objects
	Path    string // mount path in the sandbox
	Subpath string // directory of the volume to mount; empty: the whole volume
}

func (m Mount) String() string {
	s := m.Volume + ":" + m.Path
	if m.Subpath != "" {
		s += " (" + m.Subpath + ")"
	}
	return s
}

func byPath(ms []Mount) []Mount {
	slices.SortFunc(ms, func(a, b Mount) int {
		return strings.Compare(a.Path+"\x00"+a.Volume+"\x00"+a.Subpath, b.Path+"\x00"+b.Volume+"\x00"+b.Subpath)
	})
	return ms
}

func decodeMounts(d *decoder, n *yaml.Node, at string) (any, bool) {
	items, ok := d.Sequence(n, at)
	ms := make([]Mount, 0, len(items))
	seen := map[string]bool{}
	for i, item := range items {
		where := fmt.Sprintf("%s[%d]", at, i)
		m, good := decodeMount(d, item, where)
		if good && seen[path.Clean(m.Path)] {
			d.Errorf(item, where, "two volumes have the mount path %s", m.Path)
			good = false
		}
		seen[path.Clean(m.Path)] = true
		ms = append(ms, m)
		ok = ok && good
	}
	return byPath(ms), ok
}

func decodeMount(d *decoder, n *yaml.Node, at string) (m Mount, ok bool) {
	entries, ok := d.Entries(n, at)
	if !ok {
		return m, false
	}
	keys := names(mountKeys)
	into := []*string{&m.Volume, &m.Path, &m.Subpath}
	for _, e := range entries {
		i := slices.Index(keys, e.Name)
		if i < 0 {
			d.Errorf(e.Key, yamldoc.Join(at, e.Name), "unknown key; a mount has %s", strings.Join(keys, ", ")).Hint = suggest.DidYouMean(e.Name, keys)
			ok = false
			continue
		}
		s, good := d.Text(e.Value, yamldoc.Join(at, e.Name))
		if wrong := mountProblem(e.Name, s); good && wrong != "" {
			d.RejectText(e.Value, yamldoc.Join(at, e.Name), s, wrong)
			good = false
		}
		*into[i] = s
		ok = ok && good
	}
	for i, key := range keys[:2] {
		if *into[i] == "" && ok {
			d.Errorf(n, at, "a mount needs %s", key)
			ok = false
		}
	}
	return m, ok
}

// mountProblem returns why the server would refuse a value of a mount, or "".
func mountProblem(key, s string) string {
	switch {
	case key == "mount_path" && (!strings.HasPrefix(s, "/") || strings.Trim(s, "/") == ""):
		return fmt.Sprintf("%q must be an absolute path below /", s)
	case key == "mount_path" && systemFolderPattern.MatchString(s):
		return fmt.Sprintf("%q is in a system folder, in which nothing can be mounted (%s)", s, strings.Join(systemFolders, " "))
	case key == "subpath" && strings.HasPrefix(s, "/"):
		return fmt.Sprintf("%q must be relative to the volume", s)
	case key != "volume" && dotSegmentPattern.MatchString(s):
		return fmt.Sprintf("%q must not contain the parts //, . and ..", s)
	}
	return ""
}
