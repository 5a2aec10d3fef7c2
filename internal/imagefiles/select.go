// Package imagefiles finds the local files that the build of an image copies.
package imagefiles

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"fleet/internal/buildcontext"
	"fleet/internal/foreign"
	"fleet/internal/image"
)

// A Selector finds the files of sources. It reads each ignore file once. It must not be
// used by several goroutines at a time.
type Selector struct {
	allow    func(dir string) error
	inputs   *buildcontext.Inputs
	contexts map[[2]string]*buildcontext.Context // by directory and Dockerfile
}

// NewSelector returns a Selector. allow returns an error for a directory whose files must
// not be sent; nil allows all. The inputs record what the Selector reads; nil records
// nothing.
func NewSelector(allow func(dir string) error, inputs *buildcontext.Inputs) *Selector {
	return &Selector{allow: allow, inputs: inputs, contexts: map[[2]string]*buildcontext.Context{}}
}

// Select returns the files and directories that a source selects, sorted by path. The
// error states what is wrong with the source: it is missing, ignored, of the wrong kind,
// or outside of its directory.
func (x *Selector) Select(s image.Source) ([]buildcontext.Source, error) {
	if s.Archive != "" {
		return x.selectLocal(s)
	}
	c, err := x.open(s.Root, s.DockerfilePath)
	if err != nil {
		return nil, err
	}
	pattern := s.Pattern
	if !s.IsPattern {
		pattern = literal(pattern)
	}
	return match(c, pattern, s.Kind)
}

// selectLocal is Select for a path with a place of its own in the build context. A path
// that leads out of the directory of the spec is a directory of its own.
func (x *Selector) selectLocal(s image.Source) ([]buildcontext.Source, error) {
	root, rel, err := x.locate(s)
	if err != nil {
		return nil, err
	}
	c, err := x.open(root, "")
	if err != nil {
		return nil, err
	}
	sources, err := match(c, literal(rel), s.Kind)
	for i := range sources {
		sources[i].Archive = s.Archive
	}
	return sources, err
}

// locate returns the directory that a local path belongs to, and the path below it.
func (x *Selector) locate(s image.Source) (root, rel string, err error) {
	full := filepath.FromSlash(s.Pattern)
	if !filepath.IsAbs(full) {
		full = filepath.Join(s.Root, full)
	}
	if rel, inside := below(s.Root, full); inside {
		return s.Root, rel, nil
	}
	info, err := os.Stat(full)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		x.inputs.AddFile(full)
		return "", "", &buildcontext.SourceError{Root: s.Root, Pattern: s.Pattern, Reason: buildcontext.Missing}
	case err != nil:
		return "", "", err
	case info.IsDir():
		return full, ".", nil
	}
	return filepath.Dir(full), filepath.Base(full), nil
}

// below returns the slash path of a file relative to a directory, and whether the file is
// the directory or below it.
func below(dir, file string) (rel string, inside bool) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return "", false
	}
	if file, err = filepath.Abs(file); err != nil {
		return "", false
	}
	rel, err = filepath.Rel(dir, file)
	rel = filepath.ToSlash(rel)
	return rel, err == nil && rel != ".." && !strings.HasPrefix(rel, "../")
}

// open returns the context of a directory.
func (x *Selector) open(root, dockerfile string) (*buildcontext.Context, error) {
	key := [2]string{root, dockerfile}
	if c := x.contexts[key]; c != nil {
		return c, nil
	}
	if x.allow != nil {
		if err := x.allow(root); err != nil {
			return nil, err
		}
	}
	c, err := x.inputs.OpenContext(root, dockerfile)
	if err != nil {
		return nil, err
	}
	x.contexts[key] = c
	return c, nil
}

// match returns the sources of a pattern, which must be of the kind.
func match(c *buildcontext.Context, pattern string, kind image.SourceKind) ([]buildcontext.Source, error) {
	paths, err := c.Match(pattern)
	if err != nil {
		return nil, err
	}
	sources := make([]buildcontext.Source, len(paths))
	for i, p := range paths {
		sources[i] = c.Source(p)
		if err := checkKind(filepath.Join(c.Root, filepath.FromSlash(p)), kind); err != nil {
			return nil, err
		}
	}
	return sources, nil
}

// A KindError is a source of the wrong kind.
type KindError struct {
	Path        string // on disk
	IsDirectory bool   // where a file is expected; else the reverse
}

func (e *KindError) Error() string {
	if e.IsDirectory {
		return fmt.Sprintf("%s is a directory, and a file is expected; copy it by add_local_dir", foreign.Escape(e.Path))
	}
	return fmt.Sprintf("%s is not a directory; copy it by add_local_file", foreign.Escape(e.Path))
}

func checkKind(file string, kind image.SourceKind) error {
	if kind == image.AnySource {
		return nil
	}
	info, err := os.Stat(file)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		target, _ := os.Readlink(file) // the path exists, so that it is a link
		return &buildcontext.FileError{Path: file, Reason: buildcontext.Missing, Target: target, Err: err}
	case err != nil:
		return err
	case info.IsDir() != (kind == image.DirSource):
		return &KindError{file, info.IsDir()}
	}
	return nil
}

// wildcards are the characters that a pattern reads in another way.
var wildcards = strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`)

// literal returns the pattern that matches a path only.
func literal(p string) string { return wildcards.Replace(p) }
