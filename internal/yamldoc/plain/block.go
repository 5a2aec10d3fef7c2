package plain

import (
	"strings"

	"gopkg.in/yaml.v3"
)

// mapping reads the block mapping that begins at the current line.
func (r *reader) mapping(indent, depth int) (collection, bool) {
	if r.indent != indent || depth > maxDepth {
		return collection{}, false
	}
	c := collection{node: r.node(yaml.Node{Kind: yaml.MappingNode, Tag: "!!map"}, indent)}
	base := len(r.stack)
	for ; r.indent == indent; c.entries++ {
		if !r.entry(depth) {
			return c, false
		}
	}
	r.pop(c.node, base)
	return c, r.indent < indent
}

// entry reads an entry of a block mapping.
func (r *reader) entry(depth int) bool {
	key, value, ok := cutKey(r.text)
	if !ok {
		return false
	}
	column := r.indent
	r.push(r.node(yaml.Node{Kind: yaml.ScalarNode, Tag: tagOf(key), Value: key}, column))
	if value != "" {
		return r.lineValue(value, column+len(r.text)-len(value), depth)
	}
	r.next()
	var below collection
	switch isItem := strings.HasPrefix(r.text, "- "); {
	case isItem && r.indent >= column: // the items may be at the indentation of the key
		below, ok = r.sequence(r.indent, depth+1)
	case r.indent > column:
		below, ok = r.mapping(r.indent, depth+1)
	default: // null
		return false
	}
	r.push(below.node)
	return ok
}

// cutKey returns the key of a line and the text behind it, "" if there is none.
func cutKey(line string) (key, value string, ok bool) {
	i := 0
	for i < len(line) && isWord[line[i]] {
		i++
	}
	switch rest := line[i:]; {
	case i == 0 || i > maxKey || !isStart[line[0]]:
		return "", "", false
	case rest == ":":
		return line[:i], "", true
	case strings.HasPrefix(rest, ": ") && len(rest) > len(": "):
		return line[:i], rest[len(": "):], true
	}
	return "", "", false
}

// maxKey is the maximum length of a key in bytes.
const maxKey = 200

// lineValue reads a value that ends with the current line, and advances to the next
// line.
func (r *reader) lineValue(s string, column, depth int) bool {
	n, rest, ok := r.value(s, column, depth, false)
	r.push(n)
	r.next()
	return ok && rest == ""
}

// sequence reads the block sequence that begins at the current line.
func (r *reader) sequence(indent, depth int) (collection, bool) {
	if depth > maxDepth {
		return collection{}, false
	}
	c := collection{node: r.node(yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq"}, indent)}
	base := len(r.stack)
	for ; r.indent == indent && strings.HasPrefix(r.text, "- "); c.entries++ {
		item := r.text[len("- "):]
		column := indent + len("- ")
		if _, _, isEntry := cutKey(item); !isEntry {
			if !r.lineValue(item, column, depth) {
				return c, false
			}
			continue
		}
		r.indent, r.text = column, item
		m, ok := r.mapping(column, depth+1)
		if !ok {
			return c, false
		}
		r.push(m.node)
	}
	r.pop(c.node, base)
	return c, r.indent <= indent
}

// cutLine removes the first line from the rest and returns it.
func (r *reader) cutLine() string {
	line, rest, _ := strings.Cut(r.rest, "\n")
	r.rest = rest
	return line
}
