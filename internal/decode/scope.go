package decode

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"

	"fleet/internal/expr"
	"fleet/internal/suggest"
	"fleet/internal/yamldoc"
)

// A scope is what expressions can refer to, in addition to the copy of a group that
// they belong to.
type scope struct {
	fleet       string // name of the fleet
	environment string
	vars        map[string]*variable
	env         map[string]bool // environment variables that the spec lists under env
	secrets     map[string]bool // sensitive values that were read so far
	varsReady   bool            // variables have their values
	copied      int             // values in lists and mappings that expressions were replaced by
	limit       int             // maximum of copied
	written     int             // bytes of texts with expressions so far
	depth       int             // variables that are being evaluated, each for the one before
}

// Limits on copied values. Lists in variables that refer to each other would otherwise
// expand without limit.
const (
	maxVarValues    = 500_000   // in the values of variables
	maxCopiedValues = 5_000_000 // in everything else
)

// allowCopies counts n more values and reports whether the total is within the limit.
func (s *scope) allowCopies(n int) bool {
	s.copied += n
	return s.copied <= s.limit
}

// Limits on texts with expressions, in bytes. They can expand as lists can.
const (
	maxText      = 1 << 20 // one text
	maxTextBytes = 1 << 28 // all texts
)

// allowBytes counts n more bytes and reports whether the total is within the limit.
func (s *scope) allowBytes(n int) bool {
	s.written += n
	return s.written <= maxTextBytes
}

// addSecret records a sensitive value. For a value of several lines it also records
// each longer line, since texts are indented and cut where they are shown.
func (s *scope) addSecret(value string) {
	if value == "" || s.secrets[value] {
		return
	}
	s.secrets[value] = true
	const shortest = 8 // shorter lines, such as braces, are in any text
	if strings.Contains(value, "\n") {
		for line := range strings.Lines(value) {
			if line = strings.TrimSpace(line); len(line) >= shortest {
				s.secrets[line] = true
			}
		}
	}
}

// A Copy is one copy of a group.
type Copy struct {
	Index     int        // from 0
	Key       string     // of for_each; empty for count
	Value     *yaml.Node // of for_each; nil for count
	Decoder   *Decoder   // of the file that contains Value
	Sensitive bool       // the whole value is sensitive
}

// A referent is the value that an expression refers to. A nil node means that it has no
// value.
type referent struct {
	node      *yaml.Node
	sensitive bool
}

// UntypedStyle marks texts from outside of YAML, which do not distinguish numbers from
// texts. They are read as the type that the attribute requires.
const UntypedStyle yaml.Style = 1 << 20

// untypedScalar returns a text that may also be read as a number or boolean.
func untypedScalar(s string) *yaml.Node {
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: s, Style: UntypedStyle}
}

// stringScalar returns a node that is a text only.
func stringScalar(s string) *yaml.Node {
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: s}
}

