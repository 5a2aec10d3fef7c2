package client

import (
	"encoding/json"
	"time"

	"fleet/internal/foreign"
	"fleet/internal/jsonobject"
)

// fields holds the members of a JSON object. A member that is absent, null or of
// another type reads as the zero value: one odd member must not make an object of a
// newer server unreadable.
type fields struct{ jsonobject.Object }

func decodeField[T any](f fields, name string) T {
	var value T
	if raw := f.Get(name); raw == nil || json.Unmarshal(raw, &value) != nil {
		return *new(T)
	}
	return value
}

func (f fields) state(name string) State { return State(f.enum(name)) }

func (f fields) text(name string) string { return f.textBy(name, jsonobject.Text) }

// repeated is text for a member that has the same value in many objects.
func (f fields) repeated(name string) string { return f.textBy(name, jsonobject.Repeated) }

func (f fields) textBy(name string, decode func(json.RawMessage) (string, error)) string {
	raw := f.Get(name)
	if raw == nil {
		return ""
	}
	text, err := decode(raw)
	if err != nil {
		return ""
	}
	return text
}

func (f fields) boolean(name string) bool { return string(f.Get(name)) == "true" }

func (f fields) time(name string) time.Time {
	var t time.Time
	if raw := f.Get(name); raw == nil || t.UnmarshalJSON(raw) != nil {
		return time.Time{}
	}
	return t
}

// enum reads a word from a set that a newer server may extend. It is escaped, so that
// it can be printed to a terminal unchanged.
func (f fields) enum(name string) string { return foreign.Escape(f.repeated(name)) }

// stringMap reads an object of strings. A value of another type is returned as its
// JSON text: the server does not check the labels that it stores. The result is nil
// if the member is absent or null.
func (f fields) stringMap(name string) map[string]string {
	raw := f.Get(name)
	if len(raw) == 0 || raw[0] != '{' {
		return nil
	}
	texts, err := jsonobject.Texts(raw)
	if err != nil {
		return nil
	}
	return texts
}
