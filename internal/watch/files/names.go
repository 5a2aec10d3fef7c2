package files

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"fleet/internal/foreign"
	"fleet/internal/watch"
)

// maxNames is how many paths a cause names.
const maxNames = 3

// names are paths that have changed.
type names struct {
	paths []string // each once, at most maxNames
	more  bool     // there are others
}

// add adds a path; "" is an unknown one.
func (n *names) add(path string) {
	switch {
	case path == "" || slices.Contains(n.paths, path):
	case len(n.paths) == maxNames:
		n.more = true
	default:
		n.paths = append(n.paths, path)
	}
}

// cause returns the cause of a pass. Paths in a directory are relative to it.
func (n *names) cause(base string) watch.Cause {
	texts := make([]string, len(n.paths))
	for i, p := range n.paths {
		texts[i] = foreign.Escape(shorten(p, base))
	}
	text := strings.Join(texts, ", ")
	if n.more {
		text = fmt.Sprintf("%s and others", text)
	}
	return watch.Cause{Kind: watch.FileChange, Detail: text}
}

// shorten returns a path relative to a directory, if it is in it.
func shorten(path, base string) string {
	end, err := filepath.EvalSymlinks(base)
	if err != nil {
		end = base
	}
	for _, dir := range []string{base, end} {
		if rel, err := filepath.Rel(dir, path); err == nil && filepath.IsLocal(rel) && dir != "" {
			return rel
		}
	}
	return path
}
