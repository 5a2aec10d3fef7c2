package outfile

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
)

// descriptorPath matches paths of open file descriptors.
var descriptorPath = regexp.MustCompile(`^/dev/(stdin|stdout|stderr|fd/\d+)$|^/proc/(self|thread-self|\d+)/fd/\d+$`)

// maxLinks is the number of links that are followed from one path.
const maxLinks = 40

// resolve follows the links of a path and returns the path of their target, which
// need not exist. Paths of open file descriptors are not followed further.
func resolve(file string) (string, error) {
	for range maxLinks {
		if descriptorPath.MatchString(filepath.Clean(file)) {
			return filepath.Clean(file), nil
		}
		to, err := os.Readlink(file)
		if err != nil {
			return file, nil //nolint:nilerr // not a link, or missing
		}
		if !filepath.IsAbs(to) {
			to = filepath.Join(filepath.Dir(file), to)
		}
		file = to
	}
	return "", &fs.PathError{Op: "write", Path: file, Err: errors.New("too many links")}
}

// IsStream reports whether a path is a pipe, a device or an open file descriptor:
// text is written into it, and nothing is replaced. It does not follow links to
// descriptors.
func IsStream(end string) bool {
	if descriptorPath.MatchString(end) {
		return true
	}
	info, err := os.Stat(end)
	return err == nil && !info.Mode().IsRegular() && !info.IsDir()
}

// SameFile reports whether two paths lead to the same file on disk. Pipes and
// devices are never the same: writing into them replaces nothing.
func SameFile(a, b string) bool {
	x, err := os.Stat(a)
	if err != nil || x.Mode()&(fs.ModeDevice|fs.ModeNamedPipe|fs.ModeSocket) != 0 {
		return false
	}
	y, err := os.Stat(b)
	return err == nil && os.SameFile(x, y)
}

// SameTarget reports whether two paths lead to the same file, which need not
// exist.
func SameTarget(a, b string) bool {
	x, err := resolve(a)
	if err != nil || IsStream(x) {
		return false
	}
	y, err := resolve(b)
	return err == nil && resolveDir(x) == resolveDir(y)
}

// resolveDir returns a path with the links in its directory resolved, as far as
// the directory exists.
func resolveDir(file string) string {
	dir, err := filepath.Abs(filepath.Dir(file))
	if err == nil {
		file = filepath.Join(dir, filepath.Base(file))
	}
	if dir, err = filepath.EvalSymlinks(dir); err == nil {
		file = filepath.Join(dir, filepath.Base(file))
	}
	return file
}
