package export

import (
	"fmt"
	"strings"

	"gopkg.in/yaml.v3"

	"fleet/spec"
)

// A SecretMode sets how secret values are written to a spec.
type SecretMode string

// The modes. The zero SecretMode omits secret values.
const (
	SecretsEnv   SecretMode = "env"   // references to environment variables
	SecretsOmit  SecretMode = "omit"  // left out, so that they are not managed
	SecretsPlain SecretMode = "plain" // as they are
)

// encoder returns the function that encodes secret values.
func (s SecretMode) encoder(vars *variables) func(spec.Address, string, string) *yaml.Node {
	switch s {
	case SecretsEnv:
		return vars.referTo
	case SecretsPlain:
		return spec.PlainSecret
	}
	return func(spec.Address, string, string) *yaml.Node { return nil }
}

// variables holds the values of the environment variables that a spec refers to.
type variables struct{ values map[string]string }

// newVariables returns an empty set of variables.
func newVariables() *variables { return &variables{map[string]string{}} }

// referTo returns a reference to a variable with the value. Empty values are not secret,
// and returned as they are.
func (v *variables) referTo(block spec.Address, path, value string) *yaml.Node {
	if value == "" {
		return spec.PlainSecret(block, path, value)
	}
	_, name, many := strings.Cut(path, ".")
	if !many {
		name = path
	}
	name = variableName(block.Key + "_" + name)
	free := name
	for n := 2; ; n++ {
		if other, taken := v.values[free]; !taken || other == value {
			break
		}
		free = fmt.Sprintf("%s_%d", name, n)
	}
	v.values[free] = value
	return spec.SecretFromEnv(free)
}

// variableName turns a text into the name of an environment variable.
func variableName(s string) string {
	name := strings.Map(func(r rune) rune {
		if r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' {
			return r
		}
		return '_'
	}, strings.ToUpper(s))
	if strings.HasPrefix(name, "VAR_") { // FLEET_VAR_ is the prefix of spec variables
		name = "SANDBOX_" + name
	}
	return "FLEET_" + name
}