// EnvNamePattern matches the names of environment variables.
var EnvNamePattern = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_.-]*$`)

// expressionRoots are the first words of references.
var expressionRoots = []string{"each", "env", "fleet", "index", "var"}

// lookup returns the value that a path such as var.size refers to.
func (d *Decoder) lookup(path []string) (referent, *expr.Error) {
	if !d.set.scope.varsReady {
		return referent{}, &expr.Error{Message: "expressions have no value here: this is read before variables are", Hint: "write it out"}
	}
	switch path[0] {
	case "var":
		return d.varReference(path)
	case "env":
		return d.envReference(path)
	case "each":
		return d.eachReference(path)
	case "index":
		return d.indexReference(path)
	case "fleet":
		return d.fleetReference(path)
	}
	hint := suggest.DidYouMean(path[0], expressionRoots)
	if hint == "" {
		hint = "write $${ for the text ${"
	}
	shown := expr.Truncate("${" + strings.Join(path, ".") + "}")
	return referent{}, &expr.Error{Message: shown + " refers to nothing; expressions begin with " + strings.Join(expressionRoots, ", "), Hint: hint, Quoted: shown}
}

// varReference resolves var.NAME and values below it.
func (d *Decoder) varReference(path []string) (referent, *expr.Error) {
	l := d.set
	if len(path) < 2 {
		return referent{}, expr.Errorf("var needs the name of a variable, as in ${var.size}")
	}
	v := l.scope.vars[path[1]]
	if v == nil {
		hint := suggest.DidYouMean(path[1], slices.Sorted(maps.Keys(l.scope.vars)))
		if hint == "" {
			hint = "declare it under vars"
		}
		return referent{}, &expr.Error{Message: fmt.Sprintf("there is no variable %q", path[1]), Hint: hint}
	}
	n, ok := l.varValueOf(v)
	if !ok {
		if v.state == evalUnset && !d.deferUnset(v.missing...) {
			l.Report(v.missing...)
		}
		return referent{node: failedNode(v.key)}, nil // reported at the variable
	}
	n, err := descend(n, path, 2)
	return referent{n, v.sensitive}, err
}

// envReference resolves env.NAME, if the spec lists the name under env.
func (d *Decoder) envReference(path []string) (referent, *expr.Error) {
	l := d.set
	if len(path) != 2 {
		return referent{}, expr.Errorf("env needs the name of an environment variable, as in ${env.HOME}")
	}
	name := path[1]
	if !l.scope.env[name] {
		hint := fmt.Sprintf("add it: env: [%s]", name)
		if near := suggest.Nearest(name, slices.Sorted(maps.Keys(l.scope.env))); near != "" {
			hint = fmt.Sprintf("did you mean %q?", near)
		}
		return referent{}, &expr.Error{Message: fmt.Sprintf("the environment variable %s is not listed under env", name), Hint: hint}
	}
	if l.options.Lookup != nil {
		if s, set := l.options.Lookup(name); set {
			sensitive := l.options.SensitiveEnv != nil && l.options.SensitiveEnv(name)
			return referent{untypedScalar(s), sensitive}, nil
		}
	}
	return referent{}, nil
}

// eachReference resolves each.key and each.value of a copy.
func (d *Decoder) eachReference(path []string) (referent, *expr.Error) {
	switch m := d.current; {
	case m == nil || m.Value == nil:
		return referent{}, expr.Errorf("${%s} has a value only with for_each", strings.Join(path, "."))
	case len(path) == 2 && path[1] == "key":
		return referent{node: untypedScalar(m.Key)}, nil
	case len(path) >= 2 && path[1] == "value":
		return m.resolvePath(d, path)
	}
	return referent{}, expr.Errorf("each has key and value, not %s", strings.Join(path[1:], "."))
}

// resolvePath resolves a path in the value of the copy for the decoder by. The value
// may be in another file than the reference.
func (m *Copy) resolvePath(by *Decoder, path []string) (ref referent, err *expr.Error) {
	lacks := m.Decoder.WithDeferral(by.deferring, func() { ref, err = m.read(path) })
	by.deferUnset(lacks...)
	return ref, err
}

// read is resolvePath without the handling of values that are not set. The value of a
// copy cannot refer to a copy itself.
func (m *Copy) read(path []string) (referent, *expr.Error) {
	d := m.Decoder
	member, tainted, spilled, secret := d.current, d.tainted, d.fromSensitiveVar, d.secret
	d.current, d.tainted = nil, false
	n, err := d.Resolve(m.Value), (*expr.Error)(nil)
	for i := 2; i < len(path) && err == nil; i++ {
		if n, err = descend(n, path[:i+1], i); err == nil {
			n = d.Resolve(n)
		}
	}
	if err == nil {
		n = d.Resolved(n, 0)
	}
	ref := referent{n, d.tainted || m.Sensitive}
	d.current, d.tainted, d.fromSensitiveVar, d.secret = member, tainted, spilled, secret
	return ref, err
}

// indexReference resolves index, the number of a copy from 0.
func (d *Decoder) indexReference(path []string) (referent, *expr.Error) {
	switch {
	case len(path) > 1:
		return referent{}, expr.Errorf("index is a number and has nothing below it")
	case d.current == nil:
		return referent{}, expr.Errorf("${index} has a value only with count or for_each")
	}
	return referent{node: &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!int", Value: strconv.Itoa(d.current.Index)}}, nil
}

// fleetReference resolves fleet.name and fleet.environment.
func (d *Decoder) fleetReference(path []string) (referent, *expr.Error) {
	l := d.set
	switch {
	case len(path) == 2 && path[1] == "name" && l.scope.fleet != "":
		return referent{node: stringScalar(l.scope.fleet)}, nil
	case len(path) == 2 && path[1] == "name":
		return referent{}, expr.Errorf("the fleet has no name yet")
	case len(path) == 2 && path[1] == "environment":
		return referent{node: stringScalar(l.scope.environment)}, nil
	}
	return referent{}, expr.Errorf("fleet has name and environment")
}

// descend follows path[from:] from n downwards.
func descend(n *yaml.Node, path []string, from int) (*yaml.Node, *expr.Error) {
	for i := from; i < len(path); i++ {
		n = yamldoc.FollowAlias(n)
		below := yamldoc.Child(n, path[i])
		if below == nil {
			return nil, &expr.Error{Message: fmt.Sprintf("%s has no %q", strings.Join(path[:i], "."), path[i]), Hint: hintBelow(n, path[i])}
		}
		n = below
	}
	return n, nil
}

// hintBelow suggests a key of n for a misspelt one.
func hintBelow(n *yaml.Node, key string) string {
	var keys []string
	if n.Kind == yaml.MappingNode {
		for i := 0; i+1 < len(n.Content); i += 2 {
			keys = append(keys, n.Content[i].Value)
		}
	}
	return suggest.DidYouMean(key, keys)
}
