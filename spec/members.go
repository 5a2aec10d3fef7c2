package spec

import (
	"fmt"

	"gopkg.in/yaml.v3"

	"fleet/internal/decode"
	"fleet/internal/jsonschema"
	"fleet/internal/yamldoc"
)

// members are the copies of a group, as for_each lists them.
var members = Type{
	Name: "list of texts, or mapping",
	Schema: jsonschema.Typed("array", "object").With(jsonschema.Schema{
		"items":         jsonschema.Text.With(jsonschema.Matching(keyPattern.String())).OrExpression(),
		"propertyNames": jsonschema.Schema{"pattern": keyPattern.String()},
	}),
	decode: decodeMembers,
	format: func(v any) string { return fmt.Sprintf("%d entries", len(v.([]decode.Copy))) },
}

func decodeMembers(d *decoder, n *yaml.Node, at string) (any, bool) {
	n = d.Resolve(n)
	sensitive := d.IsTainted()
	var list []decode.Copy
	var keys []*yaml.Node
	ok := true
	if n.Kind == yaml.MappingNode || yamldoc.IsNull(n) {
		entries, _ := d.Entries(n, at)
		for _, e := range entries {
			list, keys = append(list, decode.Copy{Index: len(list), Key: e.Name, Value: e.Value, Decoder: d.Decoder, Sensitive: sensitive}), append(keys, e.Key)
		}
	} else {
		if n.Kind == yaml.ScalarNode {
			d.Errorf(n, at, "expected a list or a mapping, got %s", d.Describe(n))
			return nil, false
		}
		items, isList := d.Sequence(n, at)
		ok = isList
		for i, item := range items {
			s, good := d.Text(item, fmt.Sprintf("%s[%d]", at, i))
			list, keys = append(list, decode.Copy{Index: i, Key: s, Value: item, Decoder: d.Decoder}), append(keys, item)
			ok = ok && good
		}
		if d.IsTainted() {
			d.Errorf(n, at, "a sensitive value cannot make addresses, which are shown everywhere").Hint = "use a mapping, whose keys are not secret"
			ok = false
		}
	}
	if len(list) > maxCopies {
		d.Errorf(n, at, "has %d entries; at most %d copies can be made of one block", len(list), maxCopies)
		return nil, false
	}
	seen := map[string]bool{}
	for i, m := range list {
		switch {
		case ok && !keyPattern.MatchString(m.Key):
			d.Errorf(keys[i], at, "%q cannot be part of an address; write letters, digits and . _ - inside, or a mapping with such keys", m.Key)
			ok = false
		case ok && seen[m.Key]:
			d.Errorf(keys[i], at, "%q is there twice", m.Key)
			ok = false
		}
		seen[m.Key] = true
	}
	return list, ok
}
