package input

import "bytes"

// A Buffer keeps what is written to it, and refuses what goes beyond a bound.
type Buffer struct {
	name       string
	limit      int64
	onOverflow func()
	text       bytes.Buffer
	overflowed bool
}

// NewBuffer returns a Buffer for at most so many bytes. Errors call it by the
// name. What is written beyond the bound is refused and calls over, unless that
// is nil.
func NewBuffer(name string, limit int64, onOverflow func()) *Buffer {
	return &Buffer{name: name, limit: limit, onOverflow: onOverflow}
}

// Write refuses p as a whole if it goes beyond the bound.
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

// Bytes returns what was written up to the bound.
func (b *Buffer) Bytes() []byte { return b.text.Bytes() }

// Err returns a [TooLargeError] if something was refused.
func (b *Buffer) Err() error {
	if b.overflowed {
		return &TooLargeError{b.name, b.limit}
	}
	return nil
}

// A HeadBuffer keeps the beginning of what is written to it and takes all.
type HeadBuffer struct {
	Limit int
	text  []byte
}

func (h *HeadBuffer) Write(p []byte) (int, error) {
	h.text = append(h.text, p[:min(len(p), h.Limit-len(h.text))]...)
	return len(p), nil
}

// String returns the beginning.
func (h *HeadBuffer) String() string { return string(h.text) }
