package spec

import (
	"slices"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"

	"fleet/internal/diagnostic"
	"fleet/internal/redact"
)

// A decoder reads the nodes of one file and collects what is wrong with them.
// Its methods report false when they have told of a mistake.
type nodeDecoder struct {
	*yamlFile
	set              *fileSet
	layer            string  // what to call what is read now, in explanations
	member           *member // the copy of a group that is read now; nil: none
	mergeCount       int     // merge keys followed below the mapping that is read
	mergeDepth       int     // merge keys that it is read through
	secret           bool    // what is read now must not be repeated
	tainted          bool    // what is read now holds a sensitive value
	fromSensitiveVar bool    // a sensitive variable gave it

	deferring      bool                     // values that are not set make what is read now unknown, and are no mistakes
	missing        []*diagnostic.Diagnostic // those that came up in it
	literal        map[*yaml.Node]bool      // texts that hold ${ and no expressions
	perCopyAliases map[*yaml.Node]bool      // whether an aliased value differs from copy to copy
}

// begin starts the reading of a value. A secret value is not repeated in errors; m is
// the copy of a group that the value is read for, or nil.
func (d *nodeDecoder) begin(secret bool, m *member) {
	d.secret, d.tainted, d.fromSensitiveVar, d.member = secret, false, false, m
}

// end ends the reading of a value and returns what it came across since begin.
func (d *nodeDecoder) end() taint {
	t := taint{d.tainted, d.fromSensitiveVar}
	d.begin(false, nil)
	return t
}

// isTainted reports whether what is read now holds a sensitive value.
func (d *nodeDecoder) isTainted() bool { return d.tainted }

// errorCount returns how many errors there are in all files so far.
func (d *nodeDecoder) errorCount() int { return d.set.errorCount }

// A taint says which sensitive values a value holds.
type taint struct {
	sensitive        bool // any
	fromSensitiveVar bool // the value of a sensitive variable
}

// errorf records what is wrong at a node. What could not be found out was told
// already.
func (d *nodeDecoder) errorf(n *yaml.Node, path, format string, args ...any) *diagnostic.Diagnostic {
	if n.Tag == failedTag {
		return &diagnostic.Diagnostic{}
	}
	return d.errorfAt(d.position(n), path, format, args...)
}

func (d *nodeDecoder) errorfAt(pos diagnostic.Position, path, format string, args ...any) *diagnostic.Diagnostic {
	if d.set.reportFull() {
		d.set.errorCount++
		return &diagnostic.Diagnostic{}
	}
	m := d.diagnosticf(pos, path, format, args...)
	d.set.report(m)
	return m
}

// rejectText records what is wrong with a text at a node, in a message that may
// repeat the text in quotes.
func (d *nodeDecoder) rejectText(n *yaml.Node, path, text, message string) *diagnostic.Diagnostic {
	if d.secret {
		message = redact.New([]string{text}).Text(strings.ReplaceAll(message, strconv.Quote(text), "the value"))
	}
	return d.errorf(n, path, "%s", message)
}

// warnf records what is legal at a node, and unwise, under a code of
// [WarningRules]. A comment on the line of the node can acknowledge it.
func (d *nodeDecoder) warnf(code string, n *yaml.Node, path, format string, args ...any) *diagnostic.Diagnostic {
	return d.warnfAt(code, d.position(n), path, format, args...)
}

func (d *nodeDecoder) warnfAt(code string, pos diagnostic.Position, path, format string, args ...any) *diagnostic.Diagnostic {
	m := d.diagnosticf(pos, path, format, args...)
	m.Warning, m.Rule = true, code
	if !slices.Contains(d.suppressedCodes(pos.Line), code) {
		d.set.warn(m)
	}
	return m
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
func (d *nodeDecoder) entries(n *yaml.Node, path string) ([]entry, bool) {
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
func (d *nodeDecoder) addMerged(value *yaml.Node, path string, list []entry, own map[string]*yaml.Node, before map[string]bool) []entry {
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
		if !d.set.scope.allowCopies(len(more)) {
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
func (d *nodeDecoder) sequence(n *yaml.Node, path string) ([]*yaml.Node, bool) {
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

// describe says what a node is, for errors; of secret ones no more than the kind.
func (d *nodeDecoder) describe(n *yaml.Node) string {
	if n = followAlias(n); d.secret && n.Kind == yaml.ScalarNode && !isNull(n) {
		return "a single value"
	}
	return describe(n)
}
