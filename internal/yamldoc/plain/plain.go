// Package plain reads the part of YAML that large generated specs are written in:
// collections of words, numbers and texts in quotes without escapes, where flow
// collections are on one line. It returns the nodes that yaml.v3 returns, without
// comments, at a fraction of the cost. It rejects everything else, also if it is valid
// YAML.
package plain

import (
	"gopkg.in/yaml.v3"
)

// Count returns the number of nodes that [Nodes.Entry] returns for a text, including those
// below its key and value. ok is false if it rejects the text.
func Count(text string, indent int) (nodes int, ok bool) {
	r := reader{rest: text, counts: true}
	r.next()
	m, ok := r.mapping(indent, 0)
	return r.nodes - 1, ok && r.ended && m.entries == 1
}

// Nodes are the nodes of one entry. The zero Nodes has none.
type Nodes struct {
	nodes   []yaml.Node
	content []*yaml.Node
	stack   []*yaml.Node
}

// Entry returns the key and the value of a text that is a block mapping of one entry,
// indented by a number of spaces. line is the number of its first line, and nodes what
// [Count] returns for the text. ok is false if the text is anything else or not in plain
// form. Empty lines and lines of comments are skipped. Entry overwrites the nodes that
// the previous call returned.
func (own *Nodes) Entry(text string, line, indent, nodes int) (key, value *yaml.Node, ok bool) {
	nodes++ // for the mapping
	if cap(own.nodes) < nodes {
		own.nodes, own.content = make([]yaml.Node, nodes), make([]*yaml.Node, nodes)
	}
	r := reader{rest: text, line: line - 1, slab: own.nodes[:nodes], content: own.content[:nodes], stack: own.stack[:0]}
	r.next()
	m, ok := r.mapping(indent, 0)
	own.stack = r.stack
	if !ok || !r.ended || m.entries != 1 {
		return nil, nil, false
	}
	return m.node.Content[0], m.node.Content[1], true
}

// maxDepth limits the collections within each other.
const maxDepth = 20

// A reader reads the lines of a text.
type reader struct {
	rest   string // the lines below
	line   int    // number of the current line
	indent int    // spaces before its text; -1 below the last line
	text   string // of the current line, without its indentation
	ended  bool   // all lines were read

	counts  bool         // nodes are counted and not made
	nodes   int          // that were counted
	slab    []yaml.Node  // for nodes to make
	content []*yaml.Node // for the content of nodes to make
	stack   []*yaml.Node // content of collections that are being read
}

// A collection is a mapping or sequence that was read.
type collection struct {
	node    *yaml.Node
	entries int
}

// next advances to the next line, without empty lines and comments. It stops with an
// indent of -1 at a line with a character that plain texts do not have.
func (r *reader) next() {
	r.indent, r.text = -1, ""
	for r.rest != "" {
		line := r.cutLine()
		spaces := 0
		for spaces < len(line) && line[spaces] == ' ' {
			spaces++
		}
		r.line++
		switch text := line[spaces:]; {
		case !isPrintable(text):
			return
		case text != "" && text[0] != '#':
			r.indent, r.text = spaces, text
			return
		}
	}
	r.ended = true
}

// node returns a node that begins at a column of the current line, counted from 0.
func (r *reader) node(n yaml.Node, column int) *yaml.Node {
	r.nodes++
	if r.counts || len(r.slab) == 0 {
		return nil
	}
	n.Line, n.Column = r.line, column+1
	made := &r.slab[0]
	*made = n
	r.slab = r.slab[1:]
	return made
}

// push adds a node to the content of the collection that is being read.
func (r *reader) push(n *yaml.Node) {
	if !r.counts {
		r.stack = append(r.stack, n)
	}
}

// pop moves the content above a depth of the stack to the collection n.
func (r *reader) pop(n *yaml.Node, depth int) {
	if r.counts || n == nil {
		return
	}
	count := copy(r.content, r.stack[depth:])
	n.Content, r.content = r.content[:count:count], r.content[count:]
	r.stack = r.stack[:depth]
}
