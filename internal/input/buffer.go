package input

import "bytes"

// A Buffer stores the bytes written to it, up to a limit.
type Buffer struct {
	name       string
	limit      int64
	onOverflow func()
	text       bytes.Buffer
	overflowed bool
}

// NewBuffer returns a Buffer for at most limit bytes. Errors contain the name. A write
// above the limit fails and calls onOverflow, unless that is nil.
func NewBuffer(name string, limit int64, onOverflow func()) *Buffer {
	return &Buffer{name: name, limit: limit, onOverflow: onOverflow}
}

// Write stores p, or nothing of it if it exceeds the limit.
func (b *Buffer) Write(p []byte) (int, error) {
	if int64(b.text.Len()+len(p)) > b.limit {
		b.overflowed = true
		if b.onOverflow != nil {
			b.onOverflow()
		}
		return 0, b.Err()
	}
	return b.text.Write(p)
}

// Bytes returns the stored bytes.
func (b *Buffer) Bytes() []byte { return b.text.Bytes() }

// Err returns a [TooLargeError] if a write failed.
func (b *Buffer) Err() error {
	if b.overflowed {
		return &TooLargeError{b.name, b.limit}
	}
	return nil
}

// A HeadBuffer stores the first Limit bytes written to it, and ignores the rest.
type HeadBuffer struct {
	Limit int
	text  []byte
}

// Write implements io.Writer. It never fails.
func (h *HeadBuffer) Write(p []byte) (int, error) {
	h.text = append(h.text, p[:min(len(p), h.Limit-len(h.text))]...)
	return len(p), nil
}

// String returns the stored bytes.
func (h *HeadBuffer) String() string { return string(h.text) }
