package spec

import (
	"encoding/json"
	"slices"
	"strings"

	"fleet/internal/jsonobject"
	"fleet/internal/jsonschema"

	"gopkg.in/yaml.v3"
)

// commaList is a set that the API keeps as one comma-separated text. A spec has a
// list or such a text. form is the pattern of an entry; item returns its canonical
// form.
func commaList(name, form string, item func(string) (string, error)) Type {
	canonical := func(items []string) string {
		slices.Sort(items)
		return strings.Join(slices.Compact(items), ",")
	}
	return Type{
		Name:   name,
		zero:   "",
		Schema: commaSchema(form),
		Absent: "",
		decode: func(d *decoder, n *yaml.Node, path string) (any, bool) {
			list, ok := d.Items(n, path, item)
			return canonical(list), ok
		},
		parse: func(raw json.RawMessage) (any, error) {
			s, err := jsonobject.Text(raw)
			if err != nil {
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

// commaSchema returns the schema of a list of texts with the pattern form, or of
// one comma-separated text.
func commaSchema(form string) jsonschema.Schema {
	entry := `\s*(` + form + `)\s*`
	return jsonschema.Typed("array", "string").With(jsonschema.Matching(`^(` + entry + `|\s*)(,(` + entry + `|\s*))*$`)).
		With(jsonschema.Schema{"items": jsonschema.Typed("string").With(jsonschema.Matching("^" + entry + "$")).OrExpression()})
}
