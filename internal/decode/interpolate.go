package decode

import (
	"errors"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"fleet/internal/expr"
	"fleet/internal/yamldoc"
)

// Resolve follows aliases and replaces expressions by their values. A text that
// consists of one expression becomes the expression's value with its type. The result
// keeps the position of n.
func (d *Decoder) Resolve(n *yaml.Node) *yaml.Node {
	n = yamldoc.FollowAlias(n)
	if n.Kind != yaml.ScalarNode || !strings.Contains(n.Value, expr.Open) || d.literal[n] {
		return n
	}
	value := d.interpolate(n)
	d.markLiteral(value)
	return value
}

// markLiteral records nodes whose text contains ${ and must not be evaluated again:
// values of expressions, and texts with escaped expressions.
func (d *Decoder) markLiteral(n *yaml.Node) {
	if strings.Contains(n.Value, expr.Open) {
		if d.literal == nil {
			d.literal = map[*yaml.Node]bool{}
		}
		d.literal[n] = true
	}
	for _, c := range n.Content {
		d.markLiteral(c)
	}
}

// interpolate returns the value of a text with expressions.
func (d *Decoder) interpolate(n *yaml.Node) *yaml.Node {
	t, err := expr.Parse(n.Value)
	if err != nil {
		return d.badExpression(n, err)
	}
	if len(t) == 1 && t[0].Expr != nil {
		value, err := d.evaluate(t[0].Expr)
		if err != nil {
			return d.badExpression(n, withOffset(err, t[0].Expr))
		}
		return d.placeAt(value, n)
	}
	s, failing, err := d.TextOf(t)
	if err != nil {
		return d.badExpression(n, withOffset(err, failing))
	}
	value := untypedScalar(s)
	if t.IsLiteral() {
		value.Style = n.Style // nothing of it came from outside
	}
	value.Line, value.Column = n.Line, n.Column
	return value
}

// withOffset adds the offset of the expression x to an error of evaluating it.
func withOffset(err error, x *expr.Expression) error {
	var e *expr.Error
	if errors.As(err, &e) {
		located := *e
		located.Offset = x.Offset
		return &located
	}
	return err
}

// TextOf returns the text of a template. If it fails, it also returns the expression
// that failed.
func (d *Decoder) TextOf(t expr.Template) (string, *expr.Expression, error) {
	var b strings.Builder
	for _, p := range t {
		if p.Expr == nil {
			b.WriteString(p.Literal)
			continue
		}
		n, err := d.evaluate(p.Expr)
		switch {
		case err != nil:
			return "", p.Expr, err
		case n.Tag == FailedTag:
			return "", p.Expr, errReported
		case yamldoc.IsNull(n):
			return "", p.Expr, expr.NotSet(strings.Join(p.Expr.Path, "."))
		case n.Kind != yaml.ScalarNode:
			return "", p.Expr, expr.Errorf("%s is %s; within a text only single values have a place", expr.Truncate(p.Expr.Text), yamldoc.Describe(n))
		}
		b.WriteString(n.Value)
		if b.Len() > maxText || !d.set.scope.allowBytes(b.Len()) {
			return "", p.Expr, expr.Errorf("the text is longer than %d KiB, or all texts with expressions together are longer than %d MiB", maxText>>10, maxTextBytes>>20)
		}
	}
	return b.String(), nil, nil
}

// errReported stands for an error that was reported already.
var errReported = errors.New("reported already")

// evaluate returns the value of one expression.
func (d *Decoder) evaluate(x *expr.Expression) (*yaml.Node, error) {
	ref, err := d.lookup(x.Path)
	if err != nil {
		return nil, err
	}
	n := ref.node
	empty := n == nil || yamldoc.IsNull(n) || n.Kind == yaml.ScalarNode && n.Value == ""
	switch {
	case n != nil && n.Tag == FailedTag:
		return n, nil
	case empty && x.Message != "":
		return nil, expr.Errorf("%s has no value: %s", strings.Join(x.Path, "."), x.Message).WithUnsetEnv(x)
	case empty && x.Optional:
		s, _, err := d.TextOf(x.Fallback)
		return untypedScalar(s), err
	case n == nil:
		return nil, expr.NotSet(strings.Join(x.Path, ".")).WithUnsetEnv(x)
	case ref.sensitive:
		d.fromSensitiveVar = true
		d.taint(n)
	}
	return n, nil
}

// taint records that the value that is being read depends on the sensitive value n.
func (d *Decoder) taint(n *yaml.Node) {
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

// placeAt returns a copy of a value with the position of the text that refers to it,
// which is where a user looks for an error.
func (d *Decoder) placeAt(value, at *yaml.Node) *yaml.Node { return d.placeAtDepth(value, at, 0) }

func (d *Decoder) placeAtDepth(value, at *yaml.Node, depth int) *yaml.Node {
	n := *yamldoc.FollowAlias(value)
	if !d.set.scope.allowCopies(len(n.Content)) || depth > maxValueDepth {
		return d.badExpression(at, expr.Errorf("the expressions of the spec stand for more values than fit, or for values more than %d deep", maxValueDepth))
	}
	n.Line, n.Column = at.Line, at.Column
	n.Content = make([]*yaml.Node, len(n.Content))
	for i, c := range yamldoc.FollowAlias(value).Content {
		n.Content[i] = d.placeAtDepth(c, at, depth+1)
	}
	return &n
}

// maxValueDepth is the maximum depth of lists and mappings in values of variables.
const maxValueDepth = 100

// FailedTag is the tag of nodes that stand for values which could not be evaluated. No
// further errors are reported at such a node.
const FailedTag = "!!failed"

// failedNode returns a node with FailedTag at the position of at, which may be nil.
func failedNode(at *yaml.Node) *yaml.Node {
	n := &yaml.Node{Kind: yaml.ScalarNode, Tag: FailedTag}
	if at != nil {
		n.Line, n.Column = at.Line, at.Column
	}
	return n
}

// badExpression reports the error of an expression in a text and returns a failed node.
func (d *Decoder) badExpression(n *yaml.Node, err error) *yaml.Node {
	var e *expr.Error
	if errors.As(err, &e) {
		message := e.Message
		if d.secret && e.Quoted != "" { // it may be part of a password, not an expression
			message = strings.ReplaceAll(message, e.Quoted, "this")
		}
		pos := d.PositionInValue(n, e.Offset)
		if e.Unset == "" || !d.deferUnset(d.unsetDiagnostic(pos, "", e.Unset, message, e.Hint)) {
			d.ErrorfAt(pos, "", "%s", message).Hint = e.Hint
		}
	}
	return failedNode(n)
}

// VariesByCopy reports whether the value differs between the copies of a group, since
// an expression below the node refers to the copy.
func (d *Decoder) VariesByCopy(n *yaml.Node) bool {
	switch n.Kind {
	case yaml.AliasNode: // looked at once: aliases of aliases name ever more
		if d.perCopyAliases == nil {
			d.perCopyAliases = map[*yaml.Node]bool{}
		}
		known, seen := d.perCopyAliases[n.Alias]
		if !seen {
			d.perCopyAliases[n.Alias] = false // of one that holds itself
			known = d.VariesByCopy(n.Alias)
			d.perCopyAliases[n.Alias] = known
		}
		return known
	case yaml.ScalarNode:
		if !strings.Contains(n.Value, expr.Open) || d.literal[n] {
			return false
		}
		t, err := expr.Parse(n.Value)
		return err == nil && t.VariesByCopy()
	}
	return slices.ContainsFunc(n.Content, d.VariesByCopy)
}
