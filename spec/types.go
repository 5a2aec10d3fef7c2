package spec

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"gopkg.in/yaml.v3"

	"fleet/internal/decode"
	"fleet/internal/jsonschema"
	"fleet/internal/suggest"
)

// A Type brings the values of an attribute from YAML and from the API's JSON
// into one canonical form, so that two values mean the same exactly when they
// are equal.
type Type struct {
	Name   string // for the reference, such as "whole number of minutes"
	Values []string
	Keys   []Key // of the mappings in a value that have a form of their own
	Absent any   // what an answer without the field stands for

	Schema jsonschema.Schema // of a value that is written in place

	decode func(d *decoder, n *yaml.Node, path string) (any, bool) // tells d of mistakes
	parse  func(raw json.RawMessage) (any, error)
	encode func(v any) any               // JSON value of a request; nil: the value itself
	merge  func(base, over any) any      // a default and what is said over it; nil: the latter
	join   func(base, over any) any      // a list and what is appended to it; nil: it is no list
	same   func(want, have any) bool     // nil: equal
	format func(v any) string            // for a reader; nil: as fmt prints it
	yaml   func(v any) any               // as a spec says it; nil: the value itself
	refs   func(v any, to Kind) []string // names of resources of the kind in the value; nil: none
}

// Appendable reports whether values are lists to which a spec can append.
func (t *Type) Appendable() bool { return t.join != nil }

// Same reports whether the wanted value is what is there.
func (t *Type) Same(want, have any) bool {
	if t.same != nil {
		return t.same(want, have)
	}
	return equal(want, have)
}

// Format is the value for a reader; nil is shown as none.
func (t Type) Format(v any) string {
	switch {
	case v == nil:
		return "(none)"
	case t.format != nil:
		return t.format(v)
	}
	return fmt.Sprint(v)
}

// requestValue is the value as a request holds it.
func (t Type) requestValue(v any) any {
	if t.encode != nil {
		return t.encode(v)
	}
	return v
}

// yamlValue is the value as a spec says it.
func (t Type) yamlValue(v any) any {
	if t.yaml != nil {
		return t.yaml(v)
	}
	return v
}

// equal spares the common types the reflection.
func equal(a, b any) bool {
	switch a.(type) {
	case string, int, bool, nil:
		switch b.(type) {
		case string, int, bool, nil:
			return a == b
		}
		return false
	}
	return reflect.DeepEqual(a, b)
}

// jsonValue parses an answer's value of a plain Go type.
func jsonValue[T any](raw json.RawMessage) (any, error) {
	var v T
	err := json.Unmarshal(raw, &v)
	return v, err
}

var text = Type{
	Name:   "text",
	Schema: jsonschema.Text,
	decode: func(d *decoder, n *yaml.Node, path string) (any, bool) { return d.Text(n, path) },
	parse:  jsonValue[string],
	format: quoted,
}

// opaque is text that says nothing to a reader.
var opaque = func() Type {
	t := text
	t.format = func(any) string { return "(as in the spec)" }
	return t
}()

// quoted shows text bare where it reads well, else in quotes.
func quoted(v any) string {
	s := fmt.Sprint(v)
	if s == "" || strings.ContainsAny(s, " \t\n\"'") {
		return strconv.Quote(s)
	}
	return s
}

// enumParam is text out of a few words.
func oneOf(words ...string) Type {
	t := text
	t.Name = "one of " + strings.Join(words, ", ")
	t.Values = words
	t.Schema = jsonschema.Typed("string").With(jsonschema.Schema{"enum": words})
	t.decode = func(d *decoder, n *yaml.Node, path string) (any, bool) {
		s, ok := d.Text(n, path)
		if ok && !slices.Contains(words, s) {
			d.RejectText(n, path, s, fmt.Sprintf("%q is not allowed; allowed are %s", s, strings.Join(words, ", "))).Hint = suggest.DidYouMean(s, words)
			return nil, false
		}
		return s, ok
	}
	return t
}

// flag is true or false; answers leave out false.
var flag = Type{
	Name:   "true or false",
	Schema: jsonschema.Typed("boolean"),
	Absent: false,
	decode: func(d *decoder, n *yaml.Node, path string) (any, bool) { return d.Flag(n, path) },
	parse:  jsonValue[bool],
}

// wholeNumber is a whole number of a unit.
func wholeNumber(unit string) Type {
	return Type{
		Name:   "whole number of " + unit,
		Schema: jsonschema.Typed("integer"),
		decode: func(d *decoder, n *yaml.Node, path string) (any, bool) { return d.WholeNumber(n, path, unit) },
		parse: func(raw json.RawMessage) (any, error) {
			var f float64 // numbers of this API are integers, but it may send 2.0
			err := json.Unmarshal(raw, &f)
			return int(f), err
		},
		format: func(v any) string { return fmt.Sprint(v) },
	}
}

