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
