package input

import (
	"errors"
	"testing"
)

func TestBuffer(t *testing.T) {
	over := 0
	b := NewBuffer("the output", 5, func() { over++ })
	for _, p := range []string{"ab", "cde"} {
		if n, err := b.Write([]byte(p)); n != len(p) || err != nil || b.Err() != nil {
			t.Errorf("%q: got %d, %v", p, n, err)
		}
	}
	var large *TooLargeError
	if n, err := b.Write([]byte("f")); n != 0 || !errors.As(err, &large) || over != 1 {
		t.Errorf("beyond the bound: got %d, %v, %d calls", n, err, over)
	}
	if string(b.Bytes()) != "abcde" || b.Err() == nil || b.Err().Error() != "the output is larger than the limit of 5 bytes" {
		t.Errorf("got %q, %v", b.Bytes(), b.Err())
	}
}

func TestHead(t *testing.T) {
	h := &HeadBuffer{Limit: 4}
	for _, p := range []string{"ab", "cde", "f"} {
		if n, err := h.Write([]byte(p)); n != len(p) || err != nil {
			t.Errorf("%q: got %d, %v", p, n, err)
		}
	}
	if h.String() != "abcd" {
		t.Errorf("got %q", h)
	}
}
