// Package jsonschema builds JSON Schemas of values as specs hold them: written in
// place, by an expression, or by reference.
package jsonschema

import (
	"maps"
	"reflect"
	"regexp"
	"strings"

	"gopkg.in/yaml.v3"
)

// A Schema is a JSON Schema of the draft 2020-12, or a part of one.
type Schema map[string]any

// ExpressionPattern is what a text with an expression in it matches.
const ExpressionPattern = `\$\{`

// All forms are written such that both Go and JavaScript understand them, and
// let texts with expressions pass.

// Matching is for texts of a form.
func Matching(form string) Schema { return Schema{"pattern": form + "|" + ExpressionPattern} }

// NotMatching is for texts that have none of some forms.
func NotMatching(forms ...*regexp.Regexp) Schema {
	var all []string
	for _, f := range forms {
		form, folded := strings.CutPrefix(f.String(), "(?i)")
		if folded {
			form = AnyCase(form)
		}
		all = append(all, form)
	}
	return Schema{"anyOf": []Schema{{"pattern": ExpressionPattern}, {"not": Schema{"pattern": strings.Join(all, "|")}}}}
}

// AnyCase is a form without regard to the case of letters, for want of a flag
// that JSON Schema would know.
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

func Ref(def string) Schema { return Schema{"$ref": "#/$defs/" + def} }

// Typed is a schema of values of some JSON types.
func Typed(types ...string) Schema { return Schema{"type": types} }

// textSchema is a text that is written in place. A number is taken as it is
// written.
var Text = Typed("string", "number")

// With is the schema with further conditions.
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

// OrExpression is the schema of a value as a spec may say it: in place or by an
// expression, and a text also by reference.
func (s Schema) OrExpression() Schema {
	types := s["type"].([]string)
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
	said := s.With(Schema{"pattern": ExpressionPattern, "patternErrorMessage": "A text stands here only for an expression, such as ${var.size}."})
	said["type"] = append(types[:len(types):len(types)], "string")
	return said
}

// OrNull lets null pass, which takes back what is said below, or says nothing.
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

func WithDescription(s Schema, doc string) Schema {
	all := maps.Clone(s)
	all["description"] = doc
	return all
}

// WithExample adds the value that an example has under a key.
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
		s["examples"] = []any{v}
	}
	return s
}

// ListOf is a list of values that are each said in one of the ways.
func ListOf(item Schema) Schema { return Typed("array").With(Schema{"items": item.OrExpression()}) }

// MapOf is a mapping of names of a form to values of a schema.
func MapOf(form string, value Schema) Schema {
	return Typed("object").With(Schema{"propertyNames": Schema{"pattern": form}, "additionalProperties": value})
}
