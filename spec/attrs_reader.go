package spec

import (
	"encoding/json"

	"fleet/internal/jsonobject"
)

// maxSharedText bounds the text by which an [AttrsReader] knows responses again, in bytes.
const maxSharedText = 4 << 20

// An AttrsReader reads the attributes of many objects of one kind. Most sandboxes of a
// fleet agree in all but their names: values that are equal are decoded once, and
// shared. It must be used by one goroutine at a time.
type AttrsReader struct {
	shared, own []readRow
	slots       map[string][]int  // places of fields in values, by name
	values      []json.RawMessage // of the object that is read, nil if absent

	known map[string]attributes // by the text of the fields of shared
	size  int                   // of the keys of known
	key   []byte                // scratch
}

// A readRow is a row of the table with its fields in a response.
type readRow struct {
	*Attribute
	first, end int // their slots
}

// NewAttrsReader returns a reader of the attributes in a table.
func NewAttrsReader(t Table) *AttrsReader {
	r := &AttrsReader{slots: map[string][]int{}, known: map[string]attributes{}}
	for _, perResource := range []bool{false, true} {
		for _, a := range t {
			if !a.isRead() || a.PerResource != perResource {
				continue
			}
			row := readRow{a, len(r.values), len(r.values) + len(a.readFields())}
			for i, name := range a.readFields() {
				r.slots[name] = append(r.slots[name], row.first+i)
			}
			r.values = append(r.values, make([]json.RawMessage, row.end-row.first)...)
			if perResource {
				r.own = append(r.own, row)
			} else {
				r.shared = append(r.shared, row)
			}
		}
	}
	return r
}

// Read returns the attributes in the JSON fields of a response. It does not keep the
// fields.
func (r *AttrsReader) Read(fields jsonobject.Object) (Attrs, error) {
	clear(r.values)
	for name, value := range fields.All() {
		for _, slot := range r.slots[name] {
			r.values[slot] = value
		}
	}
	var as Attrs
	var err error
	if as.set, err = r.readShared(); err != nil {
		return Attrs{}, err
	}
	for _, row := range r.own {
		switch v, err := row.read(r.values[row.first:row.end]); {
		case err != nil:
			return Attrs{}, err
		case v != nil:
			as.own = append(as.own, attributeValue{row.Attribute, v})
		}
	}
	return as, nil
}

// readShared returns the values that other objects may have too.
func (r *AttrsReader) readShared() (attributes, error) {
	r.key = r.key[:0]
	for _, row := range r.shared {
		for _, value := range r.values[row.first:row.end] {
			r.key = append(append(r.key, value...), '\n') // only brackets can enclose a line break in JSON
		}
	}
	if set, ok := r.known[string(r.key)]; ok {
		return set, nil
	}
	set := make(attributes, 0, len(r.shared))
	for _, row := range r.shared {
		switch v, err := row.read(r.values[row.first:row.end]); {
		case err != nil:
			return nil, err
		case v != nil:
			set = append(set, attributeValue{row.Attribute, v})
		}
	}
	if r.size += len(r.key); r.size > maxSharedText {
		clear(r.known)
		r.size = len(r.key)
	}
	r.known[string(r.key)] = set
	return set, nil
}

// Read returns the table's attributes in the JSON fields of a response.
func (t Table) Read(fields jsonobject.Object) (Attrs, error) {
	return NewAttrsReader(t).Read(fields)
}
