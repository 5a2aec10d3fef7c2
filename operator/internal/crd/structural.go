package crd

import (
	"slices"
	"strings"
)

// A schema is a JSON Schema or a structural schema, as decoded from JSON.
type schema = map[string]any

// A translator turns the JSON Schema of specs into structural schemas, which Kubernetes
// accepts. A structural schema has one type for each value, or none: where a spec may hold
// a value of several types, such as a mapping or an expression, the type is left out. It
// never refuses what the JSON Schema accepts.
type translator struct {
	root     schema // for references
	describe bool   // keep the descriptions
}

// structural returns the structural schema for a JSON Schema.
func (t translator) structural(n schema) schema {
	n = t.resolve(n)
	alternatives := t.alternatives(n)
	types := typesOf(alternatives)
	out := schema{}
	if text, ok := n["description"].(string); ok && t.describe {
		out["description"] = text
	}
	if i := slices.Index(types, "null"); i >= 0 {
		types = slices.Delete(types, i, i+1)
		out["nullable"] = true
	}
	setType(out, types)
	t.addStrings(out, alternatives)
	addNumbers(out, alternatives)
	t.addLists(out, alternatives)
	t.addMappings(out, alternatives)
	return out
}

// setType states what structural schemas can state about types. A value of several types
// has none, except that of integers and strings.
func setType(out schema, types []string) {
	switch {
	case slices.Contains(types, anyType):
		out["nullable"] = true
		out[preserveUnknown] = true
	case len(types) == 1:
		out["type"] = types[0]
	case slices.Equal(types, []string{"integer", "string"}):
		out["x-kubernetes-int-or-string"] = true
	default:
		out[preserveUnknown] = true
	}
}

const (
	preserveUnknown = "x-kubernetes-preserve-unknown-fields"
	anyType         = "any" // of schemas that state no type
)

// resolve returns the schema that a reference leads to. Keys next to the reference
// take precedence.
func (t translator) resolve(n schema) schema {
	path, ok := n["$ref"].(string)
	if !ok {
		return n
	}
	at := t.root
	for _, name := range strings.Split(strings.TrimPrefix(path, "#/"), "/") {
		at = at[name].(schema)
	}
	resolved := schema{}
	for _, from := range []schema{t.resolve(at), n} {
		for key, value := range from {
			if key != "$ref" {
				resolved[key] = value
			}
		}
	}
	return resolved
}

// alternatives returns the schemas that a value may match instead of each other.
func (t translator) alternatives(n schema) []schema {
	choices, ok := n["anyOf"].([]any)
	if _, typed := n["type"]; !ok || typed {
		return []schema{n}
	}
	var all []schema
	for _, choice := range choices {
		all = append(all, t.alternatives(t.resolve(choice.(schema)))...)
	}
	return all
}

// typesOf returns the types of all alternatives, in order.
func typesOf(alternatives []schema) []string {
	var types []string
	for _, n := range alternatives {
		for _, name := range ownTypes(n) {
			if !slices.Contains(types, name) {
				types = append(types, name)
			}
		}
	}
	return types
}

// ownTypes returns the types of a schema that is not one of alternatives.
func ownTypes(n schema) []string {
	switch declared := n["type"].(type) {
	case string:
		return []string{declared}
	case []any:
		types := make([]string, len(declared))
		for i, name := range declared {
			types[i] = name.(string)
		}
		return types
	}
	if n["const"] != nil {
		return []string{"integer"}
	}
	return []string{anyType}
}

// having returns the alternatives that allow a type.
func having(alternatives []schema, types ...string) []schema {
	return slices.DeleteFunc(slices.Clone(alternatives), func(n schema) bool {
		return !slices.ContainsFunc(ownTypes(n), func(name string) bool { return name == anyType || slices.Contains(types, name) })
	})
}
