package buildcontext

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"io/fs"
)

// format is the first line of a cache file. Another format gets another line.
const format = "fleet build context cache 1\n"

// errCorrupt is the error for a cache file that cannot be decoded.
var errCorrupt = errors.New("not a cache file of this format")

// encode returns files as the content of a cache file. It omits those that keep does
// not accept.
func encode(files []File, keep func(File) bool) []byte {
	b := make([]byte, 0, len(format)+len(files)*160)
	b = append(b, format...)
	for _, f := range files {
		if !keep(f) {
			continue
		}
		b = appendText(b, f.Path)
		b = appendText(b, f.Link)
		b = binary.LittleEndian.AppendUint32(b, uint32(f.Mode))
		for _, n := range []uint64{uint64(f.Size), uint64(f.stat.mtime), uint64(f.stat.ctime), f.stat.inode} {
			b = binary.LittleEndian.AppendUint64(b, n)
		}
		b = append(b, f.Digest[:]...)
	}
	return append(b, checksum(b)...)
}

// checksum returns the end of a cache file.
func checksum(b []byte) []byte {
	return binary.LittleEndian.AppendUint32(nil, crc32.Checksum(b, castagnoli))
}

func appendText(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

// newDecoder returns a decoder for the content of a cache file.
func newDecoder(b []byte) (*decoder, error) {
	end := len(b) - crc32.Size
	if end < len(format) || string(b[:len(format)]) != format {
		return nil, errCorrupt
	}
	if !bytes.Equal(checksum(b[:end]), b[end:]) {
		return nil, errCorrupt
	}
	return &decoder{rest: b[len(format):end]}, nil
}

// A decoder reads the files of a cache file in order.
type decoder struct {
	rest   []byte
	failed bool // the file is corrupt
}

// next sets f to the next file. Its path is returned separately, and is valid until
// the content is changed. It returns false at the end, or if the rest is corrupt.
func (d *decoder) next(f *File) (path []byte, ok bool) {
	if len(d.rest) == 0 || d.failed {
		return nil, false
	}
	path = d.text()
	*f = File{Link: string(d.text()), Mode: fs.FileMode(binary.LittleEndian.Uint32(d.take(4)))}
	f.Size = d.int64()
	f.stat = stamp{mtime: d.int64(), ctime: d.int64(), inode: uint64(d.int64()), size: f.Size}
	copy(f.Digest[:], d.take(len(f.Digest)))
	return path, !d.failed
}

// take returns the next n bytes. Where there are fewer it returns zeros.
func (d *decoder) take(n int) []byte {
	if n > len(d.rest) {
		d.failed, d.rest = true, nil
		return make([]byte, 32) // the longest value of a fixed size
	}
	b := d.rest[:n]
	d.rest = d.rest[n:]
	return b
}

// text returns a text with its length before it.
func (d *decoder) text() []byte {
	length, n := binary.Uvarint(d.rest)
	if n <= 0 || length > uint64(len(d.rest)-n) {
		d.failed, d.rest = true, nil
		return nil
	}
	d.rest = d.rest[n:]
	return d.take(int(length))
}

func (d *decoder) int64() int64 { return int64(binary.LittleEndian.Uint64(d.take(8))) }
