package jsonobject

import (
	"bytes"
	"encoding/json"
	"sync"

	"github.com/go-json-experiment/json/jsontext"
)

// maxRepeated is the number of texts that one of tables holds.
const maxRepeated = 4096

// tables are maps from encoded to decoded texts.
var tables = sync.Pool{New: func() any { return map[string]string{} }}

// Repeated is [Text] for a text that many objects have: they share its memory.
func Repeated(raw json.RawMessage) (string, error) {
	table := tables.Get().(map[string]string)
	defer tables.Put(table)
	if text, known := table[string(raw)]; known {
		return text, nil
	}
	text, err := Text(raw)
	if err != nil {
		return text, err
	}
	if len(table) >= maxRepeated {
		clear(table)
	}
	table[string(raw)] = text
	return text, nil
}

// readers are readers that are not in use. The names that they know are those of
// objects like the next one.
var readers = sync.Pool{New: func() any { return NewReader(nil) }}

// Texts decodes an object of texts; null has none. A value of another type is its JSON
// text.
func Texts(raw json.RawMessage) (map[string]string, error) {
	r := readers.Get().(*Reader)
	defer readers.Put(r)
	r.reset(raw)
	texts := map[string]string{}
	for name, err := range r.Members() {
		if err != nil {
			return nil, err
		}
		value, err := r.Value()
		if err != nil {
			return nil, err
		}
		if value[0] != '"' {
			texts[name] = string(value)
		} else if texts[name], err = Repeated(value); err != nil {
			return nil, err
		}
	}
	return texts, nil
}

// reset makes r read another text.
func (r *Reader) reset(text []byte) {
	if len(r.names) > maxRepeated {
		clear(r.names)
	}
	r.text = text
	r.dec.Reset(bytes.NewBuffer(text), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
}
