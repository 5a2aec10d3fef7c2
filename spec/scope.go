package spec

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"
)

// A scope is what expressions can refer to, beside the copy of a group that
// they stand in.
type scope struct {
	fleet       string
	environment string
	vars        map[string]*variable
	env         map[string]bool // environment variables that the spec declares to read
	secrets     map[string]bool // sensitive values that came up so far
	ready       bool            // variables were given their values
	copied      int             // values in lists and mappings that expressions stood for so far
	limit       int             // how many of them there may be
	written     int             // bytes of texts with expressions so far
	depth       int             // variables that wait for the value of another one
}

// Lists in variables that name each other could grow without end: these bound
// the values that variables hold, and those that expressions copy after that.
const (
	maxHeld   = 500_000
	maxCopied = 5_000_000
)

// copies counts values, and reports whether so many are still allowed.
func (s *scope) copies(n int) bool {
	s.copied += n
	return s.copied <= s.limit
}

// Texts in variables can grow as lists can: these bound one text with
// expressions, and all of them together, in bytes.
const (
	maxText    = 1 << 20
	maxWritten = 1 << 28
)

// writes counts bytes, and reports whether so many are still allowed.
func (s *scope) writes(n int) bool {
	s.written += n
	return s.written <= maxWritten
}

// keep notes a sensitive value. Of one of several lines each line is kept, too:
// texts are indented and cut where they are shown.
func (s *scope) keep(value string) {
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
type member struct {
	index int
	key   string     // of for_each; empty for count
	value *yaml.Node // of for_each; nil for count
	d     *decoder   // of the file that the value stands in

	sensitive bool // all of the value is
}

// A referent is what an expression refers to. A nil node has no value.
type referent struct {
	node      *yaml.Node
	sensitive bool
}

// fromOutside marks texts that come from outside of YAML, where a number cannot
// be told from a text: they are taken as whatever is wanted.
const fromOutside yaml.Style = 1 << 20

func loose(s string) *yaml.Node {
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: s, Style: fromOutside}
}

func strict(s string) *yaml.Node {
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: s}
}

// roots are the words that references begin with.
var roots = []string{"each", "env", "fleet", "index", "var"}

