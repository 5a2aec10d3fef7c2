package buildcontext

import (
	"archive/tar"
	"bytes"
	"crypto/sha256"
	"errors"
	"hash"
	"io"
	"io/fs"
	"os"
	"time"
)

const (
	blockSize   = 512           // of tar
	trailerSize = 2 * blockSize // zeros at the end of a tar stream
)

// errNoSource is the error for manifests whose files are not known to be on disk.
var errNoSource = errors.New("the manifest was read from a cache; its files cannot be sent")

// TarSize returns the length of the tar stream in bytes.
func (m Manifest) TarSize() int64 {
	size := int64(trailerSize)
	for _, f := range m.Files {
		size += entrySize(f)
	}
	return size
}

// Open returns the tar stream of the files: sorted, with modes, without owners and
// times. Read fails with a [*FileError] if a file is not the one in the manifest; an
// archive that was read to its end has the hash of the manifest. The stream reads one
// file at a time, and opens no file before it is needed.
func (m Manifest) Open() (io.ReadCloser, error) {
	if m.source == (Source{}) {
		return nil, errNoSource
	}
	return &stream{source: m.source, files: m.Files}, nil
}

// A stream is the tar stream of files.
type stream struct {
	source Source
	files  []File // that are not yet open
	err    error  // of all further reads

	pending []byte // headers, padding or the trailer
	file    *os.File
	current File
	left    int64 // bytes of file
	hash    hash.Hash
	ended   bool
}

// Read implements io.Reader.
func (s *stream) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	for s.err == nil {
		switch {
		case len(s.pending) > 0:
			n := copy(p, s.pending)
			s.pending = s.pending[n:]
			return n, nil
		case s.file != nil:
			n, err := s.readFile(p)
			s.err = err
			if n > 0 || err != nil {
				return n, err
			}
		default:
			s.err = s.next()
		}
	}
	return 0, s.err
}

// next opens the next file, or ends the stream.
func (s *stream) next() error {
	switch {
	case s.ended:
		return io.EOF
	case len(s.files) == 0:
		s.pending, s.ended = make([]byte, trailerSize), true
		return nil
	}
	s.current, s.files = s.files[0], s.files[1:]
	header, err := tarHeader(s.current)
	if err != nil {
		return err
	}
	file, problem := openUnchanged(s.source.disk(s.current.Path), s.current.stat)
	if problem != nil {
		return problem
	}
	s.pending, s.file, s.left, s.hash = header, file, s.current.Size, sha256.New()
	return nil
}

// readFile reads from the open file. At its end it checks the file and closes it.
func (s *stream) readFile(p []byte) (int, error) {
	disk := s.source.disk(s.current.Path)
	if s.left > 0 {
		n, err := s.file.Read(p[:min(int64(len(p)), s.left)])
		s.hash.Write(p[:n])
		if s.left -= int64(n); err != nil && s.left > 0 {
			return n, readError(disk, err)
		}
		return n, nil
	}
	if err := checkUnchanged(s.file, disk, s.current.stat); err != nil {
		return 0, err
	}
	if [32]byte(s.hash.Sum(nil)) != s.current.Digest {
		return 0, &FileError{Path: disk, Reason: Changed}
	}
	s.file.Close()
	s.file, s.pending = nil, make([]byte, padding(s.current.Size))
	return 0, nil
}

// Close closes the open file. It may be called more than once.
func (s *stream) Close() error {
	if s.err == nil {
		s.err = fs.ErrClosed
	}
	if s.file == nil {
		return nil
	}
	file := s.file
	s.file = nil
	return file.Close()
}

// tarHeader returns the header of a file, in the USTAR or PAX format.
func tarHeader(f File) ([]byte, error) {
	var b bytes.Buffer
	err := tar.NewWriter(&b).WriteHeader(&tar.Header{
		Typeflag: tar.TypeReg, Name: f.Path, Size: f.Size, Mode: tarMode(f.Mode), ModTime: time.Unix(0, 0),
	})
	return b.Bytes(), err
}

// entrySize returns the length of a file in a tar stream.
func entrySize(f File) int64 {
	header := int64(blockSize)
	if needsPAX(f) {
		b, _ := tarHeader(f) // Open reports the error
		header = int64(len(b))
	}
	return header + f.Size + padding(f.Size)
}

// needsPAX reports whether the header of a file may be longer than a block.
func needsPAX(f File) bool {
	const maxName, maxSize = 100, 1 << 33
	if len(f.Path) > maxName || f.Size >= maxSize {
		return true
	}
	for i := range len(f.Path) {
		if f.Path[i] >= 0x80 {
			return true
		}
	}
	return false
}

// padding returns the number of zeros after a file of a size.
func padding(size int64) int64 { return -size & (blockSize - 1) }

// tarMode returns the mode of a file in a header.
func tarMode(mode fs.FileMode) int64 {
	bits := int64(mode.Perm())
	for _, special := range []struct {
		mode fs.FileMode
		bit  int64
	}{{fs.ModeSetuid, 0o4000}, {fs.ModeSetgid, 0o2000}, {fs.ModeSticky, 0o1000}} {
		if mode&special.mode != 0 {
			bits |= special.bit
		}
	}
	return bits
}
