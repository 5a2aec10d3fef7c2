package spec

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"

	"fleet/internal/redact"
)

// A decoder reads the nodes of one file and collects what is wrong with them.
// Its methods report false when they have told of a mistake.
type decoder struct {
	file             string
	lines            []string
	untrusted        bool    // the text may be of any file, and must not be shown
	lineMap          lineMap // of the text, where the parser counts other lines
	loader           *loader // that knows what expressions stand for
	layer            string  // what to call what is read now, in explanations
	member           *member // the copy of a group that is read now; nil: none
	mergeCount       int     // merge keys followed below the mapping that is read
	mergeDepth       int     // merge keys that it is read through
	secret           bool    // what is read now must not be repeated
	tainted          bool    // what is read now holds a sensitive value
	fromSensitiveVar bool    // a sensitive variable gave it

	deferring      bool          // values that are not set make what is read now unknown, and are no mistakes
	missing        []*Diagnostic // those that came up in it
	hidden         map[int][]hiddenText
	literal        map[*yaml.Node]bool // texts that hold ${ and no expressions
	perCopyAliases map[*yaml.Node]bool // whether an aliased value differs from copy to copy
}

// position is the place of a node.
func (d *decoder) position(n *yaml.Node) Position {
	return Position{File: d.file, Line: n.Line, Column: n.Column}
}

// errorf records what is wrong at a node. What could not be found out was told
// already.
func (d *decoder) errorf(n *yaml.Node, path, format string, args ...any) *Diagnostic {
	if n.Tag == failedTag {
		return &Diagnostic{}
	}
	return d.errorfAt(d.position(n), path, format, args...)
}

func (d *decoder) errorfAt(pos Position, path, format string, args ...any) *Diagnostic {
	if d.loader.reportFull() {
		d.loader.errorCount++
		return &Diagnostic{}
	}
	m := d.diagnosticf(pos, path, format, args...)
	d.loader.report(m)
	return m
}

// rejectText records what is wrong with a text at a node, in a message that may
// repeat the text in quotes.
func (d *decoder) rejectText(n *yaml.Node, path, text, message string) *Diagnostic {
	if d.secret {
		message = redact.New([]string{text}).Text(strings.ReplaceAll(message, strconv.Quote(text), "the value"))
	}
	return d.errorf(n, path, "%s", message)
}

// warnf records what is legal at a node, and unwise, under a code of
// [WarningRules]. A comment on the line of the node can acknowledge it.
func (d *decoder) warnf(code string, n *yaml.Node, path, format string, args ...any) *Diagnostic {
	return d.warnfAt(code, d.position(n), path, format, args...)
}

func (d *decoder) warnfAt(code string, pos Position, path, format string, args ...any) *Diagnostic {
	m := d.diagnosticf(pos, path, format, args...)
	m.Warning, m.Rule = true, code
	if len(d.loader.warnings) >= maxReported || slices.Contains(d.suppressedCodes(pos.Line), code) {
		return m
	}
	d.loader.warnings = append(d.loader.warnings, m)
	return m
}

// diagnosticf is a mistake or a warning with the line that it is about.
func (d *decoder) diagnosticf(pos Position, path, format string, args ...any) *Diagnostic {
	m := &Diagnostic{Pos: pos, Path: path, Message: fmt.Sprintf(format, args...), MarkColumn: pos.Column}
	if !d.untrusted {
		m.Line = strings.ToValidUTF8(d.line(pos.Line), "?")
	}
	return m
}

// maxExcerptLine is how long a line may be, in bytes, to be shown and searched.
const maxExcerptLine = 500

// line is a line of the file, from 1. It is empty when there is none, and when
// it is too long for a reader.
func (d *decoder) line(n int) string {
	if n < 1 || n > len(d.lines) || len(d.lines[n-1]) > maxExcerptLine {
		return ""
	}
	return d.lines[n-1]
}

// An entry is one key of a mapping.
type entry struct {
	name       string
	key, value *yaml.Node
}

// maxMerges bounds the merge keys below one mapping: a few aliases that merge
// each other could otherwise grow without end.
const maxMerges = 10_000

