package spec

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// resolve follows aliases and puts values in the place of expressions. A text
// that is nothing but one expression becomes what that stands for, with its
// type; the place in the file stays that of the text.
func (d *decoder) resolve(n *yaml.Node) *yaml.Node {
	n = follow(n)
	if n.Kind != yaml.ScalarNode || !strings.Contains(n.Value, opening) || d.literal[n] {
		return n
	}
	value := d.interpolate(n)
	d.markLiteral(value)
	return value
}

// markLiteral remembers what must not be taken for an expression again: what
// expressions stand for, and texts in which they were escaped.
func (d *decoder) markLiteral(n *yaml.Node) {
	if strings.Contains(n.Value, opening) {
		if d.literal == nil {
			d.literal = map[*yaml.Node]bool{}
		}
		d.literal[n] = true
	}
	for _, c := range n.Content {
		d.markLiteral(c)
	}
}

// interpolate is the value of a text with expressions.
func (d *decoder) interpolate(n *yaml.Node) *yaml.Node {
	t, err := parseTemplate(n.Value)
	if err != nil {
		return d.badExpression(n, err)
	}
	if len(t) == 1 && t[0].expr != nil {
		value, err := d.evaluate(t[0].expr)
		if err != nil {
			return d.badExpression(n, locate(err, n.Value, t[0].expr))
		}
		return d.placed(value, n)
	}
	s, failing, err := d.textOf(t)
	if err != nil {
		return d.badExpression(n, locate(err, n.Value, failing))
	}
	value := loose(s)
	if t.literal() {
		value.Style = n.Style // nothing of it came from outside
	}
	value.Line, value.Column = n.Line, n.Column
	return value
}

// literal reports whether there is no expression in the template.
func (t template) literal() bool { return len(t) == 1 && t[0].expr == nil }

// locate gives an error of evaluating an expression the expression's place.
func locate(err error, text string, x *expression) error {
	var e *expressionError
	if errors.As(err, &e) {
		return &expressionError{strings.Index(text, x.text), e.message, e.hint}
	}
	return err
}

// textOf is a template's text; beside an error stands the expression that led
// to it.
func (d *decoder) textOf(t template) (string, *expression, error) {
	var b strings.Builder
	for _, p := range t {
		if p.expr == nil {
			b.WriteString(p.literal)
			continue
		}
		n, err := d.evaluate(p.expr)
		switch {
		case err != nil:
			return "", p.expr, err
		case n.Tag == failedTag:
			return "", p.expr, errTold
		case n.Kind != yaml.ScalarNode:
			return "", p.expr, &expressionError{0, fmt.Sprintf("%s is %s; within a text only single values have a place", p.expr.text, describe(n)), ""}
		}
		b.WriteString(n.Value)
	}
	return b.String(), nil, nil
}

// errTold is an error that was told elsewhere.
var errTold = errors.New("told elsewhere")

// evaluate is the value of one expression.
func (d *decoder) evaluate(x *expression) (*yaml.Node, error) {
	ref, err := d.lookup(x.path)
	if err != nil {
		return nil, err
	}
	n := ref.node
	unset := n == nil || isNull(n) || n.Kind == yaml.ScalarNode && n.Value == ""
	switch {
	case unset && x.message != "":
		return nil, &expressionError{0, fmt.Sprintf("%s has no value: %s", strings.Join(x.path, "."), x.message), ""}
	case unset && x.optional:
		s, _, err := d.textOf(x.fallback)
		return loose(s), err
	case n == nil:
		name := strings.Join(x.path, ".")
		return nil, &expressionError{0, name + " is not set", fmt.Sprintf("set it, or write ${%s:-default}", name)}
	case ref.sensitive:
		d.taint(n)
	}
	return n, nil
}

// taint notes that what is read now holds a sensitive value.
func (d *decoder) taint(n *yaml.Node) {
	d.tainted, d.secret = true, true
	if n.Kind == yaml.ScalarNode && n.Value != "" {
		d.values.scope.secrets[n.Value] = true
	}
	for _, c := range n.Content {
		d.taint(c)
	}
}

// placed is a value at the place of the text that referred to it.
func (d *decoder) placed(value, at *yaml.Node) *yaml.Node { return d.placedBelow(value, at, 0) }

func (d *decoder) placedBelow(value, at *yaml.Node, depth int) *yaml.Node {
	if d.values.scope.copied++; d.values.scope.copied > maxCopied || depth > deepestValue {
		return d.badExpression(at, &expressionError{0, fmt.Sprintf("the expressions of the spec stand for more than %d values, or for values more than %d deep", maxCopied, deepestValue), ""})
	}
	n := *follow(value)
	n.Line, n.Column = at.Line, at.Column
	n.Content = make([]*yaml.Node, len(n.Content))
	for i, c := range follow(value).Content {
		n.Content[i] = d.placedBelow(c, at, depth+1)
	}
	return &n
}

// maxCopied bounds the values that expressions stand for: lists in variables
// that name each other could otherwise grow without end.
const maxCopied = 500_000

// deepestValue bounds the lists and mappings in values of variables.
const deepestValue = 100

// failedTag is the tag of values that could not be found out. Nothing more is
// said of them.
const failedTag = "!!failed"

func failed(at *yaml.Node) *yaml.Node {
	n := &yaml.Node{Kind: yaml.ScalarNode, Tag: failedTag}
	if at != nil {
		n.Line, n.Column = at.Line, at.Column
	}
	return n
}

// badExpression tells what is wrong with an expression in a text.
func (d *decoder) badExpression(n *yaml.Node, err error) *yaml.Node {
	var e *expressionError
	if errors.As(err, &e) {
		pos := d.at(n)
		m := d.mistakeAt(pos, "", "%s", e.message)
		m.Hint = e.hint
		if e.offset >= 0 && e.offset < len(n.Value) {
			d.pointAt(m, n.Value[e.offset:])
		}
	}
	return failed(n)
}

// pointAt moves a mistake to where a text stands on its line.
func (d *decoder) pointAt(m *Mistake, text string) {
	text, _, _ = strings.Cut(text, "\n")
	line := []rune(m.Line)
	if m.Pos.Column < 1 || m.Pos.Column > len(line) {
		return
	}
	if i := strings.Index(string(line[m.Pos.Column-1:]), text); i >= 0 {
		m.Pos.Column += len([]rune(string(line[m.Pos.Column-1:])[:i]))
		m.mark = m.Pos.Column
	}
}

// perCopy reports whether there is an expression below the node that differs
// from copy to copy of a group.
func (d *decoder) perCopy(n *yaml.Node) bool {
	switch n.Kind {
	case yaml.AliasNode: // looked at once: aliases of aliases name ever more
		if d.copies == nil {
			d.copies = map[*yaml.Node]bool{}
		}
		known, seen := d.copies[n.Alias]
		if !seen {
			d.copies[n.Alias] = false // of one that holds itself
			known = d.perCopy(n.Alias)
			d.copies[n.Alias] = known
		}
		return known
	case yaml.ScalarNode:
		if !strings.Contains(n.Value, opening) {
			return false
		}
		t, err := parseTemplate(n.Value)
		return err == nil && t.perCopy()
	}
	return slices.ContainsFunc(n.Content, d.perCopy)
}
