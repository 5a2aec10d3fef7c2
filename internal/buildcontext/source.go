package buildcontext

import (
	"io/fs"
	"os"
	"path/filepath"
)

// A Source is a file or directory that is copied into an image. It becomes one archive
// with a hash of its own.
type Source struct {
	Root       string // the directory that symbolic links must not leave
	Path       string // slash path of the file or directory below Root; "." is Root
	Archive    string // slash path in the archive; "." or empty is the root of the archive
	IgnoreFile string // the ignore file, whose patterns are relative to Root; empty means none
	Dockerfile string // the text of the Dockerfile that is sent with the archive
}

// A Manifest is the content of the archive of a source. The zero value has no files.
type Manifest struct {
	Hash     string // 64 hexadecimal digits; equal if and only if the archives are
	Files    []File // sorted by path
	Bytes    int64  // the sum of the sizes of the files
	Warnings []Warning

	source Source // empty if the files were read from a cache
}

// A File is a regular file in an archive.
type File struct {
	Path   string      // slash path in the archive
	Mode   fs.FileMode // 0644, or 0755 if the owner may execute the file
	Size   int64       // bytes
	Digest [32]byte    // SHA-256 of the content
	Link   string      // target of the symbolic link that the file was read through, relative to the root; empty if none

	stat  stamp
	quick quickSum
}

// A Warning is a file that was left out of an archive.
type Warning struct {
	Path   string // on disk
	Reason string
}

func (w Warning) String() string { return w.Path + ": " + w.Reason }

// disk returns the path on disk of the file at a path of the archive.
func (s Source) disk(archive string) string { return s.layout().disk(archive) }

// A layout is where the files of a source are.
type layout struct {
	top    string // the source on disk
	prefix int    // length of its path in the archive
}

func (s Source) layout() layout {
	l := layout{top: filepath.Join(s.Root, filepath.FromSlash(s.Path))}
	if !s.isRoot() {
		l.prefix = len(s.Archive)
	}
	return l
}

// disk returns the path on disk of the file at a path of the archive.
func (l layout) disk(archive string) string {
	rel := archive[min(l.prefix, len(archive)):]
	if l.prefix > 0 && rel != "" {
		rel = rel[1:]
	}
	if rel == "" || rel == "." {
		return l.top
	}
	if os.IsPathSeparator(l.top[len(l.top)-1]) {
		return l.top + filepath.FromSlash(rel)
	}
	return l.top + string(filepath.Separator) + filepath.FromSlash(rel)
}

// isRoot reports whether the source is the root of its archive.
func (s Source) isRoot() bool { return s.Archive == "" || s.Archive == "." }
