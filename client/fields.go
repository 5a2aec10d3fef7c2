package client

import (
	"encoding/json"
	"time"

	"fleet/internal/foreign"
)

// fields holds the members of a JSON object by name, each still encoded. A member
// that is absent, null or of another type reads as the zero value: one odd member
// must not make an object of a newer server unreadable.
type fields map[string]json.RawMessage

func decodeField[T any](f fields, name string) T {
	var value T
	if json.Unmarshal(f[name], &value) != nil {
		return *new(T)
	}
	return value
}

func (f fields) text(name string) string    { return decodeField[string](f, name) }
func (f fields) state(name string) State    { return State(f.enum(name)) }
func (f fields) boolean(name string) bool   { return decodeField[bool](f, name) }
func (f fields) time(name string) time.Time { return decodeField[time.Time](f, name) }

// enum reads a word from a set that a newer server may extend. It is escaped, so that
// it can be printed to a terminal unchanged.
func (f fields) enum(name string) string { return foreign.Escape(f.text(name)) }

// stringMap reads an object of strings. A value of another type is returned as its
// JSON text: the server does not check the labels that it stores. The result is nil
// if the member is absent or null.
func (f fields) stringMap(name string) map[string]string {
	raw := decodeField[map[string]json.RawMessage](f, name)
	if raw == nil {
		return nil
	}
	texts := make(map[string]string, len(raw))
	for key, value := range raw {
		var text string
		if string(value) == "null" || json.Unmarshal(value, &text) != nil {
			text = string(value)
		}
		texts[key] = text
	}
	return texts
}
