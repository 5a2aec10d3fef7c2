package spec

import (
	"maps"
	"slices"
	"strings"
	"unicode"

	"gopkg.in/yaml.v3"

	"fleet/internal/foreign"
)

func mapping() *yaml.Node { return &yaml.Node{Kind: yaml.MappingNode} }

// flowMapping returns a mapping on one line, of alternating keys and values.
func flowMapping(entries ...any) *yaml.Node {
	m := &yaml.Node{Kind: yaml.MappingNode, Style: yaml.FlowStyle}
	for i := 0; i < len(entries); i += 2 {
		putEntry(m, entries[i].(string), nodeOf(entries[i+1]))
	}
	return m
}

// putEntry appends an entry to a mapping and returns the node of its key.
func putEntry(m *yaml.Node, key string, value *yaml.Node) *yaml.Node {
	k := plainNode(key)
	m.Content = append(m.Content, k, value)
	return k
}

// setLineComment sets the comment on the line of an entry.
func setLineComment(key, value *yaml.Node, comment string) {
	if len(value.Content) > 0 { // the value is on the following lines
		key.LineComment = comment
		return
	}
	value.LineComment = comment
}

// childMapping returns the mapping under a key, which it adds if necessary.
func childMapping(m *yaml.Node, key string) *yaml.Node {
	for i := 0; i < len(m.Content); i += 2 {
		if m.Content[i].Value == key {
			return m.Content[i+1]
		}
	}
	putEntry(m, key, mapping())
	return m.Content[len(m.Content)-1]
}

// nodeOf returns a value as YAML: a text, integer or boolean, a list or mapping of texts,
// or a node unchanged.
func nodeOf(v any) *yaml.Node {
	switch v := v.(type) {
	case *yaml.Node:
		return v
	case string:
		return textNode(v)
	case []string:
		n := &yaml.Node{Kind: yaml.SequenceNode}
		for _, s := range v {
			n.Content = append(n.Content, textNode(s))
		}
		return n
	case map[string]string:
		n := mapping()
		for _, k := range slices.Sorted(maps.Keys(v)) {
			putEntry(n, k, textNode(v[k]))
		}
		return n
	}
	n := &yaml.Node{}
	if err := n.Encode(v); err != nil {
		panic("spec: a canonical value does not encode: " + err.Error())
	}
	return n
}

// textNode returns a text as YAML, with its expressions escaped.
func textNode(s string) *yaml.Node { return plainNode(strings.ReplaceAll(s, exprOpen, exprEscaped)) }

// plainNode returns a text as YAML. It is quoted if a YAML parser could read it as
// another type, and a block scalar if it has several lines and no invisible characters.
func plainNode(s string) *yaml.Node {
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

// blockText reports whether a block scalar represents the text exactly and visibly.
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

// maxFlowLength is the length up to which a list of texts is written on one line.
const maxFlowLength = 80

// flowIfShort writes a list of texts on one line if it is short.
func flowIfShort(n *yaml.Node) *yaml.Node {
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
