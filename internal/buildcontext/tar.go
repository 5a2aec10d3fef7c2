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
	if !needsPAX(f) {
		return appendPlainHeader(b, f), nil
	}
	return appendAnyHeader(b, f)
}

// appendPlainHeader is appendHeader for files that do not need PAX: the same bytes,
// without the work of archive/tar for each of many small files.
func appendPlainHeader(b []byte, f File) []byte {
	start := len(b)
	b = append(b, plainHeader[:]...)
	header := b[start:]
	copy(header, f.Path)
	putOctal(header[100:107], int64(f.Mode.Perm()))
	putOctal(header[124:135], f.Size)
	sum := int64(0)
	for _, c := range header {
		sum += int64(c)
	}
	putOctal(header[148:154], sum)
	header[154], header[155] = 0, ' '
	return b
}

// plainHeader is the header of an empty file without a name, mode and checksum.
var plainHeader = func() (h [blockSize]byte) {
	b, _ := appendAnyHeader(nil, File{}) // cannot fail
	copy(h[:], b)
	copy(h[148:156], "        ") // counts as blanks in the checksum
	return h
}()

// putOctal writes a number with leading zeros.
func putOctal(b []byte, n int64) {
	for i := len(b) - 1; i >= 0; i, n = i-1, n>>3 {
		b[i] = '0' + byte(n&7)
	}
}

// appendAnyHeader is appendHeader by archive/tar.
func appendAnyHeader(b []byte, f File) ([]byte, error) {
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
