package build

import (
	"archive/tar"
	"io"
	"path"
	"strings"
)

// maxDockerfile is the maximum size of a Dockerfile in a build context in bytes.
const maxDockerfile = 1 << 20

// A Context is the set of files that a Dockerfile can copy, and of their directories. The
// zero value has no files.
type Context struct {
	paths map[string]bool // absolute
	// dockerfile is the content of a file named Dockerfile in the root, which replaces the
	// Dockerfile of the request; nil if there is none.
	dockerfile *string
}

// Add adds the files of a tar archive as the runner does: directories are left out, so that
// empty ones vanish, a link becomes an empty file, a later file replaces an earlier one,
// and the rest of an archive that cannot be read is skipped.
func (c *Context) Add(archive io.Reader) {
	if c.paths == nil {
		c.paths = map[string]bool{}
	}
	in := tar.NewReader(archive)
	for {
		head, err := in.Next()
		if err != nil {
			return
		}
		if head.Typeflag == tar.TypeDir {
			continue
		}
		name := path.Clean("/" + head.Name)
		if name == "/Dockerfile" {
			text, err := io.ReadAll(io.LimitReader(in, maxDockerfile))
			if err != nil {
				return
			}
			c.dockerfile = new(string(text))
		}
		for ; name != "/"; name = path.Dir(name) {
			c.paths[name] = true
		}
	}
}

// has reports whether a source of a COPY exists. A pattern that matches nothing copies
// nothing, which is no failure.
func (c *Context) has(source string) bool {
	name := path.Clean("/" + source)
	return name == "/" || hasWildcard(name) || c.paths[name]
}

// hasWildcard reports whether BuildKit takes a source as a pattern.
func hasWildcard(name string) bool {
	for i := 0; i < len(name); i++ {
		if name[i] == '\\' {
			i++
		} else if strings.IndexByte("*?[", name[i]) >= 0 {
			return true
		}
	}
	return false
}
