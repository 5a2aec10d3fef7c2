package spec

import (
	"errors"
	"path/filepath"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"fleet/internal/decode"
	"fleet/internal/dockerfile"
	"fleet/internal/jsonschema"
	"fleet/internal/yamldoc"
)

// A dockerfileSource is a Dockerfile that a spec names or contains.
type dockerfileSource struct {
	text    string // ends in one line break
	file    string // path of the file; empty for a text of the spec
	dir     string // directory of the file or of the spec
	path    string // of the attribute, for diagnostics
	node    *yaml.Node
	decoder *decoder
}

// dockerfileText is a Dockerfile, by its path or by its text.
var dockerfileText = Type{
	Name:   "path, or text of a Dockerfile",
	Schema: jsonschema.Text.With(jsonschema.Matching(`\S`)),
	decode: func(d *decoder, n *yaml.Node, path string) (any, bool) { return d.dockerfile(n, path) },
	join:   nil,
}

// dockerfilePath is the path of a Dockerfile.
var dockerfilePath = Type{
	Name:   "path",
	Schema: oneLineText,
	decode: func(d *decoder, n *yaml.Node, path string) (any, bool) {
		s, ok := d.Text(n, path)
		switch {
		case !ok:
			return nil, false
		case strings.TrimSpace(s) == "", strings.Contains(strings.TrimRight(s, "\n"), "\n"):
			d.Errorf(n, path, "expected the path of a Dockerfile").Hint = "a text is written under dockerfile"
			return nil, false
		}
		return d.dockerfileAt(n, path, strings.TrimRight(s, "\n"))
	},
}

// dockerfile reads a Dockerfile that is given by its path, by a reference or by its
// text.
func (d *decoder) dockerfile(n *yaml.Node, path string) (any, bool) {
	if name, ok := d.FromFile(n, path); ok {
		v, ok, err := d.dockerfileFrom(n, path, name)
		if !errors.Is(err, decode.ErrEncrypted) {
			return v, ok
		}
	}
	s, ok := d.Text(n, path)
	if !ok {
		return nil, false
	}
	switch line := strings.TrimRight(s, "\n"); {
	case strings.TrimSpace(s) == "":
		d.Errorf(n, path, "the Dockerfile is empty")
		return nil, false
	case !strings.Contains(line, "\n") && !startsInstruction(line) && !d.IsTainted():
		return d.dockerfileAt(n, path, line)
	}
	return d.checkedDockerfile(n, dockerfileSource{text: s, dir: filepath.Dir(d.Name), path: path, node: n, decoder: d})
}

// dockerfileAt reads the Dockerfile with a path that is relative to the spec.
func (d *decoder) dockerfileAt(n *yaml.Node, path, name string) (any, bool) {
	v, ok, err := d.dockerfileFrom(n, path, name)
	if errors.Is(err, decode.ErrEncrypted) {
		d.Errorf(n, path, "%s is encrypted; a Dockerfile is not secret", d.Relative(name))
	}
	return v, ok
}

// dockerfileFrom is dockerfileAt without a diagnostic for an encrypted file, for which
// it returns [decode.ErrEncrypted].
func (d *decoder) dockerfileFrom(n *yaml.Node, path, name string) (any, bool, error) {
	text, file, err := d.FileText(name)
	if err != nil {
		if !errors.Is(err, decode.ErrEncrypted) {
			m := d.Errorf(n, path, "the Dockerfile: %s", decode.ReadErrorText(err))
			m.Hint = "a text of one line that does not begin with an instruction is the path of a Dockerfile, relative to the spec"
		}
		return nil, false, err
	}
	v, ok := d.checkedDockerfile(n, dockerfileSource{text: text, file: file, dir: filepath.Dir(file), path: path, node: n, decoder: d})
	return v, ok, nil
}

// checkedDockerfile checks that a Dockerfile begins with FROM or ARG, and the images
// that it names. It does not show the text of a file that is none.
func (d *decoder) checkedDockerfile(n *yaml.Node, s dockerfileSource) (any, bool) {
	s.text = strings.TrimRight(s.text, "\n") + "\n"
	before := d.ErrorCount()
	s.checkStart()
	if d.ErrorCount() == before {
		d.checkBaseImages(n, s.path, s.text)
	}
	return s, d.ErrorCount() == before
}

// instructionWords are the first words of the lines of a Dockerfile.
var instructionWords = []string{
	"ADD", "ARG", "CMD", "COPY", "ENTRYPOINT", "ENV", "EXPOSE", "FROM", "HEALTHCHECK", "LABEL", "MAINTAINER",
	"ONBUILD", "RUN", "SHELL", "STOPSIGNAL", "USER", "VOLUME", "WORKDIR",
}

// startsInstruction reports whether a line begins with an instruction of a Dockerfile,
// or with a comment.
func startsInstruction(line string) bool {
	line = strings.TrimSpace(line)
	word, rest, _ := strings.Cut(strings.ReplaceAll(line, "\t", " "), " ")
	return strings.HasPrefix(line, "#") || strings.TrimSpace(rest) != "" && slices.Contains(instructionWords, strings.ToUpper(word))
}

// at returns the position of a line of the Dockerfile, which counts from 1. For a text
// that the spec spells in another way, it is the position of the value.
func (s dockerfileSource) at(line int) Position {
	if s.file != "" {
		return Position{File: s.file, Line: line, Column: 1}
	}
	n := yamldoc.FollowAlias(s.node)
	lines := strings.SplitAfter(n.Value, "\n")
	if n.Kind != yaml.ScalarNode || line < 1 || line > len(lines) {
		return s.decoder.Position(s.node)
	}
	offset := len(strings.Join(lines[:line-1], ""))
	offset += len(lines[line-1]) - len(strings.TrimLeft(lines[line-1], " \t"))
	return s.decoder.PositionInValue(n, offset)
}

// errorf reports an error at a line of the Dockerfile.
func (s dockerfileSource) errorf(line int, format string, args ...any) *Diagnostic {
	if s.file == "" {
		return s.decoder.ErrorfAt(s.at(line), s.path, format, args...)
	}
	f := yamldoc.NewFile(Source{Name: s.file, Text: []byte(s.text)})
	return s.decoder.ErrorIn(f, s.at(line), s.path, format, args...)
}

// checkStart reports a Dockerfile that does not begin with FROM or ARG. The
// message does not contain the text, which may be that of any file.
func (s dockerfileSource) checkStart() {
	f, _ := dockerfile.Parse(s.text)
	if len(f.Instructions) > 0 && slices.Contains([]string{"FROM", "ARG"}, f.Instructions[0].Keyword) {
		return
	}
	if s.file != "" {
		m := s.decoder.Errorf(s.node, s.path, "%s is not a Dockerfile: its first instruction is not FROM or ARG", s.file)
		m.Hint = "name a Dockerfile, which begins with FROM IMAGE"
		return
	}
	m := s.decoder.Errorf(s.node, s.path, "the first instruction of a Dockerfile is FROM or ARG")
	m.Hint = "begin the text with FROM IMAGE; a path is written in one line, such as ./Dockerfile"
}
