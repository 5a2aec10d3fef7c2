// Package redact hides secret values in texts such as error messages of a server, in
// which their position is unknown.
package redact

import (
	"cmp"
	"encoding/json"
	"slices"
	"strings"
	"sync"
)

// MinLength is the minimum length in bytes of a value that is searched for. Shorter
// values, such as true, null and 8080, occur in every text: they are hidden only where
// their position is known.
const MinLength = 8

// Placeholder replaces a value.
const Placeholder = "(hidden)"

// A Redactor hides values in texts, in every form in which programs write them. It is
// safe for concurrent use. A zero or nil Redactor hides nothing.
type Redactor struct {
	values   []string
	once     sync.Once
	replacer *strings.Replacer
}

// New returns a Redactor of values. Values shorter than MinLength are ignored.
func New(values []string) *Redactor {
	long := slices.DeleteFunc(slices.Clone(values), func(v string) bool { return len(v) < MinLength })
	slices.Sort(long)
	return &Redactor{values: slices.Compact(long)}
}

// Empty reports whether there is nothing to hide.
func (r *Redactor) Empty() bool { return r == nil || len(r.values) == 0 }

// Text returns s with the values hidden. Of overlapping values, the first one is
// hidden, and of several at the same position the longest.
func (r *Redactor) Text(s string) string {
	if r.Empty() {
		return s
	}
	r.once.Do(r.build)
	return r.replacer.Replace(s)
}

func (r *Redactor) build() {
	var all []string
	for _, v := range r.values {
		all = append(all, encodings(v)...)
	}
	slices.SortFunc(all, func(a, b string) int { return cmp.Or(len(b)-len(a), strings.Compare(a, b)) })
	var pairs []string
	for _, form := range slices.Compact(all) {
		pairs = append(pairs, form, Placeholder)
	}
	r.replacer = strings.NewReplacer(pairs...)
}

// Bytes returns data with the values hidden: in the texts of a JSON document, or
// anywhere in other data.
func (r *Redactor) Bytes(data []byte) []byte {
	switch {
	case r.Empty():
		return data
	case isJSONDocument(data):
		return r.redactStrings(data)
	default:
		return []byte(r.Text(string(data)))
	}
}

// isJSONDocument reports whether data is a JSON object or array.
func isJSONDocument(data []byte) bool {
	trimmed := strings.TrimLeft(string(data[:min(len(data), 64)]), " \t\r\n")
	return trimmed != "" && (trimmed[0] == '{' || trimmed[0] == '[') && json.Valid(data)
}

// redactStrings hides the values in the texts of a JSON document. Keys, numbers and
// literals are never secret.
func (r *Redactor) redactStrings(data []byte) []byte {
	out := make([]byte, 0, len(data))
	for i := 0; i < len(data); {
		if data[i] != '"' {
			out = append(out, data[i])
			i++
			continue
		}
		end := i + 1
		for data[end] != '"' {
			if data[end] == '\\' {
				end++
			}
			end++
		}
		text := data[i : end+1]
		if !isObjectKey(data[end+1:]) {
			text = []byte(r.Text(string(text)))
		}
		out = append(out, text...)
		i = end + 1
	}
	return out
}

// isObjectKey reports whether a JSON text is a key, given the rest of the document
// after it.
func isObjectKey(rest []byte) bool {
	for _, b := range rest {
		switch b {
		case ' ', '\t', '\r', '\n':
		default:
			return b == ':'
		}
	}
	return false
}
