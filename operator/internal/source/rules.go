package source

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"sigs.k8s.io/yaml"

	"fleet/internal/input"
)

// Rules state which namespaces may use which Secrets, fleet names and servers. What no
// rule allows is refused. A nil Rules allows everything: each namespace may use its own
// Secrets, as its pods may.
type Rules struct {
	Rules []Rule `json:"rules"`
}

// A Rule allows something to namespaces. Its patterns are those of path.Match, in which
// {namespace} stands for the namespace. An empty list allows all.
type Rule struct {
	Namespaces []string `json:"namespaces,omitempty"`
	Secrets    []string `json:"secrets,omitempty"`
	Fleets     []string `json:"fleets,omitempty"`
	Servers    []string `json:"servers,omitempty"` // URLs; * matches no slash
}

// ReadRules reads the rules in a YAML file. The error states what is wrong with them.
func ReadRules(file string) (*Rules, error) {
	text, err := input.ReadRegular(file, input.MaxRules)
	if err != nil {
		return nil, fmt.Errorf("reading the rules: %w", err)
	}
	var r Rules
	if err := yaml.UnmarshalStrict(text, &r); err != nil {
		return nil, fmt.Errorf("reading the rules: %s: %w", file, err)
	}
	for i, rule := range r.Rules {
		for _, p := range slices.Concat(rule.Namespaces, rule.Secrets, rule.Fleets, rule.Servers) {
			if _, err := path.Match(p, ""); err != nil {
				return nil, fmt.Errorf("reading the rules: %s: rules[%d]: %q is not a pattern", file, i, p)
			}
		}
	}
	return &r, nil
}

// AllowsSecret reports whether Fleet objects of a namespace may use a Secret of it.
func (r *Rules) AllowsSecret(namespace, name string) bool {
	return r.allows(namespace, name, func(x Rule) []string { return x.Secrets })
}

// AllowsFleet reports whether Fleet objects of a namespace may declare a fleet name.
func (r *Rules) AllowsFleet(namespace, name string) bool {
	return r.allows(namespace, name, func(x Rule) []string { return x.Fleets })
}

// AllowsServer reports whether Fleet objects of a namespace may use a server, in any
// spelling of its URL.
func (r *Rules) AllowsServer(namespace, url string) bool {
	return r.allows(namespace, normalAddress(url), func(x Rule) (list []string) {
		for _, p := range x.Servers {
			list = append(list, normalPattern(p))
		}
		return list
	})
}

// allows reports whether a rule for the namespace allows a value.
func (r *Rules) allows(namespace, value string, patterns func(Rule) []string) bool {
	if r == nil {
		return true
	}
	return slices.ContainsFunc(r.Rules, func(x Rule) bool {
		return matches(x.Namespaces, namespace, namespace) && matches(patterns(x), namespace, value)
	})
}

// matches reports whether a value matches one of the patterns, or whether there are none.
func matches(patterns []string, namespace, value string) bool {
	return len(patterns) == 0 || slices.ContainsFunc(patterns, func(p string) bool {
		ok, _ := path.Match(strings.ReplaceAll(p, "{namespace}", namespace), value) // ReadRules has checked the pattern
		return ok
	})
}
