package yamldoc

import (
	"iter"
	"strings"

	"gopkg.in/yaml.v3"

	"fleet/internal/diagnostic"
	"fleet/internal/expr"
	"fleet/internal/yamldoc/plain"
)

// deferredEntries are the first entries of a mapping, whose nodes are made one after
// the other when they are needed: the nodes of a large spec take far more memory than
// its text.
type deferredEntries struct {
	text   string // of the section, without its key
	line   int    // number of its first line
	indent int
	list   []deferredEntry
}

// A deferredEntry is the place of an entry in the text of its section.
type deferredEntry struct {
	begin, end int // in bytes
	line       int // lines of the section before the entry
	nodes      int
}

// ParseDeferring is [File.Parse] for a file with a top-level mapping under key. The
// mapping's first entries may be left out of its node, if they are in plain form:
// [File.Deferred] has them, and they precede those of the node.
func (f *File) ParseDeferring(text []byte, limit int, key string) ([]*yaml.Node, *diagnostic.Diagnostic) {
	if wrong := f.check(text); wrong != nil {
		return nil, wrong
	}
	if entries, rest := deferEntries(f.textOf(text), key); entries != nil {
		documents, wrong := f.parse(rest, limit)
		if wrong == nil {
			if n := entries.mapping(documents, key); n != nil {
				f.deferred = map[*yaml.Node]*deferredEntries{n: entries}
				return documents, nil
			}
		}
	}
	return f.parse(text, limit)
}

// Deferred returns the entries that are left out of the node of a mapping.
func (f *File) Deferred(n *yaml.Node) *Deferred { return &Deferred{entries: f.deferred[n]} }

// Deferred are the entries of a mapping that were left out of its node.
type Deferred struct {
	entries *deferredEntries // nil if there are none
	nodes   plain.Nodes
}

// All returns the keys and values of the entries. Their nodes are valid until the next
// iteration, unless Keep is called.
func (f *Deferred) All() iter.Seq2[*yaml.Node, *yaml.Node] {
	return func(yield func(key, value *yaml.Node) bool) {
		if f.entries == nil {
			return
		}
		for _, e := range f.entries.list {
			text := f.entries.text[e.begin:e.end]
			key, value, ok := f.nodes.Entry(text, f.entries.line+e.line, f.entries.indent, e.nodes)
			if !ok {
				panic("yamldoc: an entry in plain form does not parse")
			}
			if strings.Contains(text, expr.Open) { // decoders remember nodes with expressions
				f.Keep()
			}
			if !yield(key, value) {
				return
			}
		}
	}
}

// Keep makes the nodes of the current entry valid for ever.
func (f *Deferred) Keep() { f.nodes = plain.Nodes{} }

// textOf returns a text as a string. It is that of the file, if they are the same.
func (f *File) textOf(text []byte) string {
	if string(text) == f.text {
		return f.text
	}
	return string(text)
}

// deferEntries returns the entries to leave out of the mapping under key, and the text
// with empty lines in their place. It returns nil if there are none, or if other parts
// of the text may depend on them.
func deferEntries(text, key string) (entries *deferredEntries, rest []byte) {
	for _, unsafe := range []string{"&", "<<", "\r", "\ufeff"} { // anchors, merge keys, other line ends and byte order marks
		if strings.Contains(text, unsafe) {
			return nil, nil
		}
	}
	head := "\n" + key + ":\n"
	begin := strings.Index(text, head)
	if begin < 0 {
		return nil, nil
	}
	begin += len(head)
	entries = &deferredEntries{text: text[begin:], line: 1 + strings.Count(text[:begin], "\n")}
	end := begin + entries.find()
	if len(entries.list) == 0 {
		return nil, nil
	}
	entries.text = text[begin:end]
	blank := strings.Repeat("\n", strings.Count(entries.text, "\n"))
	return entries, []byte(text[:begin] + blank + text[end:])
}

// find lists the entries in plain form at the beginning of the section that others
// follow, and returns the offset of those.
func (s *deferredEntries) find() (end int) {
	s.indent = -1
	last := deferredEntry{begin: -1} // the entry above the line
	line := 0
	for begin := 0; begin < len(s.text); line++ {
		text, _, _ := strings.Cut(s.text[begin:], "\n")
		inner := strings.TrimLeft(text, " ")
		indent := len(text) - len(inner)
		if inner != "" && inner[0] != '#' {
			switch {
			case s.indent < 0 && indent > 0:
				s.indent = indent
			case indent < s.indent || s.indent < 0:
				return end
			}
			if indent == s.indent {
				if last.begin >= 0 && !s.add(last, begin) {
					return end
				}
				end = begin
				last = deferredEntry{begin: begin, line: line}
			}
		}
		begin += len(text) + 1
	}
	return end
}

// add adds an entry that ends at an offset. It returns false if the entry is not in plain
// form.
func (s *deferredEntries) add(e deferredEntry, end int) bool {
	nodes, ok := plain.Count(s.text[e.begin:end], s.indent)
	if ok {
		e.end, e.nodes = end, nodes
		s.list = append(s.list, e)
	}
	return ok
}

// mapping returns the node that the entries belong to. It returns nil if the text has
// another meaning with the entries than without.
func (s *deferredEntries) mapping(documents []*yaml.Node, key string) *yaml.Node {
	for _, d := range documents {
		if len(d.Content) == 0 || d.Content[0].Kind != yaml.MappingNode || d.Content[0].Style&yaml.FlowStyle != 0 {
			continue
		}
		root := d.Content[0]
		for i := 0; i+1 < len(root.Content); i += 2 {
			k, v := root.Content[i], root.Content[i+1]
			isKey := k.Line == s.line-1 && k.Column == 1 && k.Value == key
			if isKey && v.Kind == yaml.MappingNode && v.Style == 0 && v.Column == s.indent+1 {
				return v
			}
		}
	}
	return nil
}
