package client

import (
	"encoding/json"
	"time"

	"fleet/internal/foreign"
)

// fields are the members of a JSON object by name, each still encoded. Reading
// a member that is absent, null or of another type gives the zero value: an
// object of a newer server must not become unreadable for one odd member.
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

// enum reads one of a set of words, of which a newer server may have more. None
// holds what acts on a terminal, so that it can be shown as it is.
func (f fields) enum(name string) string { return foreign.Escape(f.text(name)) }

// stringMap reads an object of strings; a value of another type is given as its
// JSON text, since the server stores labels unchecked. Null and absent are nil.
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
