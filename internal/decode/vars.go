package decode

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
	"fleet/internal/expr"
	"fleet/internal/suggest"
	"fleet/internal/yamldoc"
)

// A variable is declared by a spec and gets its value from outside or from its default.
type variable struct {
	name         string
	d            *Decoder // of the file that sets the default
	key          *yaml.Node
	declaredType string     // one of VarKinds; empty allows any
	defaultNode  *yaml.Node // nil if there is no default
	sensitive    bool
	pattern      *regexp.Regexp // nil allows any text
	oneOf        []*yaml.Node   // allowed values; nil allows any
	min, max     *float64       // nil means no limit
	given        *varValue      // from outside; nil means the default
	state        evaluation
	result       *yaml.Node               // if state is evalKnown
	missing      []*diagnostic.Diagnostic // values that are not set, if state is evalUnset
}

// A varValue is a value from outside of the spec, with the decoder for its place.
type varValue struct {
	d    *Decoder
	node *yaml.Node
}

// An evaluation is the state of a variable's value.
type evaluation int

// The states of a value.
const (
	evalPending evaluation = iota // not evaluated yet
	evalRunning                   // being evaluated
	evalKnown                     // evaluated
	evalFailed                    // wrong, which was reported
	evalUnset                     // it depends on a value that is not set
)

