package gc

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"gopkg.in/yaml.v3"

	"fleet/internal/suggest"
	"fleet/internal/yamldoc"
	"fleet/plan"
	"fleet/spec"
)

// A RuleSet is the content of a rules file.
type RuleSet struct {
	Rules       []Rule        // in the order of precedence
	SpareActive time.Duration // 0 if the file does not set it
}

// ParseRules parses a rules file. The error is a [spec.Diagnostics] that lists all
// mistakes with their positions.
func ParseRules(file string, text []byte) (RuleSet, error) {
	var doc yaml.Node
	r := &parser{file: file, lines: strings.Split(string(text), "\n")}
	switch err := yamldoc.NewDecoder(text).Decode(&doc); {
	case errors.Is(err, io.EOF):
		r.errorfWithHint("it begins with rules:", &yaml.Node{Line: 1, Column: 1}, "", "the file is empty")
	case err != nil:
		r.errorf(&yaml.Node{Line: 1, Column: 1}, "", "this is not YAML: %s", strings.TrimPrefix(err.Error(), "yaml: "))
	default:
		r.root(doc.Content[0])
	}
	if len(r.diagnostics) > 0 {
		return RuleSet{}, r.diagnostics.Sorted()
	}
	return r.rules, nil
}

// A parser parses one rules file.
type parser struct {
	file        string
	lines       []string
	rules       RuleSet
	diagnostics spec.Diagnostics
}

// errorf adds a diagnostic.
func (r *parser) errorf(n *yaml.Node, path, format string, args ...any) {
	r.errorfWithHint("", n, path, format, args...)
}

// errorfWithHint adds a diagnostic with a hint; an empty hint adds none.
func (r *parser) errorfWithHint(hint string, n *yaml.Node, path, format string, args ...any) {
	m := &spec.Diagnostic{Hint: hint, Pos: spec.Position{File: r.file, Line: n.Line, Column: n.Column}, Path: path, Message: fmt.Sprintf(format, args...)}
	if n.Line > 0 && n.Line <= len(r.lines) {
		m.Line = r.lines[n.Line-1]
	}
	r.diagnostics = append(r.diagnostics, m)
}

// mapping calls read for each entry whose key is known.
func (r *parser) mapping(n *yaml.Node, path string, known []string, read func(key string, value *yaml.Node)) {
	if n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	if n.Kind != yaml.MappingNode {
		r.errorf(n, path, "expected a mapping of keys to values")
		return
	}
	seen := map[string]bool{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		if value.Kind == yaml.AliasNode {
			value = value.Alias
		}
		at := strings.TrimPrefix(path+"."+key.Value, ".")
		switch {
		case !slices.Contains(known, key.Value):
			r.errorfWithHint(suggest.DidYouMean(key.Value, known), key, at, "unknown key; there are %s", strings.Join(known, ", "))
		case seen[key.Value]:
			r.errorf(key, at, "the key is set twice")
		default:
			read(key.Value, value)
		}
		seen[key.Value] = true
	}
}

// root parses the mapping at the top of the file.
func (r *parser) root(n *yaml.Node) {
	r.mapping(n, "", []string{"rules", "spare_active"}, func(key string, value *yaml.Node) {
		if key == "spare_active" {
			r.rules.SpareActive = r.duration(value, key)
			return
		}
		if value.Kind != yaml.SequenceNode {
			r.errorf(value, key, "expected a list of rules")
			return
		}
		for i, item := range value.Content {
			if item.Kind == yaml.AliasNode {
				item = item.Alias
			}
			r.rule(item, fmt.Sprintf("rules[%d]", i))
		}
	})
	if len(r.rules.Rules) == 0 && len(r.diagnostics) == 0 {
		r.errorf(n, "", "there are no rules")
	}
}

// ruleKeys lists the keys of a rule.
var ruleKeys = []string{
	"name", "kind", "owner", "names", "labels", "states", "older_than", "idle_for", "owner_label", "heartbeat_label", "heartbeat_max",
	"duplicates", "lease_label", "action",
}

