package ci

import (
	"path/filepath"
	"strings"
)

// A Workspace is the directory of a CI job that the names of files in its reports are
// relative to. The zero value leaves names relative to the working directory.
type Workspace struct {
	Root string // directory of the checkout; empty if there is none
	Dir  string // working directory of the command

	// Jenkins is whether Jenkins reads the reports, whose schema of JUnit refuses the file of a case.
	Jenkins bool
}

// File returns the name of a file with slashes, relative to the root. A name outside of
// the root is not changed, and neither is one in angle brackets, such as <stdin>.
func (w Workspace) File(name string) string {
	slashed := filepath.ToSlash(name)
	if name == "" || strings.HasPrefix(name, "<") || !filepath.IsAbs(w.Root) {
		return slashed
	}
	for _, at := range []Workspace{w, w.resolved()} {
		path := name
		if !filepath.IsAbs(path) {
			path = filepath.Join(at.Dir, path)
		}
		if rel, err := filepath.Rel(at.Root, path); err == nil && filepath.IsLocal(rel) {
			return filepath.ToSlash(rel)
		}
	}
	return slashed
}

// resolved returns the workspace with links followed: the root and the working directory
// may be the same directory by different names.
func (w Workspace) resolved() Workspace {
	for _, dir := range []*string{&w.Root, &w.Dir} {
		if path, err := filepath.EvalSymlinks(*dir); err == nil {
			*dir = path
		}
	}
	return w
}
