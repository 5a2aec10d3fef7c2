package blob

import (
	"errors"
	"io"
	"os"
)

// A Writer receives the content of a blob.
type Writer struct {
	Name string // of the blob
	Size int64  // bytes written

	store  *Store
	file   *os.File // nil for a blob in memory
	chunks chunks
}

// Write appends to the blob. The error is ErrTooLarge beyond the limit of the store.
func (w *Writer) Write(p []byte) (int, error) {
	if w.Size+int64(len(p)) > w.store.Limit() {
		return 0, ErrTooLarge
	}
	n := len(p)
	var err error
	if w.file != nil {
		n, err = w.file.Write(p)
	} else {
		w.chunks.append(p)
	}
	w.Size += int64(n)
	return n, err
}

// Close ends the content. From then on the store has the blob.
func (w *Writer) Close() error {
	if w.file != nil {
		return w.file.Close()
	}
	w.store.mu.Lock()
	defer w.store.mu.Unlock()
	w.store.memory[w.Name] = w.chunks
	return nil
}

// Discard removes what was written.
func (w *Writer) Discard() error {
	if w.file != nil {
		w.file.Close()
	}
	return w.store.Remove([]string{w.Name})
}

// chunkSize is the size in bytes of the pieces of a blob in memory.
const chunkSize = 1 << 20

// chunks is the content of a blob in memory: it grows without being copied.
type chunks [][]byte

func (c *chunks) append(p []byte) {
	for len(p) > 0 {
		last := len(*c) - 1
		if last < 0 || len((*c)[last]) == chunkSize {
			*c = append(*c, make([]byte, 0, chunkSize))
			last++
		}
		piece := (*c)[last]
		n := min(chunkSize-len(piece), len(p))
		(*c)[last] = append(piece, p[:n]...)
		p = p[n:]
	}
}

func (c chunks) open() io.ReadCloser { return &chunkReader{rest: c} }

type chunkReader struct {
	rest chunks
	at   int // in the first one
}

func (r *chunkReader) Read(p []byte) (int, error) {
	if len(r.rest) == 0 {
		return 0, io.EOF
	}
	n := copy(p, r.rest[0][r.at:])
	if r.at += n; r.at == len(r.rest[0]) {
		r.rest, r.at = r.rest[1:], 0
	}
	return n, nil
}

func (r *chunkReader) Close() error { return nil }

// reader reads several blobs, one after the other.
type reader struct {
	parts []io.ReadCloser
	done  int // parts that were read
}

func (r *reader) Read(p []byte) (int, error) {
	for r.done < len(r.parts) {
		n, err := r.parts[r.done].Read(p)
		if !errors.Is(err, io.EOF) {
			return n, err
		}
		r.done++
		if n > 0 {
			return n, nil
		}
	}
	return 0, io.EOF
}

func (r *reader) Close() error {
	var err error
	for _, part := range r.parts {
		err = errors.Join(err, part.Close())
	}
	return err
}
