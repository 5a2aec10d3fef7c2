package image

import (
	"fmt"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"fleet/internal/decode"
	"fleet/internal/expr"
	"fleet/internal/suggest"
	"fleet/internal/yamldoc"
)

// oneLine reads a text that is not blank and has no line breaks.
func (r reader) oneLine(n *yaml.Node, path string) string {
	s, ok := r.Text(n, path)
	switch {
	case ok && strings.TrimSpace(s) == "":
		r.Errorf(n, path, "must not be empty")
	case strings.Contains(s, "\n"):
		r.Errorf(n, path, "must be one line")
	}
	return s
}

// oneLines reads a text, or a list of texts, that are not blank and have no line breaks.
func (r reader) oneLines(n *yaml.Node, path string) []string {
	var list []string
	for _, item := range r.items(n, path) {
		list = append(list, r.oneLine(item.node, item.path))
	}
	return list
}

// An item is a value in a list, with its place.
type item struct {
	node *yaml.Node
	path string
}

// items returns the items of a list. A text is a list of one.
func (r reader) items(n *yaml.Node, path string) []item {
	if n = r.Resolve(n); n.Kind == yaml.ScalarNode && !yamldoc.IsNull(n) {
		return []item{{n, path}}
	}
	if decode.IsValueFrom(n) {
		return []item{{n, path}}
	}
	nodes, _ := r.Sequence(n, path)
	list := make([]item, len(nodes))
	for i, node := range nodes {
		list[i] = item{node, fmt.Sprintf("%s[%d]", path, i)}
	}
	return list
}

// isMapping reports whether a value is written as a mapping of keys, and not as a text
// given by reference.
func (r reader) isMapping(n *yaml.Node) bool {
	n = r.Resolve(n)
	return n.Kind == yaml.MappingNode && !decode.IsValueFrom(n)
}

// mapping returns the entries of a mapping by key. It reports unknown keys and missing
// ones.
func (r reader) mapping(n *yaml.Node, path string, keys []Key) map[string]*yaml.Node {
	entries, ok := r.Entries(n, path)
	known := make([]string, len(keys))
	for i, k := range keys {
		known[i] = k.Name
	}
	byKey := map[string]*yaml.Node{}
	for _, e := range entries {
		if !slices.Contains(known, e.Name) {
			r.Errorf(e.Key, at(path, e.Name), "unknown key; known keys are %s", strings.Join(known, ", ")).Hint = keyHint(e.Name, keys, known)
			ok = false
			continue
		}
		byKey[e.Name] = e.Value
	}
	for _, k := range keys {
		if k.Required && byKey[k.Name] == nil && ok {
			r.Errorf(n, path, "%s is missing", k.Name).Hint = "write " + strings.ReplaceAll(k.Example, "\n", " ")
		}
	}
	return byKey
}

// keyHint returns a hint for an unknown key of a step.
func keyHint(name string, keys []Key, known []string) string {
	for _, k := range keys {
		if slices.Contains(strings.Fields(k.others), name) {
			return fmt.Sprintf("did you mean %q?", k.Name)
		}
	}
	return suggest.DidYouMean(name, known)
}

// flag reads true or false. A nil node is the default.
func (r reader) flag(n *yaml.Node, path string, byDefault bool) bool {
	if n == nil {
		return byDefault
	}
	v, ok := r.Flag(n, path)
	return ok && v == true
}

// matching reads a text of one line that a check accepts; want describes such texts.
func (r reader) matching(n *yaml.Node, path, want string, check func(string) bool) string {
	before := r.ErrorCount()
	s := r.oneLine(n, path)
	if r.ErrorCount() == before && s != "" && !check(s) { // it is empty if a variable is not set
		r.RejectText(n, path, s, fmt.Sprintf("%q is not %s", s, want))
	}
	return s
}

// isLiteral reports whether the spec contains the text of a node itself, without
// expressions or references.
func isLiteral(n *yaml.Node) bool {
	n = yamldoc.FollowAlias(n)
	return n.Kind == yaml.ScalarNode && n.Value != "" && !strings.Contains(n.Value, expr.Open)
}
