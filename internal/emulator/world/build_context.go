package world

import (
	"archive/tar"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"
)

// buildContext is the set of paths of the files that a Dockerfile can copy, and of
// their directories.
type buildContext map[string]bool

// loadContext unpacks the uploads with these hashes. The error names an upload that is
// missing or is not a tar archive.
func (w *World) loadContext(hashes []string) (buildContext, error) {
	paths := buildContext{}
	for _, hash := range hashes {
		key := contextKey(hash)
		if w.Objects[key] == nil {
			return nil, fmt.Errorf("build context %s was not uploaded: there is no object %s", hash, key)
		}
		content, err := w.Store.Open(w.Objects[key].Contents())
		if err != nil {
			return nil, fmt.Errorf("build context %s cannot be read: %w", hash, err)
		}
		err = paths.unpack(content)
		content.Close()
		if err != nil {
			return nil, fmt.Errorf("build context %s is no tar archive: %w", hash, err)
		}
	}
	return paths, nil
}

// unpack adds the files of an archive. Empty directories are ignored, as the runner
// does not pass them on.
func (b buildContext) unpack(archive io.Reader) error {
	in := tar.NewReader(archive)
	for {
		head, err := in.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if head.Typeflag == tar.TypeDir {
			continue
		}
		for name := path.Clean("/" + head.Name); name != "/"; name = path.Dir(name) {
			b[name] = true
		}
	}
}

// has reports whether a source of a COPY exists. The source may be a pattern.
func (b buildContext) has(source string) bool {
	name := path.Clean("/" + source)
	if name == "/" || b[name] {
		return true
	}
	if !strings.ContainsAny(name, "*?[") {
		return false
	}
	for have := range b {
		if ok, err := path.Match(name, have); ok && err == nil {
			return true
		}
	}
	return false
}