// entries lists a mapping's entries in their order, those of merge keys first.
// An absent value (null) is an empty mapping.
func (d *decoder) entries(n *yaml.Node, path string) ([]entry, bool) {
	n = d.resolve(n)
	if isNull(n) {
		return nil, true
	}
	if n.Kind != yaml.MappingNode {
		d.errorf(n, path, "expected a mapping of keys to values, got %s", d.describe(n))
		return nil, false
	}
	var list []entry
	var merged map[string]bool // without those that the mapping has itself
	first := map[string]*yaml.Node{}
	ok := true
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		if key.Tag == "!!merge" {
			if merged == nil {
				merged = map[string]bool{}
			}
			list = d.addMerged(value, path, list, first, merged)
			continue
		}
		if key.Kind != yaml.ScalarNode || isNull(key) {
			d.errorf(key, path, "a key must be plain text, got %s", describe(key))
			ok = false
			continue
		}
		if before := first[key.Value]; before != nil {
			d.errorf(key, join(path, key.Value), "the key is there twice; the first is on line %d", before.Line)
			ok = false
			continue
		}
		first[key.Value] = key
		list = append(list, entry{key.Value, key, value})
	}
	if merged != nil { // what the mapping has itself wins
		list = slices.DeleteFunc(list, func(e entry) bool { return first[e.name] != nil && first[e.name] != e.key })
	}
	return list, ok
}

// addMerged adds the entries of a merge key's mapping or mappings to the list.
// What came from one before wins.
func (d *decoder) addMerged(value *yaml.Node, path string, list []entry, own map[string]*yaml.Node, before map[string]bool) []entry {
	if d.mergeDepth == 0 {
		d.mergeCount = 0
	}
	d.mergeDepth++
	defer func() { d.mergeDepth-- }()
	value = d.resolve(value)
	sources := []*yaml.Node{value}
	if value.Kind == yaml.SequenceNode {
		sources = value.Content
	}
	for _, s := range sources {
		if d.mergeCount++; d.mergeCount > maxMerges {
			d.errorf(s, path, "more than %d merge keys", maxMerges)
			return list
		}
		more, _ := d.entries(s, path)
		if !d.loader.scope.allowCopies(len(more)) {
			d.errorf(s, path, "the merge keys of the spec stand for more values than fit")
			return list
		}
		for _, e := range more {
			if !before[e.name] && own[e.name] == nil {
				before[e.name] = true
				list = append(list, e)
			}
		}
	}
	return list
}

// sequence lists a list's items.
func (d *decoder) sequence(n *yaml.Node, path string) ([]*yaml.Node, bool) {
	n = d.resolve(n)
	if n.Kind != yaml.SequenceNode {
		d.errorf(n, path, "expected a list, got %s", d.describe(n))
		return nil, false
	}
	items := make([]*yaml.Node, len(n.Content))
	for i, item := range n.Content {
		items[i] = d.resolve(item)
	}
	return items, true
}

// followAlias follows an alias. An anchor cannot contain itself in a node tree
// that yaml.v3 accepted, and aliases of aliases do not exist.
func followAlias(n *yaml.Node) *yaml.Node {
	if n.Kind == yaml.AliasNode {
		return n.Alias
	}
	return n
}

func isNull(n *yaml.Node) bool { return n.Kind == yaml.ScalarNode && n.Tag == "!!null" }

// join extends a path by a key.
func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

// describe says what a node is, for errors; of secret ones no more than the kind.
func (d *decoder) describe(n *yaml.Node) string {
	if n = followAlias(n); d.secret && n.Kind == yaml.ScalarNode && !isNull(n) {
		return "a single value"
	}
	return describe(n)
}

// describe says what a node is, for errors. Values are cut short.
func describe(n *yaml.Node) string {
	n = followAlias(n)
	switch {
	case n.Kind == yaml.MappingNode:
		return "a mapping"
	case n.Kind == yaml.SequenceNode:
		return "a list"
	case isNull(n):
		return "nothing"
	}
	value := n.Value
	if r := []rune(value); len(r) > 40 {
		value = string(r[:40]) + "..."
	}
	switch n.Tag {
	case "!!bool":
		return "the boolean " + value
	case "!!int", "!!float":
		return "the number " + value
	}
	return fmt.Sprintf("the text %q", value)
}
