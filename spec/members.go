package spec

import (
	"fmt"

	"gopkg.in/yaml.v3"
)

// members is what for_each says: the copies of a group.
var members = Type{
	Name: "list of texts, or mapping",
	schema: typed("array", "object").with(Schema{
		"items":         textSchema.with(matching(keyPattern.String())).orExpression(),
		"propertyNames": Schema{"pattern": keyPattern.String()},
	}),
	decode: decodeMembers,
	format: func(v any) string { return fmt.Sprintf("%d entries", len(v.([]member))) },
}

func decodeMembers(d *decoder, n *yaml.Node, at string) (any, bool) {
	n = d.resolve(n)
	sensitive := d.isTainted()
	var list []member
	var keys []*yaml.Node
	ok := true
	if n.Kind == yaml.MappingNode || isNull(n) {
		entries, _ := d.entries(n, at)
		for _, e := range entries {
			list, keys = append(list, member{index: len(list), key: e.name, value: e.value, d: d.nodeDecoder, sensitive: sensitive}), append(keys, e.key)
		}
	} else {
		if n.Kind == yaml.ScalarNode {
			d.errorf(n, at, "expected a list or a mapping, got %s", d.describe(n))
			return nil, false
		}
		items, isList := d.sequence(n, at)
		ok = isList
		for i, item := range items {
			s, good := d.text(item, fmt.Sprintf("%s[%d]", at, i))
			list, keys = append(list, member{index: i, key: s, value: item, d: d.nodeDecoder}), append(keys, item)
			ok = ok && good
		}
		if d.isTainted() {
			d.errorf(n, at, "a sensitive value cannot make addresses, which are shown everywhere").Hint = "use a mapping, whose keys are not secret"
			ok = false
		}
	}
	if len(list) > maxCopies {
		d.errorf(n, at, "has %d entries; at most %d copies can be made of one block", len(list), maxCopies)
		return nil, false
	}
	seen := map[string]bool{}
	for i, m := range list {
		switch {
		case ok && !keyPattern.MatchString(m.key):
			d.errorf(keys[i], at, "%q cannot be part of an address; write letters, digits and . _ - inside, or a mapping with such keys", m.key)
			ok = false
		case ok && seen[m.key]:
			d.errorf(keys[i], at, "%q is there twice", m.key)
			ok = false
		}
		seen[m.key] = true
	}
	return list, ok
}
