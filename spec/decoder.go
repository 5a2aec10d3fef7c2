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
	file    string
	lines   []string
	guarded bool    // the text may be of any file, and must not be shown
	breaks  returns // of the text, where the parser counts other lines
	values  *loader // that knows what expressions stand for
	layer   string  // what to call what is read now, in explanations
	member  *member // the copy of a group that is read now; nil: none
	merges  int     // merge keys followed below the mapping that is read
	merging int     // merge keys that it is read through
	secret  bool    // what is read now must not be repeated
	tainted bool    // what is read now holds a sensitive value
	spilled bool    // a sensitive variable gave it

	deferring bool       // values that are not set make what is read now unknown, and are no mistakes
	missing   []*Mistake // those that came up in it
	hidden    map[int][]hiddenText
	literal   map[*yaml.Node]bool // texts that hold ${ and no expressions
	copies    map[*yaml.Node]bool // whether an aliased value differs from copy to copy
}

// at is the place of a node.
func (d *decoder) at(n *yaml.Node) Position { return Position{d.file, n.Line, n.Column} }

// mistake records what is wrong at a node. What could not be found out was told
// already.
func (d *decoder) mistake(n *yaml.Node, path, format string, args ...any) *Mistake {
	if n.Tag == failedTag {
		return &Mistake{}
	}
	return d.mistakeAt(d.at(n), path, format, args...)
}

func (d *decoder) mistakeAt(pos Position, path, format string, args ...any) *Mistake {
	if d.values.full() {
		d.values.found++
		return &Mistake{}
	}
	m := d.remark(pos, path, format, args...)
	d.values.tell(m)
	return m
}

// refuse records what is wrong with a text at a node, in a message that may
// repeat the text in quotes.
func (d *decoder) refuse(n *yaml.Node, path, text, message string) *Mistake {
	if d.secret {
		message = redact.New([]string{text}).Text(strings.ReplaceAll(message, strconv.Quote(text), "the value"))
	}
	return d.mistake(n, path, "%s", message)
}

// warn records what is legal at a node, and unwise, under a code of
// [WarningRules]. A comment on the line of the node can acknowledge it.
func (d *decoder) warn(code string, n *yaml.Node, path, format string, args ...any) *Mistake {
	return d.warnAt(code, d.at(n), path, format, args...)
}

func (d *decoder) warnAt(code string, pos Position, path, format string, args ...any) *Mistake {
	m := d.remark(pos, path, format, args...)
	m.Warning, m.Rule = true, code
	if len(d.values.warnings) >= maxTold || slices.Contains(d.acknowledged(pos.Line), code) {
		return m
	}
	d.values.warnings = append(d.values.warnings, m)
	return m
}

// remark is a mistake or a warning with the line that it is about.
func (d *decoder) remark(pos Position, path, format string, args ...any) *Mistake {
	m := &Mistake{Pos: pos, Path: path, Message: fmt.Sprintf(format, args...), mark: pos.Column}
	if !d.guarded {
		m.Line = strings.ToValidUTF8(d.line(pos.Line), "?")
	}
	return m
}

// longestShown is how long a line may be, in bytes, to be shown and searched.
const longestShown = 500

// line is a line of the file, from 1. It is empty when there is none, and when
// it is too long for a reader.
func (d *decoder) line(n int) string {
	if n < 1 || n > len(d.lines) || len(d.lines[n-1]) > longestShown {
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
		d.mistake(n, path, "expected a mapping of keys to values, got %s", d.describe(n))
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
			list = d.merged(value, path, list, first, merged)
			continue
		}
		if key.Kind != yaml.ScalarNode || isNull(key) {
			d.mistake(key, path, "a key must be plain text, got %s", describe(key))
			ok = false
			continue
		}
		if before := first[key.Value]; before != nil {
			d.mistake(key, join(path, key.Value), "the key is there twice; the first is on line %d", before.Line)
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

// merged adds the entries of a merge key's mapping or mappings to the list.
// What came from one before wins.
func (d *decoder) merged(value *yaml.Node, path string, list []entry, own map[string]*yaml.Node, before map[string]bool) []entry {
	if d.merging == 0 {
		d.merges = 0
	}
	d.merging++
	defer func() { d.merging-- }()
	value = d.resolve(value)
	sources := []*yaml.Node{value}
	if value.Kind == yaml.SequenceNode {
		sources = value.Content
	}
	for _, s := range sources {
		if d.merges++; d.merges > maxMerges {
			d.mistake(s, path, "more than %d merge keys", maxMerges)
			return list
		}
		more, _ := d.entries(s, path)
		if !d.values.scope.copies(len(more)) {
			d.mistake(s, path, "the merge keys of the spec stand for more values than fit")
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
		d.mistake(n, path, "expected a list, got %s", d.describe(n))
		return nil, false
	}
	items := make([]*yaml.Node, len(n.Content))
	for i, item := range n.Content {
		items[i] = d.resolve(item)
	}
	return items, true
}

// follow follows an alias. An anchor cannot contain itself in a node tree
// that yaml.v3 accepted, and aliases of aliases do not exist.
func follow(n *yaml.Node) *yaml.Node {
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
	if n = follow(n); d.secret && n.Kind == yaml.ScalarNode && !isNull(n) {
		return "a single value"
	}
	return describe(n)
}

// describe says what a node is, for errors. Values are cut short.
func describe(n *yaml.Node) string {
	n = follow(n)
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
