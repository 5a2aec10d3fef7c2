package buildcontext

import (
	"encoding/binary"
	"errors"
	"hash/crc32"
	"io/fs"
)

// format is the first line of a cache file. Another format gets another line.
const format = "fleet build context cache 1\n"

// errCorrupt is the error for a cache file that cannot be decoded.
var errCorrupt = errors.New("not a cache file of this format")

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// encode returns files as the content of a cache file.
func encode(files []File) []byte {
	b := make([]byte, 0, len(format)+len(files)*160)
	b = append(b, format...)
	b = binary.AppendUvarint(b, uint64(len(files)))
	for _, f := range files {
		b = appendText(b, f.Path)
		b = appendText(b, f.Link)
		b = binary.LittleEndian.AppendUint32(b, uint32(f.Mode))
		for _, n := range []uint64{uint64(f.Size), uint64(f.stat.size), uint64(f.stat.mtime), uint64(f.stat.ctime), f.stat.inode} {
			b = binary.LittleEndian.AppendUint64(b, n)
		}
		b = append(b, f.Digest[:]...)
	}
	return binary.LittleEndian.AppendUint32(b, crc32.Checksum(b, castagnoli))
}

func appendText(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

// decode returns the files of a cache file.
func decode(b []byte) ([]File, error) {
	end := len(b) - crc32.Size
	if end < len(format) || string(b[:len(format)]) != format {
		return nil, errCorrupt
	}
	if crc32.Checksum(b[:end], castagnoli) != binary.LittleEndian.Uint32(b[end:]) {
		return nil, errCorrupt
	}
	d := decoder{rest: b[len(format):end]}
	const minSize = 2 + 4 + 5*8 + 32 // of an encoded file
	count := d.uvarint()
	if count > uint64(len(d.rest)/minSize) {
		return nil, errCorrupt
	}
	files := make([]File, 0, count)
	for range count {
		f := File{Path: d.text(), Link: d.text(), Mode: fs.FileMode(binary.LittleEndian.Uint32(d.take(4)))}
		f.Size = d.int64()
		f.stat = stamp{size: d.int64(), mtime: d.int64(), ctime: d.int64(), inode: uint64(d.int64())}
		copy(f.Digest[:], d.take(len(f.Digest)))
		files = append(files, f)
	}
	if d.failed || len(d.rest) > 0 {
		return nil, errCorrupt
	}
	return files, nil
}

// A decoder reads values from a cache file. After a failure all values are zero.
type decoder struct {
	rest   []byte
	failed bool
}

// take returns the next n bytes, or zeros.
func (d *decoder) take(n int) []byte {
	if n < 0 || n > len(d.rest) {
		d.failed, d.rest = true, nil
		return make([]byte, min(max(n, 0), 64))
	}
	b := d.rest[:n]
	d.rest = d.rest[n:]
	return b
}

func (d *decoder) uvarint() uint64 {
	v, n := binary.Uvarint(d.rest)
	if n <= 0 {
		d.failed, d.rest = true, nil
		return 0
	}
	d.rest = d.rest[n:]
	return v
}

func (d *decoder) text() string {
	n := d.uvarint()
	if n > uint64(len(d.rest)) {
		d.failed, d.rest = true, nil
		return ""
	}
	return string(d.take(int(n)))
}

func (d *decoder) int64() int64 { return int64(binary.LittleEndian.Uint64(d.take(8))) }
