package plain

import (
	"strings"

	"gopkg.in/yaml.v3"
)

// value reads the value at the beginning of s, which begins at a column of the current
// line, and returns what is behind it. In a flow collection, fewer texts need no quotes.
func (r *reader) value(s string, column, depth int, inFlow bool) (n *yaml.Node, rest string, ok bool) {
	switch {
	case s == "" || depth > maxDepth:
		return nil, "", false
	case s[0] == '"':
		return r.quoted(s, column, yaml.DoubleQuotedStyle)
	case s[0] == '\'':
		return r.quoted(s, column, yaml.SingleQuotedStyle)
	case s[0] == '{':
		return r.flow(s, column, depth, yaml.Node{Kind: yaml.MappingNode, Tag: "!!map", Style: yaml.FlowStyle}, "}")
	case s[0] == '[':
		return r.flow(s, column, depth, yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq", Style: yaml.FlowStyle}, "]")
	}
	end := wordEnd(s, inFlow)
	if end == 0 {
		return nil, "", false
	}
	return r.node(yaml.Node{Kind: yaml.ScalarNode, Tag: tagOf(s[:end]), Value: s[:end]}, column), s[end:], true
}

// quoted reads a text in quotes without escapes.
func (r *reader) quoted(s string, column int, style yaml.Style) (n *yaml.Node, rest string, ok bool) {
	text, rest, closed := strings.Cut(s[1:], s[:1])
	if !closed || strings.HasPrefix(rest, s[:1]) || style == yaml.DoubleQuotedStyle && strings.Contains(text, `\`) {
		return nil, "", false
	}
	return r.node(yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: text, Style: style}, column), rest, true
}

// flow reads a flow collection that ends with a bracket.
func (r *reader) flow(s string, column, depth int, as yaml.Node, bracket string) (n *yaml.Node, rest string, ok bool) {
	n = r.node(as, column)
	base := len(r.stack)
	end := column + len(s)
	rest = s[1:]
	for first := true; !strings.HasPrefix(rest, bracket); first = false {
		if !first {
			if rest, ok = strings.CutPrefix(rest, ", "); !ok {
				return nil, "", false
			}
		}
		if as.Kind == yaml.MappingNode {
			key, value, ok := cutKey(rest)
			if !ok || value == "" {
				return nil, "", false
			}
			r.push(r.node(yaml.Node{Kind: yaml.ScalarNode, Tag: tagOf(key), Value: key}, end-len(rest)))
			rest = value
		}
		var item *yaml.Node
		if item, rest, ok = r.value(rest, end-len(rest), depth+1, true); !ok {
			return nil, "", false
		}
		r.push(item)
	}
	r.pop(n, base)
	return n, rest[len(bracket):], true
}
