package spec

import (
	"fmt"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"fleet/internal/yamldoc"
)

// copiesBlock returns the block of a group. Unless the copies only differ by their
// index, for_each has an entry for each copy with the attributes that differ.
func (x *encodeState) copiesBlock(w outputBlock) (*yaml.Node, error) {
	entries := map[*Resource]*yaml.Node{}
	for _, r := range w.copies {
		entries[r] = yamldoc.NewMapping()
	}
	own := map[*Attribute]bool{} // attributes that differ between copies
	for _, a := range Tables[w.first.Kind] {
		if own[a] = w.differs(a); own[a] && w.indexed == nil {
			if err := x.encodeDiffering(w, a, entries); err != nil {
				return nil, err
			}
		}
	}
	block := yamldoc.NewMapping()
	for _, a := range Tables[w.first.Kind] {
		v := yamldoc.PlainNode("${each.value." + entryKey(a) + "}")
		switch {
		case w.indexed != nil && a == countRow:
			v = yamldoc.NodeOf(len(w.copies))
		case w.indexed != nil && own[a]:
			v = w.indexed[a]
		case a == forEachRow && w.indexed == nil:
			v = entriesNode(w.copies, entries)
		case a == ephemeralRow && own[autoDeleteRow]:
			continue // auto_delete_interval has the value
		case !own[a]:
			var err error
			if v, err = x.value(w, a); err != nil {
				return nil, fmt.Errorf("%s: %w", a.Key, err)
			}
		}
		if v != nil {
			x.place(block, w.first, a, v)
		}
	}
	return block, nil
}

// differs reports whether the copies have different values of an attribute.
func (w outputBlock) differs(a *Attribute) bool {
	switch {
	case a.Role == Derived:
		return false
	case a.Key == nameRow.Key:
		return w.name == ""
	}
	return slices.ContainsFunc(w.copies, func(r *Resource) bool { return !r.EqualAttr(w.first, a) })
}

// encodeDiffering adds an attribute to the entries of the copies. It is null for
// copies without a value.
func (x *encodeState) encodeDiffering(w outputBlock, a *Attribute, entries map[*Resource]*yaml.Node) error {
	for _, r := range w.copies {
		one := outputBlock{key: w.key, name: r.VersionBase(), first: r}
		v, err := x.value(one, a)
		if err != nil {
			return fmt.Errorf("%s: %w", a.Key, err)
		}
		if n, ok := r.attrs.lookup(a); ok && a == autoDeleteRow {
			v = yamldoc.NodeOf(n)
		}
		if v == nil {
			v = &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!null", Value: "null"}
		}
		yamldoc.Put(entries[r], entryKey(a), v)
	}
	return nil
}

// entryKey returns the key of an attribute in an entry of for_each, which is flat.
func entryKey(a *Attribute) string { return strings.ReplaceAll(a.Key, ".", "_") }

// entriesNode returns the value of for_each: a list of keys if no attributes differ,
// else a mapping.
func entriesNode(copies []*Resource, entries map[*Resource]*yaml.Node) *yaml.Node {
	keys, all := &yaml.Node{Kind: yaml.SequenceNode}, yamldoc.NewMapping()
	same := true
	for _, r := range copies {
		_, which := r.Group()
		keys.Content = append(keys.Content, yamldoc.TextNode(which))
		yamldoc.Put(all, which, entries[r])
		same = same && len(entries[r].Content) == 0
	}
	if same {
		return yamldoc.FlowIfShort(keys)
	}
	return all
}

// countByIndex turns the group into one with count, if the copies only differ by
// their index.
func (w *outputBlock) countByIndex(name string) {
	values := map[*Attribute]*yaml.Node{}
	for _, a := range Tables[w.first.Kind] {
		if a.Key == nameRow.Key || !w.differs(a) {
			continue
		}
		if values[a] = w.numbered(a); values[a] == nil {
			return
		}
	}
	w.name, w.count, w.indexed = name, len(w.copies), values
}

// numbered returns the value of an attribute with ${index} in place of the copy's
// index; nil if the copies differ otherwise too.
func (w *outputBlock) numbered(a *Attribute) *yaml.Node {
	if a.Secret || a.Ref != "" || a.Type.refs != nil {
		return nil
	}
	var pattern *yaml.Node
	for i := len(w.copies) - 1; i >= 0; i-- { // a long index is least likely to occur in a value by chance
		r := w.copies[i]
		v, ok := r.attrs.lookup(a)
		if !ok || r.sensitive[a] {
			return nil
		}
		n := yamldoc.NodeOf(a.Type.yamlValue(v))
		if pattern == nil {
			pattern = withIndex(n, fmt.Sprint(i))
		}
		if !matchesPattern(pattern, n, fmt.Sprint(i)) {
			return nil
		}
	}
	return pattern
}

// withIndex returns a value with ${index} in place of a number.
func withIndex(n *yaml.Node, number string) *yaml.Node {
	if n.Kind == yaml.ScalarNode {
		if !strings.Contains(n.Value, number) {
			return n
		}
		return yamldoc.PlainNode(strings.ReplaceAll(n.Value, number, "${index}"))
	}
	all := *n
	all.Content = slices.Clone(n.Content)
	for i, c := range n.Content {
		if isKey := n.Kind == yaml.MappingNode && i%2 == 0; !isKey {
			all.Content[i] = withIndex(c, number)
		}
	}
	return &all
}

// matchesPattern reports whether the pattern with the number for ${index} equals n.
func matchesPattern(pattern, n *yaml.Node, number string) bool {
	if pattern.Kind == yaml.ScalarNode {
		return n.Kind == pattern.Kind && strings.ReplaceAll(pattern.Value, "${index}", number) == n.Value
	}
	return n.Kind == pattern.Kind && slices.EqualFunc(pattern.Content, n.Content, func(a, b *yaml.Node) bool { return matchesPattern(a, b, number) })
}