// lookup finds what a path refers to.
func (d *decoder) lookup(path []string) (referent, *expressionError) {
	if !d.values.scope.ready {
		return referent{}, &expressionError{message: "expressions have no value here: this is read before variables are", hint: "write it out"}
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
	hint := DidYouMean(path[0], roots)
	if hint == "" {
		hint = "write $${ for the text ${"
	}
	shown := shortened("${" + strings.Join(path, ".") + "}")
	return referent{}, &expressionError{message: shown + " refers to nothing; expressions begin with " + strings.Join(roots, ", "), hint: hint, quoted: shown}
}

func (d *decoder) varReference(path []string) (referent, *expressionError) {
	l := d.values
	if len(path) < 2 {
		return referent{}, wrongExpression("var needs the name of a variable, as in ${var.size}")
	}
	v := l.scope.vars[path[1]]
	if v == nil {
		hint := DidYouMean(path[1], slices.Sorted(maps.Keys(l.scope.vars)))
		if hint == "" {
			hint = "declare it under vars"
		}
		return referent{}, &expressionError{message: fmt.Sprintf("there is no variable %q", path[1]), hint: hint}
	}
	n, ok := l.value(v)
	if !ok {
		if v.state == unvalued && !d.lack(v.missing...) {
			l.tell(v.missing...)
		}
		return referent{node: failed(v.key)}, nil // told at the variable
	}
	n, err := descend(n, path, 2)
	return referent{n, v.sensitive}, err
}

func (d *decoder) envReference(path []string) (referent, *expressionError) {
	l := d.values
	if len(path) != 2 {
		return referent{}, wrongExpression("env needs the name of an environment variable, as in ${env.HOME}")
	}
	name := path[1]
	if !l.scope.env[name] {
		hint := fmt.Sprintf("add it: env: [%s]", name)
		if near := nearest(name, slices.Sorted(maps.Keys(l.scope.env))); near != "" {
			hint = fmt.Sprintf("did you mean %q?", near)
		}
		return referent{}, &expressionError{message: fmt.Sprintf("the environment variable %s is not listed under env", name), hint: hint}
	}
	if l.options.Lookup != nil {
		if s, set := l.options.Lookup(name); set {
			return referent{node: loose(s)}, nil
		}
	}
	return referent{}, nil
}

func (d *decoder) eachReference(path []string) (referent, *expressionError) {
	switch m := d.member; {
	case m == nil || m.value == nil:
		return referent{}, wrongExpression("${%s} has a value only with for_each", strings.Join(path, "."))
	case len(path) == 2 && path[1] == "key":
		return referent{node: loose(m.key)}, nil
	case len(path) >= 2 && path[1] == "value":
		return m.below(d, path)
	}
	return referent{}, wrongExpression("each has key and value, not %s", strings.Join(path[1:], "."))
}

// below is what a path refers to in the member's value, which may stand in
// another file than the reference, and refers to no copy itself.
func (m *member) below(by *decoder, path []string) (ref referent, err *expressionError) {
	lacks := m.d.deferringWhile(by.deferring, func() { ref, err = m.read(path) })
	by.lack(lacks...)
	return ref, err
}

// read is below without what is to be done about values that are not set.
func (m *member) read(path []string) (referent, *expressionError) {
	d := m.d
	member, tainted, spilled, secret := d.member, d.tainted, d.spilled, d.secret
	d.member, d.tainted = nil, false
	n, err := d.resolve(m.value), (*expressionError)(nil)
	for i := 2; i < len(path) && err == nil; i++ {
		if n, err = descend(n, path[:i+1], i); err == nil {
			n = d.resolve(n)
		}
	}
	if err == nil {
		n = d.resolved(n, 0)
	}
	ref := referent{n, d.tainted || m.sensitive}
	d.member, d.tainted, d.spilled, d.secret = member, tainted, spilled, secret
	return ref, err
}

func (d *decoder) indexReference(path []string) (referent, *expressionError) {
	switch {
	case len(path) > 1:
		return referent{}, wrongExpression("index is a number and has nothing below it")
	case d.member == nil:
		return referent{}, wrongExpression("${index} has a value only with count or for_each")
	}
	return referent{node: &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!int", Value: strconv.Itoa(d.member.index)}}, nil
}

func (d *decoder) fleetReference(path []string) (referent, *expressionError) {
	l := d.values
	switch {
	case len(path) == 2 && path[1] == "name" && l.scope.fleet != "":
		return referent{node: strict(l.scope.fleet)}, nil
	case len(path) == 2 && path[1] == "name":
		return referent{}, wrongExpression("the fleet has no name yet")
	case len(path) == 2 && path[1] == "environment":
		return referent{node: strict(l.scope.environment)}, nil
	}
	return referent{}, wrongExpression("fleet has name and environment")
}

// descend follows the rest of a path into a value.
func descend(n *yaml.Node, path []string, from int) (*yaml.Node, *expressionError) {
	for i := from; i < len(path); i++ {
		n = follow(n)
		below := child(n, path[i])
		if below == nil {
			return nil, &expressionError{message: fmt.Sprintf("%s has no %q", strings.Join(path[:i], "."), path[i]), hint: hintBelow(n, path[i])}
		}
		n = below
	}
	return n, nil
}

// child is the value of a key, or an item of a list by its number; nil when
// there is none.
func child(n *yaml.Node, key string) *yaml.Node {
	switch n.Kind {
	case yaml.MappingNode:
		for i := 0; i+1 < len(n.Content); i += 2 {
			if n.Content[i].Value == key {
				return n.Content[i+1]
			}
		}
	case yaml.SequenceNode:
		if i, err := strconv.Atoi(key); err == nil && i >= 0 && i < len(n.Content) {
			return n.Content[i]
		}
	}
	return nil
}

func hintBelow(n *yaml.Node, key string) string {
	var keys []string
	if n.Kind == yaml.MappingNode {
		for i := 0; i+1 < len(n.Content); i += 2 {
			keys = append(keys, n.Content[i].Value)
		}
	}
	return DidYouMean(key, keys)
}
