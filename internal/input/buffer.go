package input

import "bytes"

// A Buffer keeps what is written to it, and refuses what goes beyond a bound.
type Buffer struct {
	name string
	most int64
	over func()
	text bytes.Buffer
	full bool
}

// NewBuffer returns a Buffer for at most so many bytes. Errors call it by the
// name. What is written beyond the bound is refused and calls over, unless that
// is nil.
func NewBuffer(name string, most int64, over func()) *Buffer {
	return &Buffer{name: name, most: most, over: over}
}

// Write refuses p as a whole if it goes beyond the bound.
func (b *Buffer) Write(p []byte) (int, error) {
	if int64(b.text.Len()+len(p)) > b.most {
		b.full = true
		if b.over != nil {
			b.over()
		}
		return 0, b.Err()
	}
	return b.text.Write(p)
}

// Bytes returns what was written up to the bound.
func (b *Buffer) Bytes() []byte { return b.text.Bytes() }

// Err returns a [LargeError] if something was refused.
func (b *Buffer) Err() error {
	if b.full {
		return &LargeError{b.name, b.most}
	}
	return nil
}

// A Head keeps the beginning of what is written to it and takes all.
type Head struct {
	Most int
	text []byte
}

func (h *Head) Write(p []byte) (int, error) {
	h.text = append(h.text, p[:min(len(p), h.Most-len(h.text))]...)
	return len(p), nil
}

// String returns the beginning.
func (h *Head) String() string { return string(h.text) }
