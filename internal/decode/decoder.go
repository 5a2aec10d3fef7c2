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

// A Decoder reads the nodes of one file and reports errors to the file's set. Methods
// that return a bool return false if they reported an error.
type Decoder struct {
	*yamldoc.File
	set        *FileSet
	current    *Copy // the copy of a group that is being read; nil for the whole group
	mergeCount int   // merge keys followed below the mapping that is being read
	mergeDepth int   // depth of merge keys that are being followed

	// State of the value that is being read.
	secret           bool                     // errors must not repeat it
	tainted          bool                     // it depends on a sensitive value
	fromSensitiveVar bool                     // it depends on a sensitive variable
	deferring        bool                     // it may depend on values that are not set
	missing          []*diagnostic.Diagnostic // values that are not set and that it depends on

	literal        map[*yaml.Node]bool // texts that contain ${ and no expressions
	perCopyAliases map[*yaml.Node]bool // whether the target of an alias differs between copies
}

// Begin starts reading a value. If secret is set, errors do not repeat the value. m is
// the copy of a group that the value is read for; nil means that it is read for the
// whole group.
func (d *Decoder) Begin(secret bool, m *Copy) {
	d.secret, d.tainted, d.fromSensitiveVar, d.current = secret, false, false, m
}

// End finishes reading a value and returns which sensitive values it depended on since
// Begin.
func (d *Decoder) End() Taint {
	t := Taint{d.tainted, d.fromSensitiveVar}
	d.Begin(false, nil)
	return t
}

// IsTainted reports whether the value that is being read depends on a sensitive value.
func (d *Decoder) IsTainted() bool { return d.tainted }

// ErrorCount returns the number of errors in all files of the set so far.
func (d *Decoder) ErrorCount() int { return d.set.ErrorCount }

// A Taint states which sensitive values a value depends on.
type Taint struct {
	Sensitive        bool // any sensitive value
	FromSensitiveVar bool // the value of a sensitive variable
}

// Errorf reports an error at a node and returns it, so that the caller can add a hint.
// It reports nothing for a node that stands for a failed expression, since that was
// reported already.
func (d *Decoder) Errorf(n *yaml.Node, path, format string, args ...any) *diagnostic.Diagnostic {
	if n.Tag == FailedTag {
		return &diagnostic.Diagnostic{}
	}
	return d.ErrorfAt(d.Position(n), path, format, args...)
}

// ErrorfAt is Errorf for a position.
func (d *Decoder) ErrorfAt(pos diagnostic.Position, path, format string, args ...any) *diagnostic.Diagnostic {
	if d.set.reportFull() {
		d.set.ErrorCount++
		return &diagnostic.Diagnostic{}
	}
	m := d.Diagnosticf(pos, path, format, args...)
	d.set.Report(m)
	return m
}

// ErrorIn reports an error at a position of another file, such as one that the spec
// names.
func (d *Decoder) ErrorIn(f *yamldoc.File, pos diagnostic.Position, path, format string, args ...any) *diagnostic.Diagnostic {
	m := f.Diagnosticf(pos, path, format, args...)
	d.set.Report(m)
	return m
}

// RejectText reports an error about a text at a node. The message may repeat the text
// in quotes; if the value is secret, it is left out.
func (d *Decoder) RejectText(n *yaml.Node, path, text, message string) *diagnostic.Diagnostic {
	if d.secret {
		message = redact.New([]string{text}).Text(strings.ReplaceAll(message, strconv.Quote(text), "the value"))
	}
	return d.Errorf(n, path, "%s", message)
}

// Warnf reports a warning at a node under a code of spec.WarningRules and returns it. A
// comment on the line of the node can silence it.
func (d *Decoder) Warnf(code string, n *yaml.Node, path, format string, args ...any) *diagnostic.Diagnostic {
	return d.WarnfAt(code, d.Position(n), path, format, args...)
}

// WarnfAt is Warnf for a position.
func (d *Decoder) WarnfAt(code string, pos diagnostic.Position, path, format string, args ...any) *diagnostic.Diagnostic {
	m := d.Diagnosticf(pos, path, format, args...)
	m.Warning, m.Rule = true, code
	if !slices.Contains(d.SuppressedCodes(pos.Line), code) {
		d.set.Warn(m)
	}
	return m
}

// An Entry is one key of a mapping with its value.
type Entry struct {
	Name       string // of the key
	Key, Value *yaml.Node
}

// maxMerges bounds the merge keys below one mapping: a few aliases that merge each
// other would otherwise expand without limit.
const maxMerges = 10_000

// Entries returns the entries of a mapping in order, those of merge keys first. Null is
// an empty mapping.
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

// addMerged adds the entries of the mapping or mappings of a merge key to the list. An
// earlier entry takes precedence.
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

// Sequence returns the items of a list, with their expressions resolved.
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

// Describe describes a node for an error message. If the value is secret, it names only
// its kind.
func (d *Decoder) Describe(n *yaml.Node) string {
	if n = yamldoc.FollowAlias(n); d.secret && n.Kind == yaml.ScalarNode && !yamldoc.IsNull(n) {
		return "a single value"
	}
	return yamldoc.Describe(n)
}
