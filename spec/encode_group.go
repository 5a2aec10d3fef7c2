package spec

import (
	"fmt"
	"strings"

	"gopkg.in/yaml.v3"
)

// groupBlock writes a group whose copies differ: what differs stays the
// expression that it is, all else is resolved.
func (x *encoding) groupBlock(w written) (*yaml.Node, error) {
	block := mapping()
	for _, a := range Tables[w.first.Kind] {
		v, said := w.source.merged[a]
		switch {
		case a == forEachRow && said:
			x.place(block, w.first, a, membersNode(v.value.([]member), v.d))
		case a == countRow && said:
			x.place(block, w.first, a, nodeOf(v.value))
		case a.Naming:
			if said && !w.source.merged.names(w.first.Kind) {
				x.place(block, w.first, a, v.ruleNode())
			}
		case a.Structure:
		case v.perCopy:
			x.place(block, w.first, a, v.perCopyNode(a.Secret))
		case a.Key == nameRow.Key:
			if said {
				x.place(block, w.first, a, nodeOf(v.value))
			}
		default:
			n, err := x.value(w, a)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", a.Key, err)
			}
			if n != nil {
				x.place(block, w.first, a, n)
			}
		}
	}
	return block, nil
}

// perCopyNode is a value that differs from copy to copy, with what it is merged
// with.
func (v *located) perCopyNode(secret bool) *yaml.Node {
	n := v.d.partly(v.node, secret || v.sensitive)
	if v.below == nil {
		return n
	}
	base := v.below.perCopyNode(secret)
	if v.adds {
		list := *base
		list.Content = append(list.Content[:len(list.Content):len(list.Content)], n.Content...)
		return &list
	}
	return overlaid(base, n)
}

// overlaid is a mapping laid over another.
func overlaid(base, over *yaml.Node) *yaml.Node {
	merged := mapping()
	for i := 0; i+1 < len(base.Content); i += 2 {
		if child(over, base.Content[i].Value) == nil {
			merged.Content = append(merged.Content, base.Content[i], base.Content[i+1])
		}
	}
	for i := 0; i+1 < len(over.Content); i += 2 {
		if !isNull(over.Content[i+1]) {
			merged.Content = append(merged.Content, over.Content[i], over.Content[i+1])
		}
	}
	return merged
}

// partly is a value in which all is resolved but what differs from copy to
// copy. Of secret ones only references are shown.
func (d *decoder) partly(n *yaml.Node, secret bool) *yaml.Node {
	n = follow(n)
	switch {
	case isExternal(n):
		return asWritten(n)
	case n.Kind != yaml.ScalarNode:
		all := &yaml.Node{Kind: n.Kind, Tag: n.Tag}
		for i, c := range n.Content {
			if isKey := n.Kind == yaml.MappingNode && i%2 == 0; isKey {
				all.Content = append(all.Content, asWritten(c))
				continue
			}
			all.Content = append(all.Content, d.partly(c, secret))
		}
		return all
	case !strings.Contains(n.Value, opening) && secret && !isNull(n):
		return nodeOf(hidden)
	case !strings.Contains(n.Value, opening):
		return asWritten(n)
	case secret:
		return asWritten(n)
	case !d.perCopy(n):
		v := d.resolve(n)
		if d.tainted {
			d.tainted, d.secret = false, false
			return asWritten(n)
		}
		return asValue(v)
	}
	return d.partlyText(n)
}

// partlyText is a text in which only what differs from copy to copy is still an
// expression.
func (d *decoder) partlyText(n *yaml.Node) *yaml.Node {
	t, err := parseTemplate(n.Value)
	if err != nil {
		return asWritten(n)
	}
	var b strings.Builder
	for _, p := range t {
		one := template{p}
		s, _, err := d.textOf(one)
		switch {
		case p.expr == nil:
			b.WriteString(strings.ReplaceAll(p.literal, opening, escaped))
		case one.perCopy() || err != nil || d.tainted:
			b.WriteString(p.expr.text)
		default:
			b.WriteString(strings.ReplaceAll(s, opening, escaped))
		}
		d.tainted, d.secret = false, false
	}
	return plainNode(b.String())
}

// asWritten is a node without its place and comments.
func asWritten(n *yaml.Node) *yaml.Node {
	n = follow(n)
	bare := &yaml.Node{Kind: n.Kind, Tag: n.Tag, Value: n.Value, Style: n.Style &^ fromOutside}
	if n.Kind == yaml.MappingNode {
		bare.Style = yaml.FlowStyle
	}
	for _, c := range n.Content {
		bare.Content = append(bare.Content, asWritten(c))
	}
	return bare
}

// asValue is a value in which nothing is an expression.
func asValue(n *yaml.Node) *yaml.Node {
	n = follow(n)
	if n.Kind == yaml.ScalarNode && (n.Tag == "!!str" || n.Style == fromOutside) {
		return textNode(n.Value)
	}
	bare := asWritten(n)
	for i, c := range n.Content {
		bare.Content[i] = asValue(c)
	}
	return bare
}

// membersNode is the value of for_each.
func membersNode(list []member, d *decoder) *yaml.Node {
	texts := &yaml.Node{Kind: yaml.SequenceNode}
	entries := mapping()
	isList := true
	for _, m := range list {
		n := d.resolved(m.value, 0)
		isList = isList && n.Kind == yaml.ScalarNode && n.Value == m.key
		texts.Content = append(texts.Content, asValue(n))
		put(entries, m.key, asValue(n))
	}
	if isList {
		return texts
	}
	return entries
}
