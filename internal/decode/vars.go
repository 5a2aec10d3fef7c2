package decode

import (
	"fmt"
	"math"
	"regexp"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"fleet/internal/diagnostic"
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