// duration is a span of time such as 90s or 5m.
var duration = Type{
	Name:   "duration such as 90s, 5m, 2h or 1d",
	Schema: jsonschema.Typed("string").With(jsonschema.Matching(`^[+-]?(([0-9]+\.?[0-9]*|\.[0-9]+)(ns|us|µs|μs|ms|s|m|h|d))+$`)),
	decode: func(d *decoder, n *yaml.Node, path string) (any, bool) {
		s, ok := d.Text(n, path)
		if !ok {
			return nil, false
		}
		v, err := ParseDuration(s)
		if err != nil {
			d.RejectText(n, path, s, err.Error())
			return nil, false
		}
		return v, true
	},
	yaml: func(v any) any {
		s := v.(time.Duration).String()
		if strings.HasSuffix(s, "m0s") {
			s = strings.TrimSuffix(s, "0s")
		}
		if strings.HasSuffix(s, "h0m") {
			s = strings.TrimSuffix(s, "0m")
		}
		return s
	},
}

// words is a list whose order matters.
var words = Type{
	Name:   "list of texts",
	Schema: jsonschema.ListOf(jsonschema.Text),
	decode: func(d *decoder, n *yaml.Node, path string) (any, bool) {
		list, ok := d.Texts(n, path)
		return list, ok
	},
	parse:  jsonValue[[]string],
	join:   func(base, over any) any { return slices.Concat(base.([]string), over.([]string)) },
	format: func(v any) string { return bracketed(v.([]string)) },
}

// oneOrMore is a list of texts that may be written as one text.
var oneOrMore = func() Type {
	t := words
	t.Name = "text, or list of texts"
	t.Schema = jsonschema.Typed("array", "string", "number").With(jsonschema.Schema{"items": jsonschema.Ref("text")})
	t.decode = func(d *decoder, n *yaml.Node, path string) (any, bool) {
		if n = d.Resolve(n); n.Kind == yaml.ScalarNode {
			s, ok := d.Text(n, path)
			return []string{s}, ok
		}
		list, ok := d.Texts(n, path)
		return list, ok
	}
	return t
}()

func bracketed(list []string) string {
	shown := make([]string, len(list))
	for i, s := range list {
		shown[i] = quoted(s)
	}
	return "[" + strings.Join(shown, ", ") + "]"
}

// textMap is a mapping of texts to texts. What answers leave out is empty.
var textMap = Type{
	Name:   "mapping of texts",
	Schema: jsonschema.Typed("object").With(jsonschema.Schema{"additionalProperties": jsonschema.Ref("text").OrNull()}),
	Absent: map[string]string{},
	decode: func(d *decoder, n *yaml.Node, path string) (any, bool) { return d.TextMap(n, path) },
	parse: func(raw json.RawMessage) (any, error) {
		var loose map[string]any // the server keeps whatever it was sent
		if err := json.Unmarshal(raw, &loose); err != nil {
			return nil, err
		}
		m := make(map[string]string, len(loose))
		for k, v := range loose {
			m[k] = looseText(v)
		}
		return m, nil
	},
	merge: decode.MergeMaps,
	format: func(v any) string {
		m := v.(map[string]string)
		var parts []string
		for _, k := range slices.Sorted(maps.Keys(m)) {
			parts = append(parts, k+"="+quoted(m[k]))
		}
		return "{" + strings.Join(parts, " ") + "}"
	},
}

func looseText(v any) string {
	if s, ok := v.(string); ok {
		return s
	}
	b, _ := json.Marshal(v) // v came from JSON
	return string(b)
}

// commaList is a set that the API keeps as one text with commas. It may be
// written either way. item brings one entry, which has the form, into its
// canonical form.
func commaList(name, form string, item func(string) (string, error)) Type {
	canonical := func(items []string) string {
		slices.Sort(items)
		return strings.Join(slices.Compact(items), ",")
	}
	return Type{
		Name:   name,
		Schema: commaSchema(form),
		Absent: "",
		decode: func(d *decoder, n *yaml.Node, path string) (any, bool) {
			list, ok := d.Items(n, path, item)
			return canonical(list), ok
		},
		parse: func(raw json.RawMessage) (any, error) {
			var s string
			if err := json.Unmarshal(raw, &s); err != nil {
				return nil, err
			}
			var list []string
			for _, x := range strings.Split(s, ",") {
				x = strings.TrimSpace(x)
				if x == "" {
					continue
				}
				if good, err := item(x); err == nil {
					x = good
				}
				list = append(list, x)
			}
			return canonical(list), nil
		},
		join: func(base, over any) any {
			return canonical(slices.DeleteFunc(strings.Split(base.(string)+","+over.(string), ","), func(s string) bool { return s == "" }))
		},
		format: func(v any) string { return "[" + strings.ReplaceAll(v.(string), ",", ", ") + "]" },
		yaml: func(v any) any {
			return slices.DeleteFunc(strings.Split(v.(string), ","), func(s string) bool { return s == "" })
		},
	}
}

// commaSchema is for a list of texts of a form, or one text with commas.
func commaSchema(form string) jsonschema.Schema {
	entry := `\s*(` + form + `)\s*`
	return jsonschema.Typed("array", "string").With(jsonschema.Matching(`^(` + entry + `|\s*)(,(` + entry + `|\s*))*$`)).
		With(jsonschema.Schema{"items": jsonschema.Typed("string").With(jsonschema.Matching("^" + entry + "$")).OrExpression()})
}