var (
	// VarKinds are the types that a variable can declare.
	VarKinds = []string{"string", "number", "bool", "list", "map"}
	// VarNamePattern matches the names of variables.
	VarNamePattern = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_-]*$`)
)

// ReadEnv reads the names of the environment variables that a spec may refer to.
func (l *FileSet) ReadEnv(d *Decoder, e Entry) {
	items, _ := d.Sequence(e.Value, e.Name)
	for i, item := range items {
		s, ok := d.Text(item, fmt.Sprintf("env[%d]", i))
		if ok && !EnvNamePattern.MatchString(s) {
			d.Errorf(item, fmt.Sprintf("env[%d]", i), "%q is not the name of an environment variable", s)
		}
		l.scope.env[s] = true
	}
}

// ReadVars reads the variables of a part of the spec. An overlay may change variables
// that exist.
func (l *FileSet) ReadVars(d *Decoder, e Entry, overlay bool) {
	entries, _ := d.Entries(e.Value, e.Name)
	for _, e := range entries {
		at := "vars." + e.Name
		if !VarNamePattern.MatchString(e.Name) {
			d.Errorf(e.Key, at, "%q is not the name of a variable; write letters, digits, _ and - inside", e.Name)
			continue
		}
		v := l.scope.vars[e.Name]
		switch {
		case v == nil:
			v = &variable{name: e.Name, d: d, key: e.Key}
			l.scope.vars[e.Name] = v
		case !overlay:
			d.Errorf(e.Key, at, "the variable is declared twice; the first is at %s", v.d.Position(v.key))
			continue
		}
		if n := yamldoc.FollowAlias(e.Value); n.Kind != yaml.MappingNode {
			v.defaultNode, v.d = n, d
		} else {
			d.readVar(v, e, at)
		}
		if v.sensitive && v.defaultNode != nil {
			v.d.Hide(v.defaultNode)
		}
	}
}

// readVar reads the long form of a variable.
func (d *Decoder) readVar(v *variable, e Entry, at string) {
	entries, _ := d.Entries(e.Value, at)
	for _, e := range entries {
		where := yamldoc.Join(at, e.Name)
		switch e.Name {
		case "type":
			s, ok := d.Text(e.Value, where)
			if ok && !slices.Contains(VarKinds, s) {
				d.Errorf(e.Value, where, "%q is not a type; allowed are %s", s, strings.Join(VarKinds, ", ")).Hint = suggest.DidYouMean(s, VarKinds)
				continue
			}
			v.declaredType = s
		case "default":
			v.defaultNode, v.d = yamldoc.FollowAlias(e.Value), d
		case "description":
			d.Text(e.Value, where)
		case "sensitive":
			on, _ := d.Flag(e.Value, where)
			v.sensitive = on == true
		case "pattern":
			v.pattern = d.pattern(e.Value, where)
		case "one_of":
			v.oneOf, _ = d.Sequence(e.Value, where)
		case "min":
			v.min = d.float(e.Value, where)
		case "max":
			v.max = d.float(e.Value, where)
		default:
			d.Errorf(e.Key, where, "unknown key; a variable has %s", strings.Join(d.set.options.VarKeys, ", ")).Hint = unknownVarKeyHint(e.Name, d.set.options.VarKeys)
			v.state = evalFailed // the key may be a misspelt default
		}
	}
}

// pattern returns a regular expression that a whole value must match.
func (d *Decoder) pattern(n *yaml.Node, path string) *regexp.Regexp {
	s, ok := d.Text(n, path)
	if !ok {
		return nil
	}
	re, err := regexp.Compile(`^(?:` + s + `)$`)
	if err != nil {
		d.Errorf(n, path, "%q is not a regular expression: %v", s, err)
	}
	return re
}

// unknownVarKeyHint returns a hint for an unknown key of a variable.
func unknownVarKeyHint(name string, known []string) string {
	if hint := suggest.DidYouMean(name, known); hint != "" {
		return hint
	}
	return "write the value of a mapping under default"
}

// float returns a number, or nil if it reported an error.
func (d *Decoder) float(n *yaml.Node, path string) *float64 {
	n = d.Resolve(n)
	f, ok := numberOf(n)
	if !ok {
		d.Errorf(n, path, "expected a number, got %s", d.Describe(n))
		return nil
	}
	return &f
}

// numberOf returns the number of a node, and false if the node is not a finite number.
func numberOf(n *yaml.Node) (float64, bool) {
	var f float64
	if n.Kind != yaml.ScalarNode || n.Tag != "!!int" && n.Tag != "!!float" || n.Decode(&f) != nil {
		return 0, false
	}
	return f, !math.IsNaN(f) && !math.IsInf(f, 0)
}

// AssignVars assigns the values from outside to their variables: environment variables,
// then files, then Options.Vars, where the last takes precedence.
func (l *FileSet) AssignVars() {
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
		case !l.Incomplete && (strings.Trim(x.Value, "=") == "" || !VarNamePattern.MatchString(x.Name)): // a token may end in =
			known := strings.Join(slices.Sorted(maps.Keys(l.scope.vars)), ", ")
			m := &diagnostic.Diagnostic{Pos: diagnostic.Position{File: "--var"}, Message: "the spec has no variable of the name that is given, which is not shown since it may be a secret"}
			m.Hint = "write NAME=VALUE; the spec has " + cmp.Or(known, "no variables")
			l.Report(m)
		case !l.Incomplete:
			m := &diagnostic.Diagnostic{Pos: diagnostic.Position{File: x.From}, Message: fmt.Sprintf("the spec has no variable %q", x.Name)}
			m.Hint = suggest.DidYouMean(x.Name, slices.Sorted(maps.Keys(l.scope.vars)))
			l.Report(m)
		}
	}
	l.scope.varsReady = true
}

// assignVarFile assigns the values of a file. Those of an encrypted file are sensitive.
func (l *FileSet) assignVarFile(file string) {
	text, err := l.options.Read(file)
	if err != nil {
		l.Report(&diagnostic.Diagnostic{Pos: diagnostic.Position{File: file}, Message: ReadErrorText(err)})
		return
	}
	d := l.NewDecoder(yamldoc.Source{Name: file, Text: text})
	d.Untrusted = true // it holds values, which may be secret
	l.Sources = append(l.Sources, file)
	roots := d.Documents(text)
	if len(roots) == 0 {
		return
	}
	encrypted := isEncrypted(roots[0])
	if encrypted {
		if text, err = l.decrypt(file); err != nil {
			d.Errorf(roots[0], "", "%s", err)
			return
		}
		d.ForgetLines()
		if roots = d.Documents(text); len(roots) == 0 {
			return
		}
	}
	if roots[0].Kind != yaml.MappingNode {
		d.Errorf(roots[0], "", "expected a mapping of variables to values, got %s", yamldoc.NodeKind(roots[0]))
		return
	}
	d.Untrusted = false
	entries, _ := d.Entries(roots[0], "")
	for _, e := range entries {
		v := l.scope.vars[e.Name]
		if v == nil {
			if !l.Incomplete {
				d.Hide(e.Value)
				d.Errorf(e.Key, e.Name, "the spec has no variable %q", e.Name).Hint = suggest.DidYouMean(e.Name, slices.Sorted(maps.Keys(l.scope.vars)))
			}
			continue
		}
		if v.sensitive = v.sensitive || encrypted; v.sensitive {
			d.Hide(e.Value)
		}
		v.given = &varValue{d, yamldoc.FollowAlias(e.Value)}
	}
}

// assignVar parses a value as the type of the variable.
func (l *FileSet) assignVar(v *variable, x Var) {
	d := &Decoder{File: &yamldoc.File{Name: x.From}, set: l}
	n := untypedScalar(x.Value)
	if kind := v.valueType(); kind == "list" || kind == "map" {
		var doc yaml.Node
		if err := yaml.Unmarshal([]byte(x.Value), &doc); err != nil || len(doc.Content) == 0 {
			d.ErrorfAt(diagnostic.Position{File: x.From}, "", "the variable %s is a %s: its value must be YAML such as %s", v.name, kind, map[string]string{"list": "[a, b]", "map": "{a: 1}"}[kind])
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

// valueType returns the declared type of the variable, or else the type of its default.
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

// checkVar checks the value of a variable against its declaration.
func (d *Decoder) checkVar(v *variable, n *yaml.Node) bool {
	at := "vars." + v.name
	before := d.set.ErrorCount
	number := func() float64 { f, _ := numberOf(n); return f }
	allowed := func() string {
		var list []string
		for _, x := range v.oneOf {
			list = append(list, x.Value)
		}
		return strings.Join(list, ", ")
	}
	switch kind := v.valueType(); {
	case n.Tag == FailedTag:
		return false
	case kind != "" && !isVarKind(n, kind):
		d.Errorf(n, at, "the variable is a %s, got %s", kind, d.Describe(n))
	case v.pattern != nil && (n.Kind != yaml.ScalarNode || !v.pattern.MatchString(n.Value)):
		d.Errorf(n, at, "%s does not match the variable's pattern %s", d.Describe(n), strings.TrimSuffix(strings.TrimPrefix(v.pattern.String(), "^(?:"), ")$"))
	case v.oneOf != nil && !slices.ContainsFunc(v.oneOf, func(x *yaml.Node) bool { return x.Kind == n.Kind && x.Value == n.Value }):
		d.Errorf(n, at, "%s is not allowed; allowed are %s", d.Describe(n), allowed())
	case v.min != nil && number() < *v.min:
		d.Errorf(n, at, "%s is less than the variable's min %v", d.Describe(n), *v.min)
	case v.max != nil && number() > *v.max:
		d.Errorf(n, at, "%s is more than the variable's max %v", d.Describe(n), *v.max)
	}
	return d.set.ErrorCount == before
}

// numberPattern matches numbers that are given outside of YAML.
var numberPattern = regexp.MustCompile(`^[-+]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][-+]?[0-9]+)?$`)

// isVarKind reports whether a value has the type of a variable. It sets the type of an
// untyped value.
func isVarKind(n *yaml.Node, kind string) bool {
	scalar := n.Kind == yaml.ScalarNode && !yamldoc.IsNull(n)
	isLoose := n.Style == UntypedStyle
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
