// Package decode reads values from YAML nodes: it resolves variables, expressions and
// references such as from_env, and reports what is wrong. It knows no attributes.
package decode

import (
	"slices"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"

	"fleet/internal/diagnostic"
	"fleet/internal/redact"
	"fleet/internal/yamldoc"
)

// A Decoder reads the nodes of one file and collects what is wrong with them.
// Its methods report false when they have told of a mistake.
type Decoder struct {
	*yamldoc.File
	set              *FileSet
	layer            string // what to call what is read now, in explanations
	Copy             *Copy  // the copy of a group that is read now; nil: none
	mergeCount       int    // merge keys followed below the mapping that is read
	mergeDepth       int    // merge keys that it is read through
	secret           bool   // what is read now must not be repeated
	tainted          bool   // what is read now holds a sensitive value
	fromSensitiveVar bool   // a sensitive variable gave it

	deferring      bool                     // values that are not set make what is read now unknown, and are no mistakes
	missing        []*diagnostic.Diagnostic // those that came up in it
	literal        map[*yaml.Node]bool      // texts that hold ${ and no expressions
	perCopyAliases map[*yaml.Node]bool      // whether an aliased value differs from copy to copy
}

// Begin starts the reading of a value. A secret value is not repeated in errors; m is
// the copy of a group that the value is read for, or nil.
func (d *Decoder) Begin(secret bool, m *Copy) {
	d.secret, d.tainted, d.fromSensitiveVar, d.Copy = secret, false, false, m
}

// End ends the reading of a value and returns what it came across since begin.
func (d *Decoder) End() taint {
	t := taint{d.tainted, d.fromSensitiveVar}
	d.Begin(false, nil)
	return t
}

// IsTainted reports whether what is read now holds a sensitive value.
func (d *Decoder) IsTainted() bool { return d.tainted }

// ErrorCount returns how many errors there are in all files so far.
func (d *Decoder) ErrorCount() int { return d.set.ErrorCount }

// A taint says which sensitive values a value holds.
type taint struct {
	Sensitive        bool // any
	FromSensitiveVar bool // the value of a sensitive variable
}

// Errorf records what is wrong at a node. What could not be found out was told
// already.
func (d *Decoder) Errorf(n *yaml.Node, path, format string, args ...any) *diagnostic.Diagnostic {
	if n.Tag == FailedTag {
		return &diagnostic.Diagnostic{}
	}
	return d.ErrorfAt(d.Position(n), path, format, args...)
}

func (d *Decoder) ErrorfAt(pos diagnostic.Position, path, format string, args ...any) *diagnostic.Diagnostic {
	if d.set.reportFull() {
		d.set.ErrorCount++
		return &diagnostic.Diagnostic{}
	}
	m := d.Diagnosticf(pos, path, format, args...)
	d.set.Report(m)
	return m
}

// RejectText records what is wrong with a text at a node, in a message that may
// repeat the text in quotes.
func (d *Decoder) RejectText(n *yaml.Node, path, text, message string) *diagnostic.Diagnostic {
	if d.secret {
		message = redact.New([]string{text}).Text(strings.ReplaceAll(message, strconv.Quote(text), "the value"))
	}
	return d.Errorf(n, path, "%s", message)
}

// Warnf records what is legal at a node, and unwise, under a code of
// [WarningRules]. A comment on the line of the node can acknowledge it.
func (d *Decoder) Warnf(code string, n *yaml.Node, path, format string, args ...any) *diagnostic.Diagnostic {
	return d.WarnfAt(code, d.Position(n), path, format, args...)
}

func (d *Decoder) WarnfAt(code string, pos diagnostic.Position, path, format string, args ...any) *diagnostic.Diagnostic {
	m := d.Diagnosticf(pos, path, format, args...)
	m.Warning, m.Rule = true, code
	if !slices.Contains(d.SuppressedCodes(pos.Line), code) {
		d.set.Warn(m)
	}
	return m
}

// An Entry is one key of a mapping.
type Entry struct {
	Name       string
	Key, Value *yaml.Node
}

// maxMerges bounds the merge keys below one mapping: a few aliases that merge
// each other could otherwise grow without end.
const maxMerges = 10_000

// Entries lists a mapping's entries in their order, those of merge keys first.
// An absent value (null) is an empty mapping.
func (d *Decoder) Entries(n *yaml.Node, path string) ([]Entry, bool) {
	n = d.Resolve(n)
	if yamldoc.IsNull(n) {
		return nil, true
	}
	if n.Kind != yaml.MappingNode {
		d.Errorf(n, path, "expected a mapping of keys to values, got %s", d.Describe(n))
		return nil, false
	}
	var list []Entry
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
		if key.Kind != yaml.ScalarNode || yamldoc.IsNull(key) {
			d.Errorf(key, path, "a key must be plain text, got %s", yamldoc.Describe(key))
			ok = false
			continue
		}
		if before := first[key.Value]; before != nil {
			d.Errorf(key, yamldoc.Join(path, key.Value), "the key is there twice; the first is on line %d", before.Line)
			ok = false
			continue
		}
		first[key.Value] = key
		list = append(list, Entry{key.Value, key, value})
	}
	if merged != nil { // what the mapping has itself wins
		list = slices.DeleteFunc(list, func(e Entry) bool { return first[e.Name] != nil && first[e.Name] != e.Key })
	}
	return list, ok
}

// addMerged adds the entries of a merge key's mapping or mappings to the list.
// What came from one before wins.
func (d *Decoder) addMerged(value *yaml.Node, path string, list []Entry, own map[string]*yaml.Node, before map[string]bool) []Entry {
	if d.mergeDepth == 0 {
		d.mergeCount = 0
	}
	d.mergeDepth++
	defer func() { d.mergeDepth-- }()
	value = d.Resolve(value)
	sources := []*yaml.Node{value}
	if value.Kind == yaml.SequenceNode {
		sources = value.Content
	}
	for _, s := range sources {
		if d.mergeCount++; d.mergeCount > maxMerges {
			d.Errorf(s, path, "more than %d merge keys", maxMerges)
			return list
		}
		more, _ := d.Entries(s, path)
		if !d.set.scope.allowCopies(len(more)) {
			d.Errorf(s, path, "the merge keys of the spec stand for more values than fit")
			return list
		}
		for _, e := range more {
			if !before[e.Name] && own[e.Name] == nil {
				before[e.Name] = true
				list = append(list, e)
			}
		}
	}
	return list
}

// Sequence lists a list's items.
func (d *Decoder) Sequence(n *yaml.Node, path string) ([]*yaml.Node, bool) {
	n = d.Resolve(n)
	if n.Kind != yaml.SequenceNode {
		d.Errorf(n, path, "expected a list, got %s", d.Describe(n))
		return nil, false
	}
	items := make([]*yaml.Node, len(n.Content))
	for i, item := range n.Content {
		items[i] = d.Resolve(item)
	}
	return items, true
}

// Describe says what a node is, for errors; of secret ones no more than the kind.
func (d *Decoder) Describe(n *yaml.Node) string {
	if n = yamldoc.FollowAlias(n); d.secret && n.Kind == yaml.ScalarNode && !yamldoc.IsNull(n) {
		return "a single value"
	}
	return yamldoc.Describe(n)
}
