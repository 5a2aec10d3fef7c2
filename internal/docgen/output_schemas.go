package main

import (
	"encoding"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/invopop/jsonschema"

	"fleet/internal/render"
	"fleet/plan"
	"fleet/spec"
)

// outputPackages are the packages whose types the JSON formats consist of.
var outputPackages = []string{"./internal/diagnostic", "./spec", "./plan", "./apply", "./internal/gc", "./internal/doctor", "./internal/status", "./internal/render"}

// outputTitles are the descriptions of the JSON formats.
var outputTitles = map[string]string{
	"drift":    "The output of fleet drift -o json.",
	"plan":     "The output of fleet plan -o json.",
	"report":   "The output of fleet apply and fleet destroy with -o json.",
	"doctor":   "The output of fleet doctor -o json.",
	"events":   "A line of the output of fleet apply and fleet destroy with -o ndjson.",
	"saved":    "The file that fleet plan --save writes.",
	"gc":       "The output of fleet gc -o json, if it only reports.",
	"validate": "The output of fleet validate -o json.",

	"snapshots": "The output of fleet snapshots -o json.",
	"status":    "The output of fleet status -o json.",
}

// outputSchemas returns the schemas of fleet's output, by format. They are derived
// from the types and their comments. They allow additional fields, since fields may
// be added at any time.
func outputSchemas() (map[string]any, error) {
	enums, err := enumValues(outputPackages)
	if err != nil {
		return nil, err
	}
	r := &jsonschema.Reflector{
		AllowAdditionalProperties: true, ExpandedStruct: true, Anonymous: true,
		Namer: func(t reflect.Type) string {
			name := strings.TrimSuffix(t.Name(), "JSON")
			if name == "" {
				return ""
			}
			return strings.ToUpper(name[:1]) + name[1:]
		},
		Mapper: func(t reflect.Type) *jsonschema.Schema {
			if t == reflect.TypeFor[spec.Value]() {
				return valueSchema()
			}
			if t == reflect.TypeFor[plan.Action]() {
				return &jsonschema.Schema{Type: "string", Enum: actionNames()}
			}
			if t.Implements(reflect.TypeFor[encoding.TextMarshaler]()) {
				return &jsonschema.Schema{Type: "string"}
			}
			if list := enums[t.PkgPath()+"."+t.Name()]; t.Kind() == reflect.String && list != nil {
				return &jsonschema.Schema{Type: "string", Enum: list}
			}
			return nil
		},
	}
	for _, p := range outputPackages {
		if err := r.AddGoComments("fleet", p); err != nil {
			return nil, fmt.Errorf("reading the comments of %s: %w", p, err)
		}
	}
	schemas := map[string]any{}
	for name, output := range render.JSONDocuments() {
		s := r.Reflect(output.Value)
		s.ID, s.Title, s.Description = jsonschema.ID(fmt.Sprintf("urn:fleet:%s:%d", name, output.Version)), "fleet "+name, outputTitles[name]
		schemas[name] = s
	}
	return schemas, nil
}

// valueSchema returns the schema of the values of attributes.
func valueSchema() *jsonschema.Schema {
	text := &jsonschema.Schema{Type: "string"}
	texts := &jsonschema.Schema{Type: "object", AdditionalProperties: text}
	return &jsonschema.Schema{AnyOf: []*jsonschema.Schema{
		{Type: "null"},
		{Type: "boolean"},
		{Type: "number"},
		text, texts,
		{Type: "array", Items: &jsonschema.Schema{AnyOf: []*jsonschema.Schema{text, texts}}},
	}}
}

// actionNames returns the names of all actions.
func actionNames() []any {
	var names []any
	for _, a := range slices.Sorted(slices.Values(plan.Actions())) {
		names = append(names, a.String())
	}
	return names
}

// enumValues returns the values of the constants of named string types, by the
// import path and name of the type.
func enumValues(packages []string) (map[string][]any, error) {
	values := map[string][]any{}
	for _, dir := range packages {
		files, err := filepath.Glob(filepath.Join(dir, "*.go"))
		if err != nil {
			return nil, err
		}
		for _, file := range files {
			parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
			if err != nil {
				return nil, err
			}
			ast.Inspect(parsed, func(n ast.Node) bool {
				spec, ok := n.(*ast.ValueSpec)
				if !ok || len(spec.Values) != 1 {
					return true
				}
				kind, named := spec.Type.(*ast.Ident)
				value, literal := spec.Values[0].(*ast.BasicLit)
				if named && literal && value.Kind == token.STRING {
					word, _ := strconv.Unquote(value.Value) // the parser has read it
					id := path.Join("fleet", dir) + "." + kind.Name
					values[id] = append(values[id], word)
				}
				return true
			})
		}
	}
	return values, nil
}
