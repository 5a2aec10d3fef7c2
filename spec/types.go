package spec

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"gopkg.in/yaml.v3"

	"fleet/internal/decode"
	"fleet/internal/jsonobject"
	"fleet/internal/jsonschema"
	"fleet/internal/suggest"
)

// A Type converts the values of an attribute from YAML and from the API's JSON to
// one canonical form: values with the same meaning are equal.
type Type struct {
	Name   string   // for the reference, such as "whole number of minutes"
	Values []string // the allowed values; nil if they are not enumerated
	Keys   []Key    // keys of the mappings in a value; nil if they are free or there are none
	Absent any      // the meaning of a response without the field; nil: unknown

	zero any // a value of the Go type of all values; nil: [Resource.Set] does not accept the type

	Schema jsonschema.Schema // of a value that is not an expression

	decode func(d *decoder, n *yaml.Node, path string) (any, bool) // reports errors to d and returns false
	parse  func(raw json.RawMessage) (any, error)                  // reads the JSON of a response
	encode func(v any) any                                         // returns the JSON value of a request; nil: the value itself
	merge  func(base, over any) any                                // lays a value over a default; nil: the value replaces it
	join   func(base, over any) any                                // appends to a list; nil: not a list
	same   func(want, have any) bool                               // nil: equal
	format func(v any) string                                      // for messages; nil: as fmt prints it

	verbatim bool // values are texts that format returns as they are, and so has JSON
	digest   bool // values are digests, which are not shown

	yaml func(v any) any // returns the value that a spec has; nil: the value itself
	// explain returns what differs between two values, in clauses; nil if the values
	// show it.
	explain func(want, have any, known manifestLookup) []string

	refs func(v any, to Kind) []string // returns names of resources of the kind; nil: none
}

// Appendable reports whether values are lists to which a spec can append.
func (t *Type) Appendable() bool { return t.join != nil }

// Same reports whether the object's value have means the same as want.
func (t *Type) Same(want, have any) bool {
	if t.same != nil {
		return t.same(want, have)
	}
	return equal(want, have)
}

// Format returns the value as text; "(none)" for nil.
func (t Type) Format(v any) string {
	switch {
	case v == nil:
		return "(none)"
	case t.format != nil:
		return t.format(v)
	}
	return fmt.Sprint(v)
}

// requestValue returns the value for the JSON of a request.
func (t Type) requestValue(v any) any {
	if t.encode != nil {
		return t.encode(v)
	}
	return v
}

// yamlValue returns the value for the YAML of a spec.
func (t Type) yamlValue(v any) any {
	if t.yaml != nil {
		return t.yaml(v)
	}
	return v
}

// equal is reflect.DeepEqual, without reflection for the common types.
func equal(a, b any) bool {
	switch a := a.(type) {
	case string, int, bool, nil:
		switch b.(type) {
		case string, int, bool, nil:
			return a == b
		}
		return false
	case Image:
		other, ok := b.(Image)
		return ok && a.Equal(other)
	case Files:
		other, ok := b.(Files)
		return ok && a.Equal(other)
	}
	return reflect.DeepEqual(a, b)
}

// jsonValue parses a value of a plain Go type.
func jsonValue[T any](raw json.RawMessage) (any, error) {
	var v T
	var err error
	switch p := any(&v).(type) { // without reflection for what most values are
	case *string:
		*p, err = jsonobject.Text(raw)
	case *bool:
		*p, err = jsonobject.Flag(raw)
	case *float64:
		*p, err = jsonobject.Number(raw)
	default:
		err = json.Unmarshal(raw, &v)
	}
	return v, err
}

var text = Type{
	Name:   "text",
	zero:   "",
	Schema: jsonschema.Text,
	decode: func(d *decoder, n *yaml.Node, path string) (any, bool) { return d.Text(n, path) },
	parse:  jsonValue[string],
	format: quoted,
}

// opaque is text that is not worth showing, such as a digest.
var opaque = func() Type {
	t := text
	t.format = func(any) string { return "(as in the spec)" }
	t.digest = true
	return t
}()

// quoted returns text in quotes if it is empty or has blanks or quotes.
func quoted(v any) string {
	s := fmt.Sprint(v)
	if s == "" || strings.ContainsAny(s, " \t\n\"'") {
		return strconv.Quote(s)
	}
	return s
}

// oneOf is text with a few allowed values.
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

// flag is true or false; responses omit false.
var flag = Type{
	Name:   "true or false",
	zero:   false,
	Schema: jsonschema.Typed("boolean"),
	Absent: false,
	decode: func(d *decoder, n *yaml.Node, path string) (any, bool) { return d.Flag(n, path) },
	parse:  jsonValue[bool],
}

// wholeNumber is an integer with a unit.
func wholeNumber(unit string) Type {
	return Type{
		Name:   "whole number of " + unit,
		zero:   0,
		Schema: jsonschema.Typed("integer"),
		decode: func(d *decoder, n *yaml.Node, path string) (any, bool) { return d.WholeNumber(n, path, unit) },
		parse: func(raw json.RawMessage) (any, error) {
			f, err := jsonobject.Number(raw) // the API's numbers are integers, but it may send 2.0
			return int(f), err
		},
		format: func(v any) string { return fmt.Sprint(v) },
	}
}

// duration is a time span such as 90s or 5m.
var duration = Type{
	Name:   "duration such as 90s, 5m, 2h or 1d",
	zero:   time.Duration(0),
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

// words is a list of texts whose order matters.
var words = Type{
	Name:   "list of texts",
	zero:   []string(nil),
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

// textMap is a mapping of texts to texts. A response without it has an empty one.
var textMap = Type{
	Name:   "mapping of texts",
	zero:   map[string]string(nil),
	Schema: jsonschema.Typed("object").With(jsonschema.Schema{"additionalProperties": jsonschema.Ref("text").OrNull()}),
	Absent: map[string]string{},
	decode: func(d *decoder, n *yaml.Node, path string) (any, bool) { return d.TextMap(n, path) },
	parse: func(raw json.RawMessage) (any, error) {
		if string(raw) == "{}" {
			return map[string]string{}, nil
		}
		var loose map[string]any // the server stores any JSON value that it was sent
		if err := json.Unmarshal(raw, &loose); err != nil {
			return nil, err
		}
		m := make(map[string]string, len(loose))
		for k, v := range loose {
			m[k] = looseText(v)
		}
		return m, nil
	},
	merge:  decode.MergeMaps,
	format: func(v any) string { return formatTexts(v.(map[string]string)) },
}

func looseText(v any) string {
	if s, ok := v.(string); ok {
		return s
	}
	b, _ := json.Marshal(v) // v came from JSON
	return string(b)
}
