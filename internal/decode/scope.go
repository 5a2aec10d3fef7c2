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

// A scope is what expressions can refer to, beside the copy of a group that
// they stand in.
type scope struct {
	fleet       string
	environment string
	vars        map[string]*variable
	env         map[string]bool // environment variables that the spec declares to read
	secrets     map[string]bool // sensitive values that came up so far
	varsReady   bool            // variables were given their values
	copied      int             // values in lists and mappings that expressions stood for so far
	limit       int             // how many of them there may be
	written     int             // bytes of texts with expressions so far
	depth       int             // variables that wait for the value of another one
}

// Lists in variables that name each other could grow without end: these bound
// the values that variables hold, and those that expressions copy after that.
const (
	maxVarValues    = 500_000
	maxCopiedValues = 5_000_000
)

// allowCopies counts values, and reports whether so many are still allowed.
func (s *scope) allowCopies(n int) bool {
	s.copied += n
	return s.copied <= s.limit
}

// Texts in variables can grow as lists can: these bound one text with
// expressions, and all of them together, in bytes.
const (
	maxText      = 1 << 20
	maxTextBytes = 1 << 28
)

// allowBytes counts bytes, and reports whether so many are still allowed.
func (s *scope) allowBytes(n int) bool {
	s.written += n
	return s.written <= maxTextBytes
}

// addSecret notes a sensitive value. Of one of several lines each line is kept, too:
// texts are indented and cut where they are shown.
func (s *scope) addSecret(value string) {
	if value == "" || s.secrets[value] {
		return
	}
	s.secrets[value] = true
	const shortest = 8 // shorter lines, such as braces, are in every text
	if strings.Contains(value, "\n") {
		for line := range strings.Lines(value) {
			if line = strings.TrimSpace(line); len(line) >= shortest {
				s.secrets[line] = true
			}
		}
	}
}

// A member is one copy of a group.
type Copy struct {
	Index int
	Key   string     // of for_each; empty for count
	Value *yaml.Node // of for_each; nil for count
	D     *Decoder   // of the file that the value stands in

	Sensitive bool // all of the value is
}

// A referent is what an expression refers to. A nil node has no value.
type referent struct {
	node      *yaml.Node
	sensitive bool
}

// UntypedStyle marks texts that come from outside of YAML, where a number cannot
// be told from a text: they are taken as whatever is wanted.
const UntypedStyle yaml.Style = 1 << 20

func untypedScalar(s string) *yaml.Node {
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: s, Style: UntypedStyle}
}

func stringScalar(s string) *yaml.Node {
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: s}
}

// EnvNamePattern matches the names of environment variables.
var EnvNamePattern = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_.-]*$`)

// expressionRoots are the words that references begin with.
var expressionRoots = []string{"each", "env", "fleet", "index", "var"}

// lookup finds what a path refers to.
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
		return referent{node: failedNode(v.key)}, nil // told at the variable
	}
	n, err := descend(n, path, 2)
	return referent{n, v.sensitive}, err
}

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
			return referent{node: untypedScalar(s)}, nil
		}
	}
	return referent{}, nil
}

func (d *Decoder) eachReference(path []string) (referent, *expr.Error) {
	switch m := d.Copy; {
	case m == nil || m.Value == nil:
		return referent{}, expr.Errorf("${%s} has a value only with for_each", strings.Join(path, "."))
	case len(path) == 2 && path[1] == "key":
		return referent{node: untypedScalar(m.Key)}, nil
	case len(path) >= 2 && path[1] == "value":
		return m.resolvePath(d, path)
	}
	return referent{}, expr.Errorf("each has key and value, not %s", strings.Join(path[1:], "."))
}

// resolvePath is what a path refers to in the member's value, which may stand in
// another file than the reference, and refers to no copy itself.
func (m *Copy) resolvePath(by *Decoder, path []string) (ref referent, err *expr.Error) {
	lacks := m.D.WithDeferral(by.deferring, func() { ref, err = m.read(path) })
	by.deferUnset(lacks...)
	return ref, err
}

// read is below without what is to be done about values that are not set.
func (m *Copy) read(path []string) (referent, *expr.Error) {
	d := m.D
	member, tainted, spilled, secret := d.Copy, d.tainted, d.fromSensitiveVar, d.secret
	d.Copy, d.tainted = nil, false
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
	d.Copy, d.tainted, d.fromSensitiveVar, d.secret = member, tainted, spilled, secret
	return ref, err
}

func (d *Decoder) indexReference(path []string) (referent, *expr.Error) {
	switch {
	case len(path) > 1:
		return referent{}, expr.Errorf("index is a number and has nothing below it")
	case d.Copy == nil:
		return referent{}, expr.Errorf("${index} has a value only with count or for_each")
	}
	return referent{node: &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!int", Value: strconv.Itoa(d.Copy.Index)}}, nil
}

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

// descend follows the rest of a path into a value.
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

func hintBelow(n *yaml.Node, key string) string {
	var keys []string
	if n.Kind == yaml.MappingNode {
		for i := 0; i+1 < len(n.Content); i += 2 {
			keys = append(keys, n.Content[i].Value)
		}
	}
	return suggest.DidYouMean(key, keys)
}
