package fleetobject

import (
	"errors"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"fleet/internal/buildcontext"
	"fleet/internal/exit"
	"fleet/internal/yamldoc"
	"fleet/spec"
)

// variablePrefix begins the names of environment variables that set variables of a spec.
const variablePrefix = "FLEET_VAR_"

// A reading is a spec and what it was read from.
type reading struct {
	options Options
	fleet   *spec.Fleet
	parts   []string // files that are parts of the spec, in order
	others  []string // files that they include, or refer to
	local   []string // paths of images
	env     []value  // environment variables that the spec reads, sorted by name
	vars    []value  // variables that are set, sorted by name
}

// A value is a named value that the object has to provide.
type value struct {
	name, text string
	sensitive  bool
	command    string // how a shell obtains it; empty if it does not
}

// read reads the spec as the command line does, and records what it depends on.
func read(o Options) (*reading, error) {
	r := &reading{options: o}
	if slices.Contains(o.Paths, spec.Stdin) {
		return nil, exit.Invalidf("--k8s requires a spec in files, not on standard input")
	}
	var opened []string
	looked := map[string]string{}
	inputs := &buildcontext.Inputs{}
	in := o.Spec
	in.OnOpen = func(file string) { opened = append(opened, file) }
	in.Lookup = func(name string) (string, bool) {
		text, ok := o.Spec.Lookup(name)
		if ok {
			looked[name] = text
		}
		return text, ok
	}
	in.Run, in.Decrypt, in.ResolveDigest = refuseCommand, refuseEncrypted, nil
	in.Hasher = buildcontext.NewHasher(buildcontext.Options{Inputs: inputs})
	var err error
	if r.fleet, err = in.Load(o.Paths...); err != nil {
		return nil, err
	}
	if r.parts, err = in.Files(o.Paths...); err != nil {
		return nil, err
	}
	r.local = inputs.Paths()
	r.sortFiles(opened)
	return r, r.sortValues(looked)
}

// Errors of values that the operator does not read.
var (
	errCommand   = errors.New("the operator runs no commands; put the text into a Secret, and read it with from_env")
	errEncrypted = errors.New("the operator decrypts no files; put the text into a Secret, and read it with from_env")
)

func refuseCommand([]string) ([]byte, error) { return nil, errCommand }
func refuseEncrypted(string) ([]byte, error) { return nil, errEncrypted }

// sortFiles records the files that are not parts.
func (r *reading) sortFiles(opened []string) {
	for _, file := range opened {
		if !slices.Contains(r.parts, file) && !slices.Contains(r.options.Spec.VarFiles, file) && !slices.Contains(r.others, file) {
			r.others = append(r.others, file)
		}
	}
}

// sortValues records the values of variables, where the last that is given takes
// precedence, and of environment variables.
func (r *reading) sortValues(looked map[string]string) error {
	vars := map[string]value{}
	for name, text := range looked {
		if variable, ok := strings.CutPrefix(name, variablePrefix); ok {
			vars[variable] = value{name: variable, text: text, command: shellVariable(name)}
		} else {
			r.env = append(r.env, value{name: name, text: text, sensitive: true, command: shellVariable(name)})
		}
	}
	for _, file := range r.options.Spec.VarFiles {
		if err := readVariables(file, vars); err != nil {
			return err
		}
	}
	for _, v := range r.options.Spec.Vars {
		vars[v.Name] = value{name: v.Name, text: v.Value}
	}
	for _, v := range vars {
		v.sensitive = r.isSensitive(v.text)
		r.vars = append(r.vars, v)
	}
	for _, list := range [][]value{r.env, r.vars} {
		slices.SortFunc(list, func(a, b value) int { return strings.Compare(a.name, b.name) })
	}
	return nil
}

// isSensitive reports whether a value is, or contains, a sensitive one of the spec.
func (r *reading) isSensitive(text string) bool {
	return slices.Contains(r.fleet.Sensitive(), text) || r.fleet.RedactSensitive(text) != text || r.holdsSensitive(text)
}

// holdsSensitive reports whether a scalar in YAML is a sensitive value.
func (r *reading) holdsSensitive(text string) bool {
	var document yaml.Node
	if yaml.Unmarshal([]byte(text), &document) != nil {
		return false
	}
	return slices.ContainsFunc(scalars(&document), func(s string) bool { return s != "" && slices.Contains(r.fleet.Sensitive(), s) })
}

// scalars returns the texts of all scalars below a node.
func scalars(n *yaml.Node) []string {
	if n.Kind == yaml.ScalarNode {
		return []string{n.Value}
	}
	var all []string
	for _, below := range n.Content {
		all = append(all, scalars(below)...)
	}
	return all
}

// readVariables adds the values of a file of variables, which the spec was read with.
func readVariables(file string, vars map[string]value) error {
	text, err := readFile(file)
	if err != nil {
		return err
	}
	documents, err := yamldoc.Parse(yamldoc.Source{Name: file, Text: text})
	if err != nil || len(documents) == 0 || len(documents[0].Content) == 0 {
		return err
	}
	entries := documents[0].Content[0].Content
	for i := 0; i < len(entries); i += 2 {
		name, n := entries[i].Value, yamldoc.FollowAlias(entries[i+1])
		v := value{name: name, text: n.Value}
		if n.Kind != yaml.ScalarNode {
			text, err := yaml.Marshal(n)
			if err != nil {
				return err
			}
			v.text = string(text)
		}
		vars[name] = v
	}
	return nil
}
