// Package jsonschema builds JSON Schemas of values as specs hold them: written in
// place, by an expression, or by reference.
package jsonschema

import (
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// A Schema is a JSON Schema of draft 2020-12, or a part of one.
type Schema map[string]any

// ExpressionPattern matches texts with an expression.
const ExpressionPattern = `\$\{`

// Matching returns a schema of texts that match a pattern or contain an expression. The
// pattern must be valid in Go and in JavaScript.
func Matching(form string) Schema { return Schema{"pattern": form + "|" + ExpressionPattern} }

// NotMatching returns a schema of texts that match none of the patterns or contain an
// expression. Editors show the rule, which describes the texts, next to an error. The error
// itself names no pattern, since the text should match none of them.
func NotMatching(rule string, forms ...*regexp.Regexp) Schema {
	var all []string
	for _, f := range forms {
		form, folded := strings.CutPrefix(f.String(), "(?i)")
		if folded {
			form = AnyCase(form)
		}
		all = append(all, form)
	}
	wrong := Schema{"pattern": strings.Join(all, "|"), "not": Schema{"pattern": ExpressionPattern}}
	return Schema{"allOf": []Schema{{"title": rule, "not": wrong}}}
}

// AnyCase returns a pattern that ignores the case of letters, since JSON Schema has no
// flag for it.
func AnyCase(form string) string {
	var b strings.Builder
	class, after := false, rune(0)
	for _, r := range strings.ReplaceAll(form, "a-z", "a-zA-Z") {
		lower, upper := strings.ToLower(string(r)), strings.ToUpper(string(r))
		switch {
		case r == '[' && after != '\\':
			class = true
		case r == ']' && after != '\\':
			class = false
		}
		if lower != upper && !class && after != '\\' {
			b.WriteString("[" + lower + upper + "]")
		} else {
			b.WriteRune(r)
		}
		after = r
	}
	return strings.ReplaceAll(b.String(), "a-f", "a-fA-F")
}

// Ref returns a reference to a definition of the schema of specs.
func Ref(def string) Schema { return Schema{"$ref": "#/$defs/" + def} }

// Typed returns a schema of values of some JSON types.
func Typed(types ...string) Schema { return Schema{"type": types} }

// Text is the schema of a text that is written in place. A number is read as it is
// written.
var Text = Typed("string", "number")

// With returns the schema with additional conditions.
func (s Schema) With(more Schema) Schema {
	all := maps.Clone(s)
	rest := Schema{}
	for k, v := range more {
		if _, taken := all[k]; taken {
			rest[k] = v
		} else {
			all[k] = v
		}
	}
	if len(rest) > 0 {
		before, _ := all["allOf"].([]Schema)
		all["allOf"] = append(before[:len(before):len(before)], rest)
	}
	return all
}

// OrExpression returns the schema of a value in a spec: written in place, as an
// expression or, for texts, by reference. It returns a schema of alternatives
// unchanged, since one of them is that of expressions.
func (s Schema) OrExpression() Schema {
	types, plain := s["type"].([]string)
	if !plain {
		return s
	}
	has := func(t string) bool { return strings.Contains(strings.Join(types, " "), t) }
	switch {
	case reflect.DeepEqual(s, Text):
		return Ref("text")
	case has("string") && has("array"): // a list that may be written as a text
		return s
	case s["enum"] != nil:
		return Schema{"anyOf": []Schema{s, Ref("expression"), Ref("reference")}}
	case has("string"):
		return Schema{"anyOf": []Schema{s, Ref("reference")}}
	}
	value := s.With(Schema{"pattern": ExpressionPattern})
	value["type"] = append(types[:len(types):len(types)], "string")
	return value
}

// OrNull returns the schema that also allows null.
func (s Schema) OrNull() Schema {
	all := maps.Clone(s)
	if types, ok := s["type"].([]string); ok {
		all["type"] = append(types[:len(types):len(types)], "null")
		return all
	}
	choices, ok := s["anyOf"].([]Schema)
	if !ok {
		choices = []Schema{s}
		all = Schema{}
	}
	all["anyOf"] = append(choices[:len(choices):len(choices)], Typed("null"))
	return all
}

// WithDescription returns the schema with a description.
func WithDescription(s Schema, doc string) Schema {
	all := maps.Clone(s)
	all["description"] = doc
	return all
}

// WithExample adds the value that an example in YAML has under a key, which may be
// dotted. It omits what editors cannot insert from it.
func WithExample(s Schema, example, key string) Schema {
	var v any
	if err := yaml.Unmarshal([]byte(example), &v); err != nil {
		panic("spec: the example of " + key + " is not YAML: " + err.Error())
	}
	for _, k := range strings.Split(key, ".") {
		m, _ := v.(map[string]any)
		v = m[k]
	}
	if v != nil {
		s["examples"] = []any{insertable(v)}
	}
	return s
}

// insertable returns a value without the lists of mappings that are below a mapping:
// yaml-language-server inserts each of their entries as "[object Object]".
func insertable(v any) any {
	m, ok := v.(map[string]any)
	if !ok {
		return v
	}
	kept := map[string]any{}
	for key, value := range m {
		if !hasNested(value) {
			kept[key] = insertable(value)
		}
	}
	return kept
}

// hasNested reports whether a value is a list with a mapping or list.
func hasNested(v any) bool {
	list, _ := v.([]any)
	return slices.ContainsFunc(list, func(item any) bool {
		switch item.(type) {
		case map[string]any, []any:
			return true
		}
		return false
	})
}

// ListOf returns a schema of lists of values, each written in place, as an expression
// or by reference.
func ListOf(item Schema) Schema { return Typed("array").With(Schema{"items": item.OrExpression()}) }

// MapOf returns a schema of mappings whose keys match a pattern.
func MapOf(form string, value Schema) Schema {
	return Typed("object").With(Schema{"propertyNames": Schema{"pattern": form}, "additionalProperties": value})
}
