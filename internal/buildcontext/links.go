package buildcontext

import (
	"path/filepath"
	"strings"
	"syscall"
)

// errNotDirectory is the error for a path below a file.
const errNotDirectory = syscall.ENOTDIR

// realPath returns an absolute path without symbolic links.
func realPath(file string) (string, error) {
	absolute, err := filepath.Abs(file)
	if err != nil {
		return "", err
	}
	return filepath.EvalSymlinks(absolute)
}

// within reports whether a file is a directory or is below it. Both are real paths.
func within(dir, file string) bool {
	rel, err := filepath.Rel(dir, file)
	return err == nil && rel != ".." && !strings.HasPrefix(rel, ".."+string(filepath.Separator))
}
