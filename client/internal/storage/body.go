package storage

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"sync"
)

const (
	partSize   = 5 << 20 // bytes; the storage accepts no smaller part but the last
	maxParts   = 10_000  // of an object
	maxBuffers = 5       // of the size of a part, for all uploads
)

// buffers lends buffers to all uploads, and so bounds their memory.
type buffers struct {
	size int         // of each
	free chan []byte // nil for a buffer that is not allocated yet
}

func newBuffers(size int) buffers {
	b := buffers{size: size, free: make(chan []byte, maxBuffers)}
	for range maxBuffers {
		b.free <- nil
	}
	return b
}

// get returns a buffer when one is free.
func (b buffers) get(ctx context.Context) ([]byte, error) {
	select {
	case buffer := <-b.free:
		if buffer == nil {
			buffer = make([]byte, b.size)
		}
		return buffer, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (b buffers) put(buffer []byte) { b.free <- buffer }

// drop frees the memory of the buffers that are not in use.
func (b buffers) drop() {
	for range maxBuffers {
		select {
		case <-b.free:
			b.free <- nil
		default:
			return
		}
	}
}

// A body is the content of a request. It can be opened for each attempt.
type body struct {
	digest string // SHA-256, in hexadecimal
	size   int64
	meter  *meter

	mu   sync.Mutex
	data []byte // nil after release
	sent int64  // most bytes read in an attempt
}

func newBody(data []byte, m *meter) *body {
	sum := sha256.Sum256(data)
	return &body{digest: hex.EncodeToString(sum[:]), size: int64(len(data)), data: data, meter: m}
}

// release ends the use of the data. The network may read a body after its request has
// ended, when the buffer may have other content.
func (b *body) release() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.data = nil
}

func (b *body) open() (io.ReadCloser, error) { return &bodyReader{body: b}, nil }

// read copies the data from an offset.
func (b *body) read(p []byte, at int64) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case b.data == nil:
		return 0, errReleased
	case at == b.size:
		return 0, io.EOF
	}
	n := copy(p, b.data[at:])
	if more := at + int64(n) - b.sent; more > 0 {
		b.sent += more
		b.meter.add(more)
	}
	return n, nil
}

var errReleased = errors.New("the request has ended")

type bodyReader struct {
	body *body
	at   int64
}

func (r *bodyReader) Read(p []byte) (int, error) {
	n, err := r.body.read(p, r.at)
	r.at += int64(n)
	return n, err
}

func (r *bodyReader) Close() error { return nil }

// A meter counts the bytes of a context that were sent.
type meter struct {
	total  int64
	notify func(sent, total int64) // nil if progress is not reported

	mu   sync.Mutex
	sent int64
}

// add counts bytes. A nil meter counts nothing.
func (m *meter) add(n int64) {
	if m == nil || m.notify == nil {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.sent += n
	m.notify(m.sent, m.total)
}
