package decode

import (
	"fmt"
	"maps"
	"slices"

	"gopkg.in/yaml.v3"

	"fleet/internal/diagnostic"
	"fleet/internal/expr"
	"fleet/internal/yamldoc"
)

// checkVars evaluates every variable, whether it is used or not.
func (l *FileSet) checkVars() {
	for _, name := range slices.Sorted(maps.Keys(l.scope.vars)) {
		l.varValueOf(l.scope.vars[name])
	}
}

// varValueOf returns the value of a variable. It returns false if there is none and the
// reason was reported or recorded.
func (l *FileSet) varValueOf(v *variable) (*yaml.Node, bool) {
	switch v.state {
	case evalKnown:
		return v.result, true
	case evalFailed, evalUnset:
		return nil, false
	case evalRunning:
		v.d.Errorf(v.key, "vars."+v.name, "the default refers to the variable itself")
		return nil, false
	}
	d, n := v.d, v.defaultNode
	if v.given != nil {
		d, n = v.given.d, v.given.node
	}
	switch {
	case n == nil:
		hint := fmt.Sprintf("give it one with --var %s=..., in a --var-file, or in $FLEET_VAR_%s", v.name, v.name)
		v.state, v.missing = evalUnset, []*diagnostic.Diagnostic{v.d.unsetDiagnostic(v.d.Position(v.key), "vars."+v.name, "var."+v.name, "the variable has no value", hint)}
		l.recordUnsetVar(v)
		return nil, false
	case l.scope.depth >= maxVarDepth:
		v.state = evalFailed
		v.d.Errorf(v.key, "vars."+v.name, "variables refer to each other more than %d deep", maxVarDepth)
		return nil, false
	}
	v.state = evalRunning
	l.scope.depth++
	v.missing = d.WithDeferral(true, func() { v.result, v.state = l.evaluateVar(v, d, n) })
	if l.scope.depth--; len(v.missing) > 0 {
		v.state = evalUnset
	}
	return v.result, v.state == evalKnown
}

// maxVarDepth bounds a chain of variables that each refer to the next.
const maxVarDepth = 1000

// evaluateVar returns the checked value of a variable, given at node n. A value that
// depends on a sensitive value is sensitive.
func (l *FileSet) evaluateVar(v *variable, d *Decoder, n *yaml.Node) (*yaml.Node, evaluation) {
	secret, tainted, spilled := d.secret, d.tainted, d.fromSensitiveVar
	defer func() { d.secret, d.tainted, d.fromSensitiveVar = secret, tainted, spilled }()
	d.secret, d.tainted = v.sensitive, false
	if v.given == nil {
		n = d.Resolved(n, 0)
	}
	v.sensitive = v.sensitive || d.tainted
	if v.sensitive {
		d.taint(n)
	}
	own := *n // checkVar may set its type
	if !d.checkVar(v, &own) {
		return nil, evalFailed
	}
	return &own, evalKnown
}

// Resolved returns a value with all expressions in it replaced by their values.
func (d *Decoder) Resolved(n *yaml.Node, depth int) *yaml.Node {
	n = d.Resolve(n)
	if len(n.Content) == 0 || depth > maxValueDepth {
		return n
	}
	if !d.set.scope.allowCopies(len(n.Content)) {
		return d.badExpression(n, expr.Errorf("the variables of the spec hold more than %d values", maxVarValues))
	}
	all := *n
	all.Content = make([]*yaml.Node, len(n.Content))
	for i, c := range n.Content {
		if isKey := n.Kind == yaml.MappingNode && i%2 == 0; isKey {
			all.Content[i] = yamldoc.FollowAlias(c)
		} else {
			all.Content[i] = d.Resolved(c, depth+1)
		}
		if all.Content[i].Tag == FailedTag {
			return all.Content[i]
		}
	}
	return &all
}
