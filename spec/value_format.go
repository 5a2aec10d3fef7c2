package spec

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// FormatValues returns two values of an attribute of the kind as text, as
// [Diff.Format] does for the values that they were made from. The attribute may be one
// that no table has, such as the environment of a sandbox.
func FormatValues(kind Kind, key string, have, want Value) (haveText, wantText string) {
	f := valueFormat{none: "none", verbatim: true}
	if i := slices.IndexFunc(Tables[kind], func(a *Attribute) bool { return a.Key == key }); i >= 0 {
		t := Tables[kind][i].Type
		f = valueFormat{none: t.Format(nil), verbatim: t.verbatim}
		if t.digest {
			return unknownValue, t.Format("")
		}
	}
	h, w := have.decoded(), want.decoded()
	if entries, other := asTexts(h), asTexts(w); entries != nil && other != nil {
		return formatTexts(missingFrom(entries, other)), formatTexts(missingFrom(other, entries))
	}
	return f.side(have, h), f.side(want, w)
}

// unknownValue stands for an observed value that is not known.
const unknownValue = "(another value)"

// A valueFormat is how the values of an attribute read.
type valueFormat struct {
	none     string // instead of null
	verbatim bool   // texts have no quotes
}

// side returns one value as text.
func (f valueFormat) side(v Value, plain any) string {
	if v.IsZero() {
		return unknownValue
	}
	switch x := plain.(type) {
	case nil:
		return f.none
	case string:
		if f.verbatim {
			return x
		}
		return quoted(x)
	case []any:
		return formatList(x)
	case map[string]any:
		if m := asTexts(x); m != nil {
			return formatTexts(m)
		}
	}
	return v.String()
}

// asTexts returns a decoded mapping of texts; nil if it is something else.
func asTexts(v any) map[string]string {
	m, ok := v.(map[string]any)
	if !ok {
		return nil
	}
	texts := make(map[string]string, len(m))
	for name, x := range m {
		if texts[name], ok = x.(string); !ok {
			return nil
		}
	}
	return texts
}

// formatTexts returns a mapping of texts as text.
func formatTexts(m map[string]string) string {
	var parts []string
	for _, k := range slices.Sorted(maps.Keys(m)) {
		parts = append(parts, k+"="+quoted(m[k]))
	}
	return "{" + strings.Join(parts, " ") + "}"
}

// formatList returns a list of texts or mounts as text.
func formatList(list []any) string {
	var parts []string
	for _, x := range list {
		switch x := x.(type) {
		case string:
			parts = append(parts, quoted(x))
		case map[string]any:
			parts = append(parts, formatMount(x))
		default:
			parts = append(parts, fmt.Sprint(x))
		}
	}
	return "[" + strings.Join(parts, ", ") + "]"
}

// formatMount returns an entry of a list of mounts as text; other mappings as JSON.
func formatMount(fields map[string]any) string {
	m := asTexts(fields)
	if m["volume"] == "" || m["mount_path"] == "" {
		text, err := json.Marshal(fields)
		if err != nil {
			return ""
		}
		return string(text)
	}
	return Mount{m["volume"], m["mount_path"], m["subpath"]}.String()
}
