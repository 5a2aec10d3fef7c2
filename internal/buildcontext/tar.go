package buildcontext

import (
	"archive/tar"
	"bytes"
	"time"
)

const (
	blockSize   = 512           // of tar
	trailerSize = 2 * blockSize // zeros at the end of a tar stream
)

// TarSize returns the length of the tar stream in bytes.
func (m Manifest) TarSize() int64 {
	size := int64(trailerSize)
	for _, f := range m.Files {
		size += entrySize(f)
	}
	return size
}

// appendHeader appends the header of a file, in the USTAR or PAX format.
func appendHeader(b []byte, f File) ([]byte, error) {
	buffer := bytes.NewBuffer(b)
	err := tar.NewWriter(buffer).WriteHeader(&tar.Header{
		Typeflag: tar.TypeReg, Name: f.Path, Size: f.Size, Mode: int64(f.Mode.Perm()), ModTime: time.Unix(0, 0),
	})
	return buffer.Bytes(), err
}

// entrySize returns the length of a file in a tar stream.
func entrySize(f File) int64 {
	header := int64(blockSize)
	if needsPAX(f) {
		b, _ := appendHeader(nil, f) // the stream reports the error
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
