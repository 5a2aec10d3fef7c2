package dockerfile

import (
	"maps"
	"slices"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/buildkit/frontend/dockerfile/shell"
)

// platformArgs are the build arguments that Docker sets. Daytona builds for linux/amd64.
var platformArgs = map[string]string{
	"TARGETPLATFORM": "linux/amd64", "TARGETOS": "linux", "TARGETARCH": "amd64", "TARGETVARIANT": "",
	"BUILDPLATFORM": "linux/amd64", "BUILDOS": "linux", "BUILDARCH": "amd64", "BUILDVARIANT": "",
}

// A scope holds the variables at one place of a Dockerfile.
type scope struct {
	lex    *shell.Lex
	values map[string]string
	unset  map[string]bool // declared by ARG and given no value
	env    map[string]bool // the names that ENV has set, and whether their value is known
	// global marks the variables before the first FROM, where nothing but ARG sets one.
	global bool
}

func newScope(escape rune) *scope {
	return &scope{lex: shell.NewLex(escape), values: map[string]string{}, unset: map[string]bool{}, env: map[string]bool{}}
}

// Get and Keys make a scope the variables of shell.Lex.
func (s *scope) Get(name string) (string, bool) {
	v, ok := s.values[name]
	return v, ok
}

// Keys returns the names of the variables that have a value.
func (s *scope) Keys() []string { return slices.Sorted(maps.Keys(s.values)) }

// expand expands the variables of a word and removes its quotes. unknown is the name of a
// variable whose value is not known here, such as one that the base image may set; "" if
// there is none. A variable that ARG declares without a value is known to be unset only
// where the word has something else for that case.
func (s *scope) expand(word string) (expanded, unknown string, err error) {
	found, err := s.lex.ProcessWordWithMatches(word, s)
	if err != nil {
		return "", "", err
	}
	if len(found.Unmatched) == 0 {
		return found.Result, "", nil
	}
	s.lex.SkipUnsetEnv = true
	kept, _, err := s.lex.ProcessWord(word, s)
	s.lex.SkipUnsetEnv = false
	if err != nil {
		return "", "", err
	}
	for _, name := range slices.Sorted(maps.Keys(found.Unmatched)) {
		if !s.global && !s.unset[name] || strings.Contains(kept, "$"+name) || strings.Contains(kept, "${"+name+"}") {
			return found.Result, name, nil
		}
	}
	return found.Result, "", nil
}

// expander returns a function for the Expand methods of BuildKit's instructions, and where
// it notes an unknown variable.
func (s *scope) expander() (expand func(string) (string, error), unknown *string) {
	unknown = new(string)
	return func(word string) (string, error) {
		expanded, name, err := s.expand(word)
		if name != "" {
			*unknown = name
		}
		return expanded, err
	}, unknown
}

// declare executes an ARG. global holds the arguments before the first FROM; args the
// values that the build is given. Values of ENV take precedence.
func (s *scope) declare(command *instructions.ArgCommand, global *scope, args map[string]string) {
	for _, arg := range command.Args {
		if _, set := s.env[arg.Key]; set {
			continue
		}
		value, known := args[arg.Key]
		switch {
		case known:
		case arg.Value != nil:
			expanded, unknown, err := s.expand(*arg.Value)
			value, known = expanded, err == nil && unknown == ""
		case global != nil:
			value, known = global.values[arg.Key]
		default:
			value, known = platformArgs[arg.Key]
		}
		s.set(arg.Key, value, known)
		s.unset[arg.Key] = !known && arg.Value == nil
	}
}

// setEnv executes an ENV. All values are expanded with the variables before it.
func (s *scope) setEnv(command *instructions.EnvCommand) {
	before := &scope{lex: s.lex, values: maps.Clone(s.values), unset: s.unset, env: s.env}
	for _, pair := range command.Env {
		key, _, keyErr := before.expand(pair.Key)
		value, unknown, err := before.expand(pair.Value)
		known := err == nil && keyErr == nil && unknown == ""
		s.set(key, value, known)
		s.env[key] = known
		delete(s.unset, key)
	}
}

func (s *scope) set(name, value string, known bool) {
	if known {
		s.values[name] = value
		return
	}
	delete(s.values, name)
}
