package spec

import (
	"fmt"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// copiesBlock writes copies that no count makes: for_each has an entry for each
// of them, with what it says by itself.
func (x *encoding) copiesBlock(w written) (*yaml.Node, error) {
	entries := map[*Resource]*yaml.Node{}
	for _, r := range w.copies {
		entries[r] = mapping()
	}
	own := map[*Attribute]bool{} // said of each copy by itself
	for _, a := range Tables[w.first.Kind] {
		if own[a] = w.differs(a); own[a] {
			if err := x.differing(w, a, entries); err != nil {
				return nil, err
			}
		}
	}
	block := mapping()
	for _, a := range Tables[w.first.Kind] {
		v := plainNode("${each.value." + entryKey(a) + "}")
		switch {
		case a == forEachRow:
			v = entriesNode(w.copies, entries)
		case a == ephemeralRow && own[autoDeleteRow]:
			continue // the interval says it
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

// differs reports whether the copies say different things of an attribute.
func (w written) differs(a *Attribute) bool {
	switch {
	case a.Role == Derived:
		return false
	case a.Key == nameRow.Key:
		return w.name == ""
	}
	return slices.ContainsFunc(w.copies, func(r *Resource) bool { return !r.Agrees(w.first, a) })
}

// differing writes an attribute into the entries of the copies. null leaves it
// out for a copy.
func (x *encoding) differing(w written, a *Attribute, entries map[*Resource]*yaml.Node) error {
	for _, r := range w.copies {
		one := written{key: w.key, name: r.Name(), first: r}
		v, err := x.value(one, a)
		if err != nil {
			return fmt.Errorf("%s: %w", a.Key, err)
		}
		if n, said := r.Attrs[a]; said && a == autoDeleteRow {
			v = nodeOf(n)
		}
		if v == nil {
			v = &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!null", Value: "null"}
		}
		put(entries[r], entryKey(a), v)
	}
	return nil
}

// entryKey is the key of an attribute in an entry of for_each, where nothing is
// nested.
func entryKey(a *Attribute) string { return strings.ReplaceAll(a.Key, ".", "_") }

// entriesNode is the value of for_each: a list when the copies say nothing by
// themselves.
func entriesNode(copies []*Resource, entries map[*Resource]*yaml.Node) *yaml.Node {
	keys, all := &yaml.Node{Kind: yaml.SequenceNode}, mapping()
	alike := true
	for _, r := range copies {
		_, which := r.Group()
		keys.Content = append(keys.Content, textNode(which))
		put(all, which, entries[r])
		alike = alike && len(entries[r].Content) == 0
	}
	if alike {
		return short(keys)
	}
	return all
}
