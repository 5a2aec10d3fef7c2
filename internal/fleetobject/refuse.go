package fleetobject

import (
	"os"
	"path/filepath"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"fleet/internal/exit"
	"fleet/internal/input"
	"fleet/internal/yamldoc"
	"fleet/spec"
)

// refuse returns an error if the spec needs what the operator does not do.
func (r *reading) refuse() error {
	h := r.fleet.Hooks
	if h.BeforeApply != nil || h.AfterApply != nil {
		return exit.Invalidf("hooks: the operator runs no commands; remove before_apply and after_apply, or run them where the object is applied")
	}
	for _, res := range r.fleet.Resources {
		for _, h := range []*spec.Hook{res.AfterCreate(), res.BeforeDestroy()} {
			if h != nil && h.Run != "" {
				return exit.Invalidf("%s: the operator runs no commands; write the hook with exec, which runs in the sandbox (%s)", res.Address, res.Pos)
			}
		}
	}
	for _, res := range r.fleet.Resources {
		if len(res.Files()) > 0 {
			return exit.Invalidf("%s: the operator does not have the local files that the spec uploads; put them into its snapshot or a volume (%s)", res.Address, res.Pos)
		}
	}
	if len(r.local) > 0 {
		return exit.Invalidf("an image copies local files, such as %s, which the operator does not have; push the image to a registry, or declare a snapshot of it, and use that", relative(r.local[0]))
	}
	return r.refuseSecretFiles()
}

// relative returns a path relative to the working directory, if it is below it.
func relative(path string) string {
	dir, err := os.Getwd()
	if err != nil {
		return path
	}
	if rel, err := filepath.Rel(dir, path); err == nil && filepath.IsLocal(rel) {
		return rel
	}
	return path
}

// refuseSecretFiles returns an error if the spec reads a text from a file: a ConfigMap must
// not hold secrets.
func (r *reading) refuseSecretFiles() error {
	for _, file := range slices.Concat(r.parts, r.others) {
		text, err := readFile(file)
		if err != nil {
			return err
		}
		source := yamldoc.NewFile(yamldoc.Source{Name: file, Text: text})
		documents, problem := source.Parse(text, yamldoc.MaxDocuments)
		if problem != nil {
			continue // it is not YAML, but a text that another file refers to
		}
		for _, d := range documents {
			if n := r.secretFile(d, filepath.Dir(file)); n != nil {
				return exit.Invalidf("from_file: the operator does not have the file %s; put its text into a Secret, and read it with from_env (%s)", n.Value, source.Position(n))
			}
		}
	}
	return nil
}

// secretFile returns the name of a file after from_file that was read, or nil.
func (r *reading) secretFile(n *yaml.Node, dir string) *yaml.Node {
	for i, below := range n.Content {
		if n.Kind == yaml.MappingNode && i%2 == 1 && n.Content[i-1].Value == "from_file" && slices.Contains(r.others, filepath.Join(dir, below.Value)) {
			return below
		}
		if found := r.secretFile(below, dir); found != nil {
			return found
		}
	}
	return nil
}

// readFile reads a file of the spec, which was read before.
func readFile(file string) ([]byte, error) {
	text, err := input.ReadRegular(file, input.MaxSpec)
	if err != nil {
		return nil, exit.Invalidf("reading %s again, which --k8s requires: %w", file, err)
	}
	return text, nil
}

// shellVariable returns the value of an environment variable for a shell. It is empty if
// the shell knows no such name.
func shellVariable(name string) string {
	if strings.ContainsAny(name, ".-") {
		return ""
	}
	return `"$` + name + `"`
}
