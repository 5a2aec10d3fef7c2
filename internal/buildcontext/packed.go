package buildcontext

import (
	"io"
	"os"
	"sync"
)

// A packed is a file in the form of a tar entry. A small file is read as a whole; of a
// large one, rest is the header and the file is open.
type packed struct {
	buffer *[]byte // from buffers, or nil
	rest   []byte  // that was read and is not yet returned
	err    error   // after rest

	disk  string
	entry *File
	file  *os.File // nil once it was read
	left  int64    // bytes of file
	check contentCheck
}

// buffers are buffers for small files.
var buffers = sync.Pool{New: func() any {
	b := make([]byte, 0, maxAhead+4*blockSize)
	return &b
}}

// pack opens a file, and reads it if it is small.
func pack(disk string, f *File) *packed {
	p := &packed{disk: disk, entry: f, left: f.Size, check: newContentCheck(f)}
	p.buffer = buffers.Get().(*[]byte)
	p.rest, p.err = appendHeader((*p.buffer)[:0], *f)
	if p.err != nil {
		return p
	}
	file, problem := openRegular(p.disk)
	if problem != nil {
		p.rest, p.err = nil, problem
		return p
	}
	p.file = file
	if f.Size > maxAhead {
		return p
	}
	for p.file != nil && p.err == nil {
		start := len(p.rest)
		p.rest = append(p.rest, make([]byte, p.left)...)
		n, err := p.readFile(p.rest[start:])
		p.rest, p.err = p.rest[:start+n], err
		if err == nil && p.left == 0 {
			p.rest, p.err = p.finish(p.rest)
		}
	}
	return p
}

// read returns the next bytes of the entry, and io.EOF at its end.
func (p *packed) read(b []byte) (int, error) {
	switch {
	case len(p.rest) > 0:
		n := copy(b, p.rest)
		p.rest = p.rest[n:]
		return n, nil
	case p.err != nil:
		return 0, p.err
	case p.file == nil:
		return 0, io.EOF
	case p.left == 0:
		p.rest, p.err = p.finish(nil)
		return p.read(b)
	}
	n, err := p.readFile(b)
	p.err = err
	return n, err
}

// readFile reads from the open file.
func (p *packed) readFile(b []byte) (int, error) {
	if p.left == 0 {
		return 0, nil
	}
	n, err := p.file.Read(b[:min(int64(len(b)), p.left)])
	p.check.add(b[:n])
	if p.left -= int64(n); err != nil && p.left > 0 {
		return n, readError(p.disk, err)
	}
	return n, nil
}

// finish checks that the file is the one in the manifest, closes it, and appends the
// padding.
func (p *packed) finish(b []byte) ([]byte, error) {
	problem := checkUnchanged(p.file, p.disk, p.entry.stat)
	p.file.Close()
	p.file = nil
	if problem == nil && !p.check.ok() {
		problem = &FileError{Path: p.disk, Reason: Changed}
	}
	if problem != nil {
		return nil, problem
	}
	return append(b, make([]byte, padding(p.entry.Size))...), nil
}

// release closes the file and returns the buffer.
func (p *packed) release() {
	if p.file != nil {
		p.file.Close()
		p.file = nil
	}
	if p.buffer != nil {
		buffers.Put(p.buffer)
		p.buffer, p.rest = nil, nil
	}
}
