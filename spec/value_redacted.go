package spec

import (
	"bytes"
	"encoding/json"
	"maps"
	"reflect"
	"slices"
)

// Redacted returns two values whose texts hide has changed, and whether any was. Entries
// of mappings that differed, and would no longer, are shown as changed.
func Redacted(have, want Value, hide func(string) string) (hiddenHave, hiddenWant Value, redacted bool) {
	h, ok1 := redactedValue(have, hide)
	w, ok2 := redactedValue(want, hide)
	if !ok1 && !ok2 {
		return have, want, false
	}
	markChanged(have, want, h, w)
	return replaced(have, h), replaced(want, w), true
}

// replaced returns a value whose JSON is now plain.
func replaced(v Value, plain any) Value {
	if plain == nil { // null, or not known
		return v
	}
	return Value{plain}
}

// redactedValue returns the decoded value without secrets, and whether it had some.
func redactedValue(v Value, hide func(string) string) (plain any, redacted bool) {
	switch x := v.v.(type) {
	case nil:
		return nil, false
	case string: // values without secrets are not copied
		text := hide(x)
		return text, text != x
	case bool:
		return x, false
	case map[string]string:
		if !mentions(x, hide) {
			return x, false
		}
	case *maskedMap:
		if !mentionsInNames(x.entries, hide) {
			return x, false
		}
	}
	return redactedJSON(v.decoded(), hide)
}

// mentions reports whether hide changes a text of a mapping.
func mentions(m map[string]string, hide func(string) string) bool {
	for name, text := range m {
		if hide(name) != name || hide(text) != text {
			return true
		}
	}
	return false
}

// mentionsInNames reports whether hide changes a name of a mapping.
func mentionsInNames(m map[string]string, hide func(string) string) bool {
	for name := range m {
		if hide(name) != name {
			return true
		}
	}
	return false
}

// markChanged marks the entries of two mappings that differed before they were redacted
// to the same text.
func markChanged(have, want Value, redactedHave, redactedWant any) {
	h, ok1 := redactedHave.(map[string]any)
	w, ok2 := redactedWant.(map[string]any)
	was, ok3 := have.decoded().(map[string]any)
	is, ok4 := want.decoded().(map[string]any)
	if !ok1 || !ok2 || !ok3 || !ok4 {
		return
	}
	for name := range w {
		before, had1 := was[name].(string)
		after, had2 := is[name].(string)
		if had1 && had2 && before != after && reflect.DeepEqual(h[name], w[name]) {
			w[name] = changed
		}
	}
}

// decoded returns the value as encoding/json decodes it, with numbers as they are
// written; nil for none.
func (v Value) decoded() any {
	text, err := v.MarshalJSON()
	if err != nil {
		return nil
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	var plain any
	if d.Decode(&plain) != nil {
		return nil
	}
	return plain
}

// redactedJSON applies hide to the texts, keys and numbers of a decoded value.
func redactedJSON(v any, hide func(string) string) (plain any, redacted bool) {
	switch x := v.(type) {
	case string:
		text := hide(x)
		return text, text != x
	case json.Number:
		if text := hide(x.String()); text != x.String() {
			return text, true
		}
	case []any:
		for i := range x {
			item, some := redactedJSON(x[i], hide)
			x[i], redacted = item, redacted || some
		}
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(x)) {
			item, some := redactedJSON(x[key], hide)
			name := hide(key)
			delete(x, key)
			x[name], redacted = item, redacted || some || name != key
		}
	}
	return v, redacted
}
