// Package jsonlist writes JSON objects with a long list, one item after the other, so
// that the text of the whole is never in memory.
package jsonlist

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"iter"
)

// Options state how an object is written.
type Options struct {
	Indent     bool // over several lines, with two spaces for each level, and a line break at the end
	EscapeHTML bool // as [json.Marshal] does
}

// Write writes an object as encoding/json does. Its member list has the items instead of
// its own, and has to be an empty list. Each call of w.Write has whole items, several
// small ones at a time.
func Write[T any](w io.Writer, object any, list string, items iter.Seq[T], o Options) error {
	text, err := newEncoder("", o).encode(object)
	if err != nil {
		return err
	}
	end, err := endOfList(text, list)
	if err != nil {
		return err
	}
	lead, next, last := "", ",", ""
	if o.Indent {
		lead, next, last = "\n    ", ",\n    ", "\n  "
	}
	closing := ""
	out := append([]byte(nil), text[:end]...)
	e := newEncoder("    ", o)
	for item := range items {
		own, err := e.encode(item)
		if err != nil {
			return err
		}
		out = append(append(out, lead...), own...)
		if lead, closing = next, last; len(out) >= writeSize {
			if _, err := w.Write(out); err != nil {
				return err
			}
			out = out[:0]
		}
	}
	out = append(append(out, closing...), text[end:]...)
	if o.Indent {
		out = append(out, '\n')
	}
	_, err = w.Write(out)
	return err
}

// writeSize is the number of bytes from which on a text is written.
const writeSize = 32 << 10

// An encoder encodes values into a buffer that it uses again.
type encoder struct {
	buffer bytes.Buffer
	json   *json.Encoder
}

// newEncoder returns an encoder of values whose lines begin with a prefix.
func newEncoder(prefix string, o Options) *encoder {
	e := &encoder{}
	e.json = json.NewEncoder(&e.buffer)
	e.json.SetEscapeHTML(o.EscapeHTML)
	if o.Indent {
		e.json.SetIndent(prefix, "  ")
	}
	return e
}

// encode returns the text of a value, valid until the next call.
func (e *encoder) encode(v any) ([]byte, error) {
	e.buffer.Reset()
	if err := e.json.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(e.buffer.Bytes(), []byte("\n")), nil
}

// endOfList returns the offset of the bracket that ends an empty list, which is a member
// of an object.
func endOfList(text []byte, name string) (int, error) {
	d := json.NewDecoder(bytes.NewReader(text))
	if _, err := d.Token(); err != nil {
		return 0, err
	}
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return 0, err
		}
		var value json.RawMessage
		if err := d.Decode(&value); err != nil {
			return 0, err
		}
		if key == name && string(value) == "[]" {
			return int(d.InputOffset()) - 1, nil
		}
	}
	return 0, fmt.Errorf("jsonlist: the object has no empty list %q", name)
}