// rule parses one rule. A rule with a mistake in its syntax is not checked any further,
// because the conditions that could not be parsed would count as missing.
func (r *parser) rule(n *yaml.Node, path string) {
	rule := Rule{Kind: spec.SandboxKind, Owner: OwnerFleet}
	before := len(r.diagnostics)
	texts := map[string]*string{
		"name": &rule.Name, "owner": &rule.Owner, "owner_label": &rule.OwnerLabel, "heartbeat_label": &rule.HeartbeatLabel, "lease_label": &rule.LeaseLabel,
	}
	durations := map[string]*time.Duration{"older_than": &rule.OlderThan, "idle_for": &rule.IdleFor, "heartbeat_max": &rule.HeartbeatMax}
	lists := map[string]*[]string{"names": &rule.Names, "states": &rule.States}
	r.mapping(n, path, ruleKeys, func(key string, value *yaml.Node) {
		at := path + "." + key
		switch {
		case texts[key] != nil:
			*texts[key] = r.text(value, at)
		case durations[key] != nil:
			*durations[key] = r.duration(value, at)
		case lists[key] != nil:
			*lists[key] = r.textList(value, at)
		case key == "kind":
			rule.Kind = spec.Kind(r.text(value, at))
		case key == "action":
			rule.Action = r.action(value, at)
		case key == "duplicates":
			rule.Duplicates = value.Value == "true"
			if value.Tag != "!!bool" {
				r.errorf(value, at, "expected true or false")
			}
		case key == "labels":
			rule.Labels = map[string]string{}
			r.mapping(value, at, mappingKeys(value), func(label string, v *yaml.Node) { rule.Labels[label] = r.text(v, at+"."+label) })
		}
	})
	if len(r.diagnostics) > before {
		return
	}
	if rule.Action == 0 {
		r.errorfWithHint("write action: delete, stop or archive", n, path, "action is missing")
	} else if err := rule.Check(); err != nil {
		r.errorf(n, path, "%s", err)
	}
	r.rules.Rules = append(r.rules.Rules, rule)
}

// mappingKeys returns the keys of a mapping.
func mappingKeys(n *yaml.Node) []string {
	var keys []string
	for i := 0; n.Kind == yaml.MappingNode && i < len(n.Content); i += 2 {
		keys = append(keys, n.Content[i].Value)
	}
	return keys
}

// text parses a text that must not be empty.
func (r *parser) text(n *yaml.Node, path string) string {
	if n.Kind != yaml.ScalarNode || n.Tag == "!!null" || n.Value == "" {
		r.errorf(n, path, "expected text")
		return ""
	}
	return n.Value
}

// textList parses a list of texts, or one text.
func (r *parser) textList(n *yaml.Node, path string) []string {
	if n.Kind == yaml.ScalarNode {
		return []string{r.text(n, path)}
	}
	if n.Kind != yaml.SequenceNode {
		r.errorf(n, path, "expected a list of texts")
		return nil
	}
	var list []string
	for i, item := range n.Content {
		list = append(list, r.text(item, fmt.Sprintf("%s[%d]", path, i)))
	}
	return list
}

// duration parses a duration.
func (r *parser) duration(n *yaml.Node, path string) time.Duration {
	d, err := ParseAge(n.Value)
	if n.Kind != yaml.ScalarNode || err != nil {
		r.errorf(n, path, "%s", cmp.Or(errorText(err), "expected a time such as 90m, 36h or 7d"))
	}
	return d
}

// errorText returns the text of an error; empty if it is nil.
func errorText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// action parses an action.
func (r *parser) action(n *yaml.Node, path string) plan.Action {
	a, err := ParseAction(n.Value)
	if err != nil {
		r.errorf(n, path, "%s", err)
	}
	return a
}

// ParseAction parses the action of a rule.
func ParseAction(s string) (plan.Action, error) {
	for _, a := range []plan.Action{plan.Delete, plan.Stop, plan.Archive} {
		if a.String() == s {
			return a, nil
		}
	}
	return 0, fmt.Errorf("action is delete, stop or archive, not %q", s)
}

// ParseAge parses a positive duration, such as 90m, 36h or 7d.
func ParseAge(s string) (time.Duration, error) {
	d, err := spec.ParseDuration(s)
	if err != nil || d <= 0 {
		return 0, fmt.Errorf("%q is not a time; write one such as 90m, 36h or 7d", s)
	}
	return d, nil
}
