package spec

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"
)

// A Value is the value of an attribute as JSON has it: true, a number, a text, a
// list or an object, as in a spec. The zero Value is not known, or not shown, and is
// omitted with omitzero. That an object has no value is a Value of its own, whose JSON
// is null. Secret values are placeholders.
type Value struct {
	// v is nil if the value is not known; json.RawMessage if it was read; *maskedMap for
	// a secret mapping; anything else that encoding/json writes.
	v any
}

// noValue is the Value of an object without the attribute.
var noValue = Value{json.RawMessage("null")}

// TextValue returns the Value of a text.
func TextValue(text string) Value { return Value{text} }

// NameValue returns the Value of a name, or that of no value if it is empty.
func NameValue(name string) Value {
	if name == "" {
		return noValue
	}
	return Value{name}
}

// IsZero reports whether the value is not known or not shown.
func (v Value) IsZero() bool { return v.v == nil }

// Text returns the value if it is a text, or false.
func (v Value) Text() (string, bool) {
	switch x := v.v.(type) {
	case string:
		return x, true
	case json.RawMessage:
		var s *string
		if json.Unmarshal(x, &s) == nil && s != nil {
			return *s, true
		}
	}
	return "", false
}

// MarshalJSON returns the value as JSON, without escapes for HTML; those are up to the
// encoder of the whole document.
func (v Value) MarshalJSON() ([]byte, error) {
	switch x := v.v.(type) {
	case nil:
		return []byte("null"), nil
	case json.RawMessage:
		return x, nil
	case bool:
		return strconv.AppendBool(nil, x), nil
	case int:
		return strconv.AppendInt(nil, int64(x), 10), nil
	case string:
		return appendText(nil, x)
	case map[string]string:
		return marshalTexts(x)
	case *maskedMap:
		return marshalTexts(x.shown())
	}
	return marshalPlain(v.v)
}

// marshalTexts is marshalPlain for a mapping, without reflection.
func marshalTexts(m map[string]string) (text []byte, err error) {
	text = append(text, '{')
	for i, name := range slices.Sorted(maps.Keys(m)) {
		if i > 0 {
			text = append(text, ',')
		}
		if text, err = appendText(text, name); err != nil {
			return nil, err
		}
		if text, err = appendText(append(text, ':'), m[name]); err != nil {
			return nil, err
		}
	}
	return append(text, '}'), nil
}

// appendText appends a text as JSON.
func appendText(to []byte, s string) ([]byte, error) {
	if !strings.ContainsFunc(s, needsEscape) {
		return append(append(append(to, '"'), s...), '"'), nil
	}
	text, err := marshalPlain(s)
	return append(to, text...), err
}

// marshalPlain is json.Marshal without escapes for HTML.
func marshalPlain(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

// UnmarshalJSON keeps the JSON of a value, without its blanks.
func (v *Value) UnmarshalJSON(text []byte) error {
	var b bytes.Buffer
	if err := json.Compact(&b, text); err != nil {
		return err
	}
	v.v = json.RawMessage(b.Bytes())
	return nil
}

// String returns the JSON of the value; "" if it is not known.
func (v Value) String() string {
	if v.IsZero() {
		return ""
	}
	text, err := v.MarshalJSON()
	if err != nil {
		return ""
	}
	return string(text)
}

// A maskedMap is a secret mapping: its names are shown, and its texts are not. It
// refers to the mapping, which many objects may share.
type maskedMap struct {
	entries map[string]string
	before  map[string]string // entries that differ from these are shown as changed; nil if all are hidden
}

// changed replaces a secret value that differs from the observed one.
const changed = "(changed)"

func (m *maskedMap) shown() map[string]string {
	shown := make(map[string]string, len(m.entries))
	for name, text := range m.entries {
		shown[name] = hidden
		if was, had := m.before[name]; m.before != nil && (!had || was != text) {
			shown[name] = changed
		}
	}
	return shown
}

// Values returns the two values as JSON. have is the zero Value if it is not known.
// Both are whole values, and not only the entries that differ.
func (d Diff) Values() (have, want Value) {
	h, ok1 := d.Have.(map[string]string)
	w, ok2 := d.Want.(map[string]string)
	switch {
	case d.Attr.Type.digest:
		return Value{}, Value{}
	case d.Unknown && d.secret && ok2:
		return Value{}, Value{&maskedMap{entries: w}}
	case d.Unknown:
		return Value{}, d.Attr.value(d.Want, d.secret, hidden)
	case d.secret && (ok1 || ok2):
		return maskedValue(d.Have, h, nil), maskedValue(d.Want, w, emptyIfNil(h))
	}
	return d.Attr.value(d.Have, d.secret, hidden), d.Attr.value(d.Want, d.secret, changed)
}

// Sensitive reports whether the values are placeholders.
func (d Diff) Sensitive() bool { return d.secret }

// maskedValue returns the Value of a secret mapping, or of none if v is nil.
func maskedValue(v any, entries, before map[string]string) Value {
	if v == nil {
		return noValue
	}
	return Value{&maskedMap{entries, before}}
}

func emptyIfNil(m map[string]string) map[string]string {
	if m == nil {
		return map[string]string{}
	}
	return m
}

// value returns a value of the attribute as JSON, or mask if it is secret.
func (a *Attribute) value(v any, secret bool, mask string) Value {
	switch {
	case v == nil:
		return noValue
	case secret:
		return Value{mask}
	}
	return a.Type.value(v)
}

// value returns a value of the type as JSON.
func (t *Type) value(v any) Value {
	if t.verbatim {
		return Value{t.Format(v)}
	}
	switch x := t.yamlValue(v).(type) {
	case *yaml.Node:
		var plain any
		if err := x.Decode(&plain); err != nil {
			return Value{t.Format(v)}
		}
		return Value{plain}
	case []string:
		return Value{append([]string{}, x...)} // null is the value of none
	case map[string]string:
		return Value{emptyIfNil(x)}
	default:
		return Value{x}
	}
}
