package buildcontext

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"syscall"
)

// A Context is a directory from which a Dockerfile copies files, with its ignore file.
// It may be used by several goroutines.
type Context struct {
	Root       string // the directory
	IgnoreFile string // the path of the ignore file; empty if there is none

	realRoot string // Root without symbolic links
	mu       sync.Mutex
	ignore   *ignoreRules // used under mu
	inputs   *Inputs      // nil records nothing
}

// OpenContext returns the context of a directory for a Dockerfile. The ignore file is
// <dockerfile>.dockerignore if it exists, else .dockerignore in the root. An empty
// dockerfile is a Dockerfile without a file. Errors are a [*fs.PathError] if the root
// is not a directory or an ignore file cannot be read, and an [*IgnoreFileError] if a
// line of it is wrong.
//
// The inputs record the ignore file, and the sources that [Context.Match] selects; nil
// inputs record nothing.
func (in *Inputs) OpenContext(root, dockerfile string) (*Context, error) {
	in.addPath(root)
	realRoot, err := realDirectory(root)
	if err != nil {
		return nil, err
	}
	c := &Context{Root: root, realRoot: realRoot, inputs: in}
	var candidates []string
	if dockerfile != "" {
		candidates = append(candidates, dockerfile+".dockerignore")
	}
	for _, file := range append(candidates, filepath.Join(root, ".dockerignore")) {
		in.AddFile(file)
		c.ignore, err = readIgnoreFile(file)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			continue
		case err != nil:
			return nil, err
		}
		c.IgnoreFile = file
		return c, nil
	}
	c.ignore = &ignoreRules{}
	return c, nil
}

// realDirectory returns the path of a directory without symbolic links.
func realDirectory(dir string) (string, error) {
	info, err := os.Stat(dir)
	if err != nil {
		return "", err
	}
	if !info.IsDir() {
		return "", &fs.PathError{Op: "open", Path: dir, Err: syscall.ENOTDIR}
	}
	absolute, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	return filepath.EvalSymlinks(absolute)
}

// Source returns the source of a path that [Context.Match] returned. Its path in the
// archive is the same as in the context.
func (c *Context) Source(path string) Source {
	return Source{Root: c.Root, Path: path, Archive: path, IgnoreFile: c.IgnoreFile}
}

// Ignored reports whether a slash path below the root is ignored, and the line of
// IgnoreFile that decides it. The line is 0 if the path is not ignored.
func (c *Context) Ignored(path string) (ignored bool, line int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.ignore.ignores(path) {
		return false, 0
	}
	return true, c.ignore.decidingLine(path)
}
