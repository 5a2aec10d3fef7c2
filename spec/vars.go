package spec

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"regexp"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"fleet/internal/diagnostic"
	"fleet/internal/suggest"
)

// A variable is declared by a spec and given a value when it is read.
type variable struct {
	name         string
	d            *nodeDecoder
	key          *yaml.Node
	declaredType string // one of varKinds; empty takes anything
	defaultNode  *yaml.Node
	sensitive    bool
	pattern      *regexp.Regexp
	oneOf        []*yaml.Node
	min, max     *float64
	given        *varValue // nil: the default
	state        evaluation
	result       *yaml.Node
	missing      []*diagnostic.Diagnostic // what it lacks, when its state is unvalued
}

// A given is a value from outside of the spec, and the decoder of where it
// stands.
type varValue struct {
	d    *nodeDecoder
	node *yaml.Node
}

// An evaluation tells how far a variable's value is known.
type evaluation int

const (
	evalPending evaluation = iota
	evalRunning
	evalKnown
	evalFailed
	evalUnset // it depends on what is not set
)

var (
	varKinds       = []string{"string", "number", "bool", "list", "map"}
	varNamePattern = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_-]*$`)
)

// readEnv reads the names of the environment variables that a spec may use.
func (l *fileSet) readEnv(d *nodeDecoder, e entry) {
	items, _ := d.sequence(e.value, e.name)
	for i, item := range items {
		s, ok := d.text(item, fmt.Sprintf("env[%d]", i))
		if ok && !envNamePattern.MatchString(s) {
			d.errorf(item, fmt.Sprintf("env[%d]", i), "%q is not the name of an environment variable", s)
		}
		l.scope.env[s] = true
	}
}

// readVars reads the variables of a part. An environment may change what it
// names of a variable.
func (l *fileSet) readVars(d *nodeDecoder, e entry, overlay bool) {
	entries, _ := d.entries(e.value, e.name)
	for _, e := range entries {
		at := "vars." + e.name
		if !varNamePattern.MatchString(e.name) {
			d.errorf(e.key, at, "%q is not the name of a variable; write letters, digits, _ and - inside", e.name)
			continue
		}
		v := l.scope.vars[e.name]
		switch {
		case v == nil:
			v = &variable{name: e.name, d: d, key: e.key}
			l.scope.vars[e.name] = v
		case !overlay:
			d.errorf(e.key, at, "the variable is declared twice; the first is at %s", v.d.position(v.key))
			continue
		}
		if n := followAlias(e.value); n.Kind != yaml.MappingNode {
			v.defaultNode, v.d = n, d
		} else {
			d.readVar(v, e, at)
		}
		if v.sensitive && v.defaultNode != nil {
			v.d.hide(v.defaultNode)
		}
	}
}

// readVar reads the long form of a variable.
func (d *nodeDecoder) readVar(v *variable, e entry, at string) {
	entries, _ := d.entries(e.value, at)
	for _, e := range entries {
		where := join(at, e.name)
		switch e.name {
		case "type":
			s, ok := d.text(e.value, where)
			if ok && !slices.Contains(varKinds, s) {
				d.errorf(e.value, where, "%q is not a type; allowed are %s", s, strings.Join(varKinds, ", ")).Hint = suggest.DidYouMean(s, varKinds)
				continue
			}
			v.declaredType = s
		case "default":
			v.defaultNode, v.d = followAlias(e.value), d
		case "description":
			d.text(e.value, where)
		case "sensitive":
			on, _ := d.flag(e.value, where)
			v.sensitive = on == true
		case "pattern":
			v.pattern = d.pattern(e.value, where)
		case "one_of":
			v.oneOf, _ = d.sequence(e.value, where)
		case "min":
			v.min = d.float(e.value, where)
		case "max":
			v.max = d.float(e.value, where)
		default:
			d.errorf(e.key, where, "unknown key; a variable has %s", strings.Join(d.set.options.VarKeys, ", ")).Hint = unknownVarKeyHint(e.name, d.set.options.VarKeys)
			v.state = evalFailed // the key may stand for its default
		}
	}
}

// pattern reads a regular expression that a whole value must match.
func (d *nodeDecoder) pattern(n *yaml.Node, path string) *regexp.Regexp {
	s, ok := d.text(n, path)
	if !ok {
		return nil
	}
	re, err := regexp.Compile(`^(?:` + s + `)$`)
	if err != nil {
		d.errorf(n, path, "%q is not a regular expression: %v", s, err)
	}
	return re
}

func unknownVarKeyHint(name string, known []string) string {
	if hint := suggest.DidYouMean(name, known); hint != "" {
		return hint
	}
	return "write the value of a mapping under default"
}

// float reads a number.
func (d *nodeDecoder) float(n *yaml.Node, path string) *float64 {
	n = d.resolve(n)
	f, ok := numberOf(n)
	if !ok {
		d.errorf(n, path, "expected a number, got %s", d.describe(n))
		return nil
	}
	return &f
}

// numberOf is the number that a node is, and false when it is none.
func numberOf(n *yaml.Node) (float64, bool) {
	var f float64
	if n.Kind != yaml.ScalarNode || n.Tag != "!!int" && n.Tag != "!!float" || n.Decode(&f) != nil {
		return 0, false
	}
	return f, !math.IsNaN(f) && !math.IsInf(f, 0)
}

// assignVars hands the values that were given from outside to their variables.
func (l *fileSet) assignVars() {
	if l.options.Lookup != nil {
		for _, v := range l.scope.vars {
			name := "FLEET_VAR_" + v.name
			if s, set := l.options.Lookup(name); set {
				l.assignVar(v, Var{Name: v.name, Value: s, From: "$" + name})
			}
		}
	}
	for _, file := range l.options.VarFiles {
		l.assignVarFile(file)
	}
	for _, x := range l.options.Vars {
		switch v := l.scope.vars[x.Name]; {
		case v != nil:
			l.assignVar(v, x)
		case !l.incomplete && (strings.Trim(x.Value, "=") == "" || !varNamePattern.MatchString(x.Name)): // a token may end in =
			known := strings.Join(slices.Sorted(maps.Keys(l.scope.vars)), ", ")
			m := &diagnostic.Diagnostic{Pos: diagnostic.Position{File: "--var"}, Message: "the spec has no variable of the name that is given, which is not shown since it may be a secret"}
			m.Hint = "write NAME=VALUE; the spec has " + cmp.Or(known, "no variables")
			l.report(m)
		case !l.incomplete:
			m := &diagnostic.Diagnostic{Pos: diagnostic.Position{File: x.From}, Message: fmt.Sprintf("the spec has no variable %q", x.Name)}
			m.Hint = suggest.DidYouMean(x.Name, slices.Sorted(maps.Keys(l.scope.vars)))
			l.report(m)
		}
	}
	l.scope.varsReady = true
}

// assignVarFile hands out the values of a file. Those of an encrypted one are
// sensitive.
func (l *fileSet) assignVarFile(file string) {
	text, err := l.options.Read(file)
	if err != nil {
		l.report(&diagnostic.Diagnostic{Pos: diagnostic.Position{File: file}, Message: readErrorText(err)})
		return
	}
	d := l.newDecoder(Source{file, text})
	d.untrusted = true // it holds values, which may be secret
	l.sources = append(l.sources, file)
	roots := d.documents(text)
	if len(roots) == 0 {
		return
	}
	encrypted := isEncrypted(roots[0])
	if encrypted {
		if text, err = l.decrypt(file); err != nil {
			d.errorf(roots[0], "", "%s", err)
			return
		}
		d.forgetLines()
		if roots = d.documents(text); len(roots) == 0 {
			return
		}
	}
	if roots[0].Kind != yaml.MappingNode {
		d.errorf(roots[0], "", "expected a mapping of variables to values, got %s", nodeKind(roots[0]))
		return
	}
	d.untrusted = false
	entries, _ := d.entries(roots[0], "")
	for _, e := range entries {
		v := l.scope.vars[e.name]
		if v == nil {
			if !l.incomplete {
				d.hide(e.value)
				d.errorf(e.key, e.name, "the spec has no variable %q", e.name).Hint = suggest.DidYouMean(e.name, slices.Sorted(maps.Keys(l.scope.vars)))
			}
			continue
		}
		if v.sensitive = v.sensitive || encrypted; v.sensitive {
			d.hide(e.value)
		}
		v.given = &varValue{d, followAlias(e.value)}
	}
}

// assignVar parses a value as the variable's type wants it.
func (l *fileSet) assignVar(v *variable, x Var) {
	d := &nodeDecoder{yamlFile: &yamlFile{name: x.From}, set: l}
	n := untypedScalar(x.Value)
	if kind := v.valueType(); kind == "list" || kind == "map" {
		var doc yaml.Node
		if err := yaml.Unmarshal([]byte(x.Value), &doc); err != nil || len(doc.Content) == 0 {
			d.errorfAt(diagnostic.Position{File: x.From}, "", "the variable %s is a %s: its value must be YAML such as %s", v.name, kind, map[string]string{"list": "[a, b]", "map": "{a: 1}"}[kind])
			v.state = evalFailed
			return
		}
		n = doc.Content[0]
	}
	if v.sensitive {
		l.scope.addSecret(x.Value)
	}
	n.Line, n.Column = 0, 0
	v.given = &varValue{d, n}
}

// valueType is the type of the variable: the declared one, else that of its
// default.
func (v *variable) valueType() string {
	if v.declaredType != "" || v.defaultNode == nil {
		return v.declaredType
	}
	switch n := v.defaultNode; {
	case n.Kind == yaml.SequenceNode:
		return "list"
	case n.Kind == yaml.MappingNode:
		return "map"
	case n.Tag == "!!bool":
		return "bool"
	case n.Tag == "!!int", n.Tag == "!!float":
		return "number"
	}
	return ""
}

// checkVars finds out the value of every variable, used or not.
func (l *fileSet) checkVars() {
	for _, name := range slices.Sorted(maps.Keys(l.scope.vars)) {
		l.varValueOf(l.scope.vars[name])
	}
}

// varValueOf is the value of a variable, or false when it has none: that was told.
func (l *fileSet) varValueOf(v *variable) (*yaml.Node, bool) {
	switch v.state {
	case evalKnown:
		return v.result, true
	case evalFailed, evalUnset:
		return nil, false
	case evalRunning:
		v.d.errorf(v.key, "vars."+v.name, "the default refers to the variable itself")
		return nil, false
	}
	d, n := v.d, v.defaultNode
	if v.given != nil {
		d, n = v.given.d, v.given.node
	}
	switch {
	case n == nil:
		hint := fmt.Sprintf("give it one with --var %s=..., in a --var-file, or in $FLEET_VAR_%s", v.name, v.name)
		v.state, v.missing = evalUnset, []*diagnostic.Diagnostic{v.d.unsetDiagnostic(v.d.position(v.key), "vars."+v.name, "var."+v.name, "the variable has no value", hint)}
		l.recordUnsetVar(v)
		return nil, false
	case l.scope.depth >= maxVarDepth:
		v.state = evalFailed
		v.d.errorf(v.key, "vars."+v.name, "variables refer to each other more than %d deep", maxVarDepth)
		return nil, false
	}
	v.state = evalRunning
	l.scope.depth++
	v.missing = d.withDeferral(true, func() { v.result, v.state = l.evaluateVar(v, d, n) })
	if l.scope.depth--; len(v.missing) > 0 {
		v.state = evalUnset
	}
	return v.result, v.state == evalKnown
}

// maxVarDepth bounds the variables of which each refers to the next.
const maxVarDepth = 1000

// evaluateVar is the value of a variable that stands at a node, checked. What
// holds a sensitive value is sensitive itself.
func (l *fileSet) evaluateVar(v *variable, d *nodeDecoder, n *yaml.Node) (*yaml.Node, evaluation) {
	secret, tainted, spilled := d.secret, d.tainted, d.fromSensitiveVar
	defer func() { d.secret, d.tainted, d.fromSensitiveVar = secret, tainted, spilled }()
	d.secret, d.tainted = v.sensitive, false
	if v.given == nil {
		n = d.resolved(n, 0)
	}
	v.sensitive = v.sensitive || d.tainted
	if v.sensitive {
		d.taint(n)
	}
	own := *n // its type may have to be settled
	if !d.checkVar(v, &own) {
		return nil, evalFailed
	}
	return &own, evalKnown
}

// resolved is a value with all expressions in it resolved.
func (d *nodeDecoder) resolved(n *yaml.Node, depth int) *yaml.Node {
	n = d.resolve(n)
	if len(n.Content) == 0 || depth > maxValueDepth {
		return n
	}
	if !d.set.scope.allowCopies(len(n.Content)) {
		return d.badExpression(n, newExpressionError("the variables of the spec hold more than %d values", maxVarValues))
	}
	all := *n
	all.Content = make([]*yaml.Node, len(n.Content))
	for i, c := range n.Content {
		if isKey := n.Kind == yaml.MappingNode && i%2 == 0; isKey {
			all.Content[i] = followAlias(c)
		} else {
			all.Content[i] = d.resolved(c, depth+1)
		}
		if all.Content[i].Tag == failedTag {
			return all.Content[i]
		}
	}
	return &all
}

// checkVar tells what is wrong with a variable's value.
func (d *nodeDecoder) checkVar(v *variable, n *yaml.Node) bool {
	at := "vars." + v.name
	before := d.set.errorCount
	number := func() float64 { f, _ := numberOf(n); return f }
	allowed := func() string {
		var list []string
		for _, x := range v.oneOf {
			list = append(list, x.Value)
		}
		return strings.Join(list, ", ")
	}
	switch kind := v.valueType(); {
	case n.Tag == failedTag:
		return false
	case kind != "" && !isVarKind(n, kind):
		d.errorf(n, at, "the variable is a %s, got %s", kind, d.describe(n))
	case v.pattern != nil && (n.Kind != yaml.ScalarNode || !v.pattern.MatchString(n.Value)):
		d.errorf(n, at, "%s does not match the variable's pattern %s", d.describe(n), strings.TrimSuffix(strings.TrimPrefix(v.pattern.String(), "^(?:"), ")$"))
	case v.oneOf != nil && !slices.ContainsFunc(v.oneOf, func(x *yaml.Node) bool { return x.Kind == n.Kind && x.Value == n.Value }):
		d.errorf(n, at, "%s is not allowed; allowed are %s", d.describe(n), allowed())
	case v.min != nil && number() < *v.min:
		d.errorf(n, at, "%s is less than the variable's min %v", d.describe(n), *v.min)
	case v.max != nil && number() > *v.max:
		d.errorf(n, at, "%s is more than the variable's max %v", d.describe(n), *v.max)
	}
	return d.set.errorCount == before
}

// numberPattern is a number as it is given from outside of YAML.
var numberPattern = regexp.MustCompile(`^[-+]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][-+]?[0-9]+)?$`)

// isVarKind reports whether a value is of a variable's type, and settles the
// type of a loose one.
func isVarKind(n *yaml.Node, kind string) bool {
	scalar := n.Kind == yaml.ScalarNode && !isNull(n)
	isLoose := n.Style == untypedStyle
	switch kind {
	case "list":
		return n.Kind == yaml.SequenceNode
	case "map":
		return n.Kind == yaml.MappingNode
	case "string":
		if scalar {
			n.Tag, n.Style = "!!str", yaml.DoubleQuotedStyle
		}
		return scalar
	case "number":
		if isLoose && numberPattern.MatchString(n.Value) {
			n.Tag, n.Style = "!!int", 0
			if strings.ContainsAny(n.Value, ".eE") {
				n.Tag = "!!float"
			}
		}
		_, ok := numberOf(n)
		return ok
	case "bool":
		if isLoose && (n.Value == "true" || n.Value == "false") {
			n.Tag, n.Style = "!!bool", 0
		}
		return scalar && n.Tag == "!!bool"
	}
	return false
}
