package image

import (
	"strings"

	"gopkg.in/yaml.v3"

	"fleet/internal/decode"
)

// lines are instructions that a step renders as they are.
type lines []string

func (l lines) render(w *writer) {
	for _, s := range l {
		w.line(s)
	}
}

// decodeEnv reads environment variables.
func decodeEnv(r reader, n *yaml.Node, path string) part {
	var all lines
	entries, _ := r.Entries(n, path)
	for _, e := range entries {
		if !decode.EnvNamePattern.MatchString(e.Name) {
			r.Errorf(e.Key, path, "%q is not the name of an environment variable", e.Name)
		}
		s := r.value(e, at(path, e.Name))
		all = append(all, "ENV "+e.Name+"="+shellQuote(s))
	}
	return all
}

// value reads the value of a pair: a text of one line, which may be empty.
func (r reader) value(e decode.Entry, path string) string {
	s, _ := r.Text(e.Value, path)
	if strings.Contains(s, "\n") {
		r.Errorf(e.Value, path, "must be one line")
	}
	r.warnSecret(e.Key, path, e.Name, e.Value)
	return s
}

// decodeWorkdir reads a path.
func decodeWorkdir(r reader, n *yaml.Node, path string) part {
	dir := shellQuote(r.oneLine(n, path))
	if strings.HasPrefix(dir, "--") { // Docker takes it for an option
		dir = "'" + dir + "'"
	}
	return lines{"WORKDIR " + dir}
}

// execForm returns the decoder of an instruction whose words are in JSON form.
func execForm(instruction string) func(reader, *yaml.Node, string) part {
	return func(r reader, n *yaml.Node, path string) part {
		list, _ := r.Texts(n, path)
		return lines{ExecForm(instruction, list)}
	}
}
