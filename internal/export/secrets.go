package export

import (
	"fmt"
	"strings"

	"gopkg.in/yaml.v3"

	"fleet/spec"
)

// Secrets is what becomes of secret values in a spec.
type Secrets string

// The ways to treat secret values. The zero Secrets omits them.
const (
	Refer Secrets = "env"   // references to environment variables
	Omit  Secrets = "omit"  // left out, so that they are not managed
	Plain Secrets = "plain" // as they are
)

// writer is how to write secret values.
func (s Secrets) writer(vars *variables) func(spec.Address, string, string) *yaml.Node {
	switch s {
	case Refer:
		return vars.refer
	case Plain:
		return spec.PlainSecret
	}
	return func(spec.Address, string, string) *yaml.Node { return nil }
}

// variables are the environment variables that a spec refers to.
type variables struct{ values map[string]string }

func newVariables() *variables { return &variables{map[string]string{}} }

// refer replaces a value by the name of a variable. What is empty is no secret.
func (v *variables) refer(block spec.Address, path, value string) *yaml.Node {
	if value == "" {
		return spec.PlainSecret(block, path, value)
	}
	_, name, many := strings.Cut(path, ".")
	if !many {
		name = path
	}
	name = variable(block.Key + "_" + name)
	free := name
	for n := 2; ; n++ {
		if other, taken := v.values[free]; !taken || other == value {
			break
		}
		free = fmt.Sprintf("%s_%d", name, n)
	}
	v.values[free] = value
	return spec.FromEnvironment(free)
}

// variable is a text as the name of a variable.
func variable(s string) string {
	name := strings.Map(func(r rune) rune {
		if r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' {
			return r
		}
		return '_'
	}, strings.ToUpper(s))
	if strings.HasPrefix(name, "VAR_") { // FLEET_VAR_ begins the names of variables of specs
		name = "SANDBOX_" + name
	}
	return "FLEET_" + name
}
