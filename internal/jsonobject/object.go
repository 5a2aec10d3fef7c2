// Package jsonobject reads JSON objects without decoding their members. It reads each
// byte once, where encoding/json would check a text and copy it at each level.
package jsonobject

import (
	"bytes"
	"encoding/json"
	"errors"
	"iter"
	"slices"

	"github.com/go-json-experiment/json/jsontext"
)

// An Object is a JSON object whose members are still encoded. The zero value has no
// members. If a name occurs several times, the last member counts.
type Object struct {
	members []member
}

type member struct {
	name  string
	value json.RawMessage
}

// Get returns the encoded value of a member; nil if there is none.
func (o Object) Get(name string) json.RawMessage {
	for i := len(o.members) - 1; i >= 0; i-- {
		if o.members[i].name == name {
			return o.members[i].value
		}
	}
	return nil
}

// Clone returns a copy that [Reader.ReadObject] does not overwrite. It refers to the
// same text.
func (o Object) Clone() Object { return Object{slices.Clone(o.members)} }

// Len returns the number of members.
func (o Object) Len() int { return len(o.members) }

// Equal reports whether two objects have the same members with the same texts in the
// same order.
func (o Object) Equal(other Object) bool {
	return slices.EqualFunc(o.members, other.members, func(a, b member) bool { return a.name == b.name && bytes.Equal(a.value, b.value) })
}

// All iterates over the names and encoded values of the members, in their order.
func (o Object) All() iter.Seq2[string, json.RawMessage] {
	return func(yield func(string, json.RawMessage) bool) {
		for _, m := range o.members {
			if !yield(m.name, m.value) {
				return
			}
		}
	}
}

// UnmarshalJSON fails if data is not a JSON object. null is an object without members.
// The object does not refer to data.
func (o *Object) UnmarshalJSON(data []byte) error {
	r := NewReader(bytes.Clone(data))
	object, err := r.Object()
	if err != nil {
		return err
	}
	*o = object
	return r.End()
}

// Of returns an object with the members of a map, for tests.
func Of(members map[string]json.RawMessage) Object {
	var o Object
	for name, value := range members {
		o.members = append(o.members, member{name, value})
	}
	return o
}

// A Reader reads a JSON text from its beginning to its end. The objects and values that
// it returns refer to the text.
type Reader struct {
	text  []byte
	dec   *jsontext.Decoder
	names map[string]string // of members, each once
}

// NewReader returns a reader of a text. Names may occur several times in an object, and
// invalid UTF-8 is replaced when a value is decoded, as in encoding/json.
func NewReader(text []byte) *Reader {
	dec := jsontext.NewDecoder(bytes.NewBuffer(text), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	return &Reader{text: text, dec: dec, names: map[string]string{}}
}

// The errors of values of another type.
var (
	ErrNoObject = errors.New("an object was expected")
	ErrNoList   = errors.New("a list was expected")
	errMore     = errors.New("there is more text after the value")
)

// Value reads the next value.
func (r *Reader) Value() (json.RawMessage, error) {
	v, err := r.dec.ReadValue()
	end := r.dec.InputOffset()
	return json.RawMessage(r.text[end-int64(len(v)) : end : end]), err
}

// Object reads an object; null has no members.
func (r *Reader) Object() (Object, error) {
	var o Object
	if err := r.ReadObject(&o); err != nil {
		return Object{}, err
	}
	return o, nil
}

// ReadObject reads an object into o, whose former members it overwrites. null has no
// members.
func (r *Reader) ReadObject(o *Object) error {
	o.members = o.members[:0]
	for name, err := range r.Members() {
		if err != nil {
			return err
		}
		value, err := r.Value()
		if err != nil {
			return err
		}
		if o.members == nil {
			o.members = make([]member, 0, typicalMembers)
		}
		o.members = append(o.members, member{name, value})
	}
	return nil
}

// typicalMembers is a little more than a sandbox of a list has.
const typicalMembers = 48

// Members iterates over the names of an object's members; null has none. The caller
// reads the value of each. The iteration ends after the first error.
func (r *Reader) Members() iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		begin, err := r.dec.ReadToken()
		switch {
		case err != nil:
			yield("", err)
			return
		case begin.Kind() == 'n':
			return
		case begin.Kind() != '{':
			yield("", ErrNoObject)
			return
		}
		for r.dec.PeekKind() != '}' {
			name, err := r.name()
			if !yield(name, err) || err != nil {
				return
			}
		}
		if _, err := r.dec.ReadToken(); err != nil {
			yield("", err)
		}
	}
}

// name reads the name of a member.
func (r *Reader) name() (string, error) {
	quoted, err := r.dec.ReadValue()
	if err != nil {
		return "", err
	}
	if name, known := r.names[string(quoted)]; known {
		return name, nil
	}
	name, err := jsontext.AppendUnquote(nil, quoted)
	if err != nil && len(name) == 0 {
		return "", err
	}
	r.names[string(quoted)] = string(name)
	return string(name), nil
}

// Items calls read for each item of a list; null has none. read reads the item.
func (r *Reader) Items(read func() error) error {
	begin, err := r.dec.ReadToken()
	switch {
	case err != nil:
		return err
	case begin.Kind() == 'n':
		return nil
	case begin.Kind() != '[':
		return ErrNoList
	}
	for r.dec.PeekKind() != ']' {
		if err := read(); err != nil {
			return err
		}
	}
	_, err = r.dec.ReadToken()
	return err
}

// End fails if anything follows the values that were read.
func (r *Reader) End() error {
	if r.dec.PeekKind() != jsontext.KindInvalid || len(bytes.TrimSpace(r.text[r.dec.InputOffset():])) > 0 {
		return errMore
	}
	return nil
}
