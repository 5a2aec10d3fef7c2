package spec

import (
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// A Schema is a JSON Schema of the draft 2020-12, or a part of one.
type Schema map[string]any

// The dialect of the schemas, and the name of that of specs. The name changes
// with the version of the spec language.
const (
	schemaDialect = "https://json-schema.org/draft/2020-12/schema"
	specSchemaID  = "urn:fleet:spec:1"
)

// JSONSchema is the JSON Schema of a spec file. It accepts all that can be read
// as a spec, or as a part of one, and refuses what no values of variables, no
// other layers and no other files could make right, as far as JSON Schema has
// words for it.
func JSONSchema() Schema {
	root := object(topLevel)
	root["$schema"], root["$id"] = schemaDialect, specSchemaID
	root["title"] = "fleet spec"
	root["description"] = "A spec of fleet, version 1, or one of several files that make up a spec."
	defs := Schema{
		"expression":  Schema{"type": "string", "pattern": expressionPattern, "description": "A text with an expression, such as ${var.size}."},
		"text":        Schema{"anyOf": []Schema{textSchema, ref("reference")}},
		"reference":   valueFromSchema(),
		"variable":    withDescription(variableSchema(), "A variable: its default, or what it has to be."),
		"image":       imageSchema(),
		"environment": environmentSchema(),
	}
	for kind, t := range Tables {
		defs[string(kind)] = t.schema(kind, "", true).orNull()
		defs["defaults-of-"+kind.Section()] = t.schema(kind, "", false).orNull()
		for _, a := range t {
			if a.Role != Derived {
				defs[a.schemaName(kind)] = withExample(withDescription(t.value(a), a.ReferenceText()), a.Example, a.Key)
			}
		}
	}
	root["$defs"] = defs
	return root
}

// expressionPattern is what a text with an expression in it matches.
const expressionPattern = `\$\{`

// All forms are written such that both Go and JavaScript understand them, and
// let texts with expressions pass.

// matching is for texts of a form.
func matching(form string) Schema { return Schema{"pattern": form + "|" + expressionPattern} }

// notMatching is for texts that have none of some forms.
func notMatching(forms ...*regexp.Regexp) Schema {
	var all []string
	for _, f := range forms {
		form, folded := strings.CutPrefix(f.String(), "(?i)")
		if folded {
			form = anyCase(form)
		}
		all = append(all, form)
	}
	return Schema{"anyOf": []Schema{{"pattern": expressionPattern}, {"not": Schema{"pattern": strings.Join(all, "|")}}}}
}

// anyCase is a form without regard to the case of letters, for want of a flag
// that JSON Schema would know.
func anyCase(form string) string {
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

func ref(def string) Schema { return Schema{"$ref": "#/$defs/" + def} }

// typed is a schema of values of some JSON types.
func typed(types ...string) Schema { return Schema{"type": types} }

// textSchema is a text that is written in place. A number is taken as it is
// written.
var textSchema = typed("string", "number")

// with is the schema with further conditions.
func (s Schema) with(more Schema) Schema {
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

// orExpression is the schema of a value as a spec may say it: in place or by an
// expression, and a text also by reference.
func (s Schema) orExpression() Schema {
	types := s["type"].([]string)
	has := func(t string) bool { return strings.Contains(strings.Join(types, " "), t) }
	switch {
	case reflect.DeepEqual(s, textSchema):
		return ref("text")
	case has("string") && has("array"): // a list that may be written as a text
		return s
	case s["enum"] != nil:
		return Schema{"anyOf": []Schema{s, ref("expression"), ref("reference")}}
	case has("string"):
		return Schema{"anyOf": []Schema{s, ref("reference")}}
	}
	said := s.with(Schema{"pattern": expressionPattern, "patternErrorMessage": "A text stands here only for an expression, such as ${var.size}."})
	said["type"] = append(types[:len(types):len(types)], "string")
	return said
}

// orNull lets null pass, which takes back what is said below, or says nothing.
func (s Schema) orNull() Schema {
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
	all["anyOf"] = append(choices[:len(choices):len(choices)], typed("null"))
	return all
}

func withDescription(s Schema, doc string) Schema {
	all := maps.Clone(s)
	all["description"] = doc
	return all
}

// withExample adds the value that an example has under a key.
func withExample(s Schema, example, key string) Schema {
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

// environmentSchema is for a partial spec, which speaks as the whole does, or
// for the file of one.
func environmentSchema() Schema {
	properties := Schema{}
	for _, key := range overlayKeys {
		properties[key] = Schema{"$ref": "#/properties/" + key}
	}
	s := typed("object", "string", "null").with(Schema{"properties": properties, "additionalProperties": false})
	return withDescription(s, "A partial spec, laid over the rest, or the file of one.")
}

// listOf is a list of values that are each said in one of the ways.
func listOf(item Schema) Schema { return typed("array").with(Schema{"items": item.orExpression()}) }

// mapOf is a mapping of names of a form to values of a schema.
func mapOf(form string, value Schema) Schema {
	return typed("object").with(Schema{"propertyNames": Schema{"pattern": form}, "additionalProperties": value})
}

// object is a mapping that has some keys and no others.
func object(keys []Key) Schema {
	properties := Schema{}
	for _, k := range keys {
		properties[k.Name] = withExample(withDescription(k.schema, k.Doc), k.Example, k.Name)
	}
	return typed("object").with(Schema{"properties": properties, "additionalProperties": false})
}

// schema is that of a block, or of the part of it below a prefix. own blocks
// speak of one resource.
func (t Table) schema(kind Kind, prefix string, own bool) Schema {
	properties := Schema{}
	for _, a := range t {
		rest, below := strings.CutPrefix(a.Key, prefix)
		if !below || a.Role == Derived || a.PerResource && !own {
			continue
		}
		key, _, nested := strings.Cut(rest, ".")
		switch {
		case nested && properties[key] == nil:
			properties[key] = withDescription(t.schema(kind, prefix+key+".", own).orNull(), nestedKeyDocs[prefix+key])
		case nested:
		default:
			properties[key] = ref(a.schemaName(kind))
			if a.Type.join != nil {
				properties[appendPrefix+key] = withDescription(ref(a.schemaName(kind)), "What is appended to "+key+" of the layers below.")
			}
		}
	}
	return typed("object").with(Schema{"properties": properties, "additionalProperties": false}).orExpression()
}

// nestedKeyDocs says what the keys are about that others are nested in.
var nestedKeyDocs = map[string]string{
	"resources": "What the sandbox has of a machine.",
	"timeouts":  "Longest times that changes may take, by what they do.",
	"ready":     "How it is found out, after it was created or started, whether the sandbox is ready.",
	"hooks":     "Commands that are run when something happens to the sandbox.",
	"rollout":   "How what disturbs the sandboxes of the group is carried out: what stops, resizes or replaces them.",
}

// schemaName is where the schema of the attribute stands.
func (a *Attribute) schemaName(kind Kind) string { return string(kind) + "." + a.Key }

// value is the schema of an attribute's value in a block.
func (t Table) value(a *Attribute) Schema {
	s := a.Type.schema
	if a.Paths {
		s = s.with(Schema{"items": t.pathSchema()})
	}
	if a.Check != nil {
		s = s.with(a.Check.schema)
	}
	return s.orExpression().orNull()
}

// pathSchema is for the path of what may be ignored.
func (t Table) pathSchema() Schema {
	var paths []string
	entries := "^("
	for _, a := range t {
		for _, path := range []string{a.Key, strings.Split(a.Key, ".")[0]} {
			if wrong, _ := t.pathProblem(path); wrong == "" && a.Role != Derived && !slices.Contains(paths, path) {
				paths = append(paths, path)
			}
		}
		if a.isMapping() && a.Change.Path == "" && a.Role != Derived {
			entries += a.Key + "|"
		}
	}
	return Schema{"anyOf": []Schema{{"enum": paths}, matching(strings.TrimSuffix(entries, "|") + `)\..`), ref("reference")}}
}
