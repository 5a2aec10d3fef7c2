package spec

import (
	"errors"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// resolve follows aliases and puts values in the place of expressions. A text
// that is nothing but one expression becomes what that stands for, with its
// type; the place in the file stays that of the text.
func (d *nodeDecoder) resolve(n *yaml.Node) *yaml.Node {
	n = followAlias(n)
	if n.Kind != yaml.ScalarNode || !strings.Contains(n.Value, exprOpen) || d.literal[n] {
		return n
	}
	value := d.interpolate(n)
	d.markLiteral(value)
	return value
}

// markLiteral remembers what must not be taken for an expression again: what
// expressions stand for, and texts in which they were escaped.
func (d *nodeDecoder) markLiteral(n *yaml.Node) {
	if strings.Contains(n.Value, exprOpen) {
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
func (d *nodeDecoder) interpolate(n *yaml.Node) *yaml.Node {
	t, err := parseTemplate(n.Value)
	if err != nil {
		return d.badExpression(n, err)
	}
	if len(t) == 1 && t[0].expr != nil {
		value, err := d.evaluate(t[0].expr)
		if err != nil {
			return d.badExpression(n, withOffset(err, t[0].expr))
		}
		return d.placeAt(value, n)
	}
	s, failing, err := d.textOf(t)
	if err != nil {
		return d.badExpression(n, withOffset(err, failing))
	}
	value := untypedScalar(s)
	if t.isLiteral() {
		value.Style = n.Style // nothing of it came from outside
	}
	value.Line, value.Column = n.Line, n.Column
	return value
}

// withOffset gives an error of evaluating an expression the expression's place.
func withOffset(err error, x *expression) error {
	var e *expressionError
	if errors.As(err, &e) {
		located := *e
		located.offset = x.offset
		return &located
	}
	return err
}

// textOf is a template's text; beside an error stands the expression that led
// to it.
func (d *nodeDecoder) textOf(t template) (string, *expression, error) {
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
			return "", p.expr, errReported
		case isNull(n):
			return "", p.expr, unsetExpression(strings.Join(p.expr.path, "."))
		case n.Kind != yaml.ScalarNode:
			return "", p.expr, newExpressionError("%s is %s; within a text only single values have a place", truncate(p.expr.text), describe(n))
		}
		b.WriteString(n.Value)
		if b.Len() > maxText || !d.set.scope.allowBytes(b.Len()) {
			return "", p.expr, newExpressionError("the text is longer than %d KiB, or all texts with expressions together are longer than %d MiB", maxText>>10, maxTextBytes>>20)
		}
	}
	return b.String(), nil, nil
}

// errReported is an error that was told elsewhere.
var errReported = errors.New("told elsewhere")

// evaluate is the value of one expression.
func (d *nodeDecoder) evaluate(x *expression) (*yaml.Node, error) {
	ref, err := d.lookup(x.path)
	if err != nil {
		return nil, err
	}
	n := ref.node
	empty := n == nil || isNull(n) || n.Kind == yaml.ScalarNode && n.Value == ""
	switch {
	case n != nil && n.Tag == failedTag:
		return n, nil
	case empty && x.message != "":
		return nil, newExpressionError("%s has no value: %s", strings.Join(x.path, "."), x.message).withUnsetEnv(x)
	case empty && x.optional:
		s, _, err := d.textOf(x.fallback)
		return untypedScalar(s), err
	case n == nil:
		return nil, unsetExpression(strings.Join(x.path, ".")).withUnsetEnv(x)
	case ref.sensitive:
		d.fromSensitiveVar = true
		d.taint(n)
	}
	return n, nil
}

// taint notes that what is read now holds a sensitive value.
func (d *nodeDecoder) taint(n *yaml.Node) {
	d.tainted, d.secret = true, true
	if n.Kind == yaml.ScalarNode && n.Value != "" {
		d.set.scope.addSecret(n.Value)
	}
	for i, c := range n.Content {
		if isKey := n.Kind == yaml.MappingNode && i%2 == 0; !isKey {
			d.taint(c)
		}
	}
}

// placeAt is a value at the place of the text that referred to it.
func (d *nodeDecoder) placeAt(value, at *yaml.Node) *yaml.Node { return d.placeAtDepth(value, at, 0) }

func (d *nodeDecoder) placeAtDepth(value, at *yaml.Node, depth int) *yaml.Node {
	n := *followAlias(value)
	if !d.set.scope.allowCopies(len(n.Content)) || depth > maxValueDepth {
		return d.badExpression(at, newExpressionError("the expressions of the spec stand for more values than fit, or for values more than %d deep", maxValueDepth))
	}
	n.Line, n.Column = at.Line, at.Column
	n.Content = make([]*yaml.Node, len(n.Content))
	for i, c := range followAlias(value).Content {
		n.Content[i] = d.placeAtDepth(c, at, depth+1)
	}
	return &n
}

// maxValueDepth bounds the lists and mappings in values of variables.
const maxValueDepth = 100

// failedTag is the tag of values that could not be found out. Nothing more is
// said of them.
const failedTag = "!!failed"

func failedNode(at *yaml.Node) *yaml.Node {
	n := &yaml.Node{Kind: yaml.ScalarNode, Tag: failedTag}
	if at != nil {
		n.Line, n.Column = at.Line, at.Column
	}
	return n
}

// badExpression tells what is wrong with an expression in a text.
func (d *nodeDecoder) badExpression(n *yaml.Node, err error) *yaml.Node {
	var e *expressionError
	if errors.As(err, &e) {
		message := e.message
		if d.secret && e.quoted != "" { // it may be no expression but part of a password
			message = strings.ReplaceAll(message, e.quoted, "this")
		}
		pos := d.positionInValue(n, e.offset)
		if e.unset == "" || !d.deferUnset(d.unsetDiagnostic(pos, "", e.unset, message, e.hint)) {
			d.errorfAt(pos, "", "%s", message).Hint = e.hint
		}
	}
	return failedNode(n)
}

// variesByCopy reports whether there is an expression below the node that differs
// from copy to copy of a group.
func (d *nodeDecoder) variesByCopy(n *yaml.Node) bool {
	switch n.Kind {
	case yaml.AliasNode: // looked at once: aliases of aliases name ever more
		if d.perCopyAliases == nil {
			d.perCopyAliases = map[*yaml.Node]bool{}
		}
		known, seen := d.perCopyAliases[n.Alias]
		if !seen {
			d.perCopyAliases[n.Alias] = false // of one that holds itself
			known = d.variesByCopy(n.Alias)
			d.perCopyAliases[n.Alias] = known
		}
		return known
	case yaml.ScalarNode:
		if !strings.Contains(n.Value, exprOpen) || d.literal[n] {
			return false
		}
		t, err := parseTemplate(n.Value)
		return err == nil && t.variesByCopy()
	}
	return slices.ContainsFunc(n.Content, d.variesByCopy)
}
