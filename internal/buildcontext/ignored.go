package buildcontext

import (
	"context"
	"os"
	"path"
	"path/filepath"
)

// An IgnoredPath is a file or directory that is not sent because of a line of the ignore
// file.
type IgnoredPath struct {
	Path string // slash path below the root
	Dir  bool   // it stands for everything in it
	Line int    // of the ignore file, from 1
}

// IgnoredPaths returns what the ignore file of a source excludes from its root, in the
// order of a walk by name. A directory without exceptions is returned without the files
// in it. If more is true, there are paths beyond limit, or too many files to visit all.
// Directories that cannot be read are skipped, and symbolic links are not followed.
func (s Source) IgnoredPaths(ctx context.Context, limit int) (list []IgnoredPath, more bool, err error) {
	if s.IgnoreFile == "" {
		return nil, false, nil
	}
	rules, err := readIgnoreFile(s.IgnoreFile)
	if err != nil {
		return nil, false, err
	}
	w := ignoredWalk{root: s.Root, rules: rules, limit: limit}
	w.readDir(ctx, ".", matchState{})
	return w.list, w.more, ctx.Err()
}

// An ignoredWalk collects ignored paths.
type ignoredWalk struct {
	root    string
	rules   *ignoreRules
	limit   int
	visited int
	list    []IgnoredPath
	more    bool
}

func (w *ignoredWalk) readDir(ctx context.Context, dir string, state matchState) {
	entries, err := os.ReadDir(filepath.Join(w.root, filepath.FromSlash(dir)))
	if err != nil {
		return
	}
	for _, e := range entries {
		w.visited++
		if w.visited > DefaultMaxFiles {
			w.more = true
		}
		if w.more || ctx.Err() != nil {
			return
		}
		w.visit(ctx, path.Join(dir, e.Name()), e, state)
	}
}

func (w *ignoredWalk) visit(ctx context.Context, rel string, e os.DirEntry, parent matchState) {
	state := w.rules.match(rel, parent)
	if e.IsDir() && (!state.ignored || w.rules.hasExceptionBelow(rel)) {
		w.readDir(ctx, rel, state)
		return
	}
	switch {
	case !state.ignored:
	case len(w.list) == w.limit:
		w.more = true
	default:
		w.list = append(w.list, IgnoredPath{Path: rel, Dir: e.IsDir(), Line: w.rules.decidingLine(rel)})
	}
}
