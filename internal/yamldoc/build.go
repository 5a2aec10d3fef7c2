package yamldoc

import (
	"maps"
	"slices"
	"strings"
	"unicode"

	"gopkg.in/yaml.v3"

	"fleet/internal/expr"
	"fleet/internal/foreign"
)

// NewMapping returns an empty mapping.
func NewMapping() *yaml.Node { return &yaml.Node{Kind: yaml.MappingNode} }

// FlowMapping returns a mapping on one line. The entries are keys and values in turn.
func FlowMapping(entries ...any) *yaml.Node {
	m := &yaml.Node{Kind: yaml.MappingNode, Style: yaml.FlowStyle}
	for i := 0; i < len(entries); i += 2 {
		Put(m, entries[i].(string), NodeOf(entries[i+1]))
	}
	return m
}

// Put adds an entry to a mapping and returns the node of its key.
func Put(m *yaml.Node, key string, value *yaml.Node) *yaml.Node {
	k := PlainNode(key)
	m.Content = append(m.Content, k, value)
	return k
}

// SetLineComment adds a comment to the line of an entry.
func SetLineComment(key, value *yaml.Node, comment string) {
	if len(value.Content) > 0 { // they are on the lines below
		key.LineComment = comment
		return
	}
	value.LineComment = comment
}

// ChildMapping returns the mapping under a key of m. It adds an empty one if there is
// none.
func ChildMapping(m *yaml.Node, key string) *yaml.Node {
	for i := 0; i < len(m.Content); i += 2 {
		if m.Content[i].Value == key {
			return m.Content[i+1]
		}
	}
	Put(m, key, NewMapping())
	return m.Content[len(m.Content)-1]
}

// NodeOf returns the node of a value: a text, a whole number or boolean, a list or
// mapping of texts, or a node, which is returned itself.
func NodeOf(v any) *yaml.Node {
	switch v := v.(type) {
	case *yaml.Node:
		return v
	case string:
		return TextNode(v)
	case []string:
		n := &yaml.Node{Kind: yaml.SequenceNode}
		for _, s := range v {
			n.Content = append(n.Content, TextNode(s))
		}
		return n
	case map[string]string:
		n := NewMapping()
		for _, k := range slices.Sorted(maps.Keys(v)) {
			Put(n, k, TextNode(v[k]))
		}
		return n
	}
	n := &yaml.Node{}
	if err := n.Encode(v); err != nil {
		panic("spec: a canonical value does not encode: " + err.Error())
	}
	return n
}

// TextNode returns the node of a text in which ${ is escaped.
func TextNode(s string) *yaml.Node { return PlainNode(strings.ReplaceAll(s, expr.Open, expr.Escaped)) }

// PlainNode returns the node of a text. A text that some YAML parser could read as
// another type is quoted. A text of several lines is a block scalar if that shows all
// its characters.
func PlainNode(s string) *yaml.Node {
	n := &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: s, Style: yaml.DoubleQuotedStyle}
	switch {
	case blockText(s):
		n.Style = yaml.LiteralStyle
	case s == "<<" || foreign.Escape(s) != s || foreign.EscapeLog(s) != s: // in quotes, escapes mean the same
	default:
		_ = n.Encode(s) // a text always encodes
	}
	return n
}

// blockText reports whether a block scalar shows all characters of a text.
func blockText(s string) bool {
	if foreign.EscapeLog(s) != s {
		return false
	}
	for line := range strings.Lines(s) {
		line = strings.TrimSuffix(line, "\n")
		if strings.TrimRight(line, " \t") != line || strings.ContainsFunc(line, func(r rune) bool { return r == '\ufeff' || !unicode.IsPrint(r) && r != '\t' }) {
			return false
		}
	}
	return strings.Contains(s, "\n") && strings.TrimLeft(s, " \t\n") == s
}

// maxFlowLength is the maximum length, in bytes, of a list of texts on one line.
const maxFlowLength = 80

// FlowIfShort puts a list of texts on one line if it is short.
func FlowIfShort(n *yaml.Node) *yaml.Node {
	length := 0
	for _, item := range n.Content {
		if item.Kind != yaml.ScalarNode {
			return n
		}
		length += len(item.Value) + len(", ")
	}
	if n.Kind == yaml.SequenceNode && length <= maxFlowLength {
		n.Style = yaml.FlowStyle
	}
	return n
}
