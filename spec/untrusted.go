package spec

import (
	"os"

	"gopkg.in/yaml.v3"

	"fleet/internal/yamldoc"
)

// markUntrusted keeps the text of the decoder's file out of mistakes until the file is
// found to be part of a spec. A spec, or a link in a checkout, can name any file
// of the machine that reads it.
func (l *loader) markUntrusted(d *decoder) {
	info, err := os.Lstat(d.Name)
	d.Untrusted = l.includeDepth > 0 || err == nil && info.Mode()&os.ModeSymlink != 0
}

// checkIsSpec reports whether the documents of a file are part of a spec, and tells
// where the first is that is not.
func (d *decoder) checkIsSpec(roots []*yaml.Node) bool {
	if !d.Untrusted {
		return true
	}
	for _, n := range roots {
		switch {
		case n.Kind != yaml.MappingNode:
			d.Errorf(n, "", "expected a mapping of keys to values, got %s", yamldoc.NodeKind(n))
			return false
		case len(n.Content) > 0 && !topKeys.NodeLooksLikePart(n):
			d.Errorf(n, "", "this is no part of a spec: its keys are not those of one").Hint = "name a file that has some of version, name, vars, sandboxes, ..."
			return false
		}
	}
	d.Untrusted = false
	return true
}
