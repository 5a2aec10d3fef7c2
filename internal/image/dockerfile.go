package image

import (
	"errors"
	"path/filepath"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"fleet/internal/decode"
	"fleet/internal/diagnostic"
	"fleet/internal/dockerfile"
)

// decodeDockerfile reads a Dockerfile: the text, or the path of the file.
func decodeDockerfile(r reader, n *yaml.Node, path string) part {
	s, ok := r.Text(n, path)
	switch {
	case !ok:
		return basePart{}
	case strings.TrimSpace(s) == "":
		r.Errorf(n, path, "the Dockerfile is empty")
		return basePart{}
	case !decode.IsValueFrom(r.Resolve(n)) && isDockerfilePath(s):
		return r.dockerfileAt(n, path, s)
	}
	n = r.Resolve(n)
	b := Base{Text: strings.TrimRight(s, "\n") + "\n", Dir: r.Relative("."), lineAt: func(line int) diagnostic.Position {
		return r.linePosition(n, s, line)
	}}
	for _, p := range dockerfileProblems(b.Text) {
		r.report(b.lineAt(p.Line), path, p.Message, p)
	}
	return basePart{b}
}

// decodeDockerfilePath reads the path of a Dockerfile.
func decodeDockerfilePath(r reader, n *yaml.Node, path string) part {
	before := r.ErrorCount()
	s := r.oneLine(n, path)
	if r.ErrorCount() > before {
		return basePart{}
	}
	return r.dockerfileAt(n, path, s)
}

// isDockerfilePath reports whether the value of dockerfile is a path: it is one line that
// does not begin with an instruction.
func isDockerfilePath(s string) bool {
	if strings.Contains(s, "\n") || strings.HasPrefix(strings.TrimSpace(s), "#") {
		return false
	}
	word, rest, _ := strings.Cut(strings.TrimSpace(s), " ")
	return rest == "" && !isKeyword(word) || !isKeyword(word)
}

// isKeyword reports whether a word is an instruction of a Dockerfile.
func isKeyword(word string) bool {
	return slices.Contains(dockerfile.Keywords(), strings.ToUpper(word))
}

// dockerfileAt reads a Dockerfile that the spec names.
func (r reader) dockerfileAt(n *yaml.Node, path, name string) part {
	text, file, err := r.LocalFile(expandHome(name))
	if err != nil {
		r.Errorf(n, path, "the Dockerfile cannot be read: %s", decode.ReadErrorText(err)).Hint = "paths are relative to the spec file; the text of a Dockerfile begins with FROM or ARG"
		return basePart{}
	}
	b := Base{Text: strings.TrimRight(string(text), "\n") + "\n", Dir: filepath.Dir(file), File: file}
	if strings.TrimSpace(b.Text) == "" {
		r.Errorf(n, path, "the Dockerfile %s is empty", file)
		return basePart{}
	}
	for _, p := range dockerfileProblems(b.Text) {
		pos := diagnostic.Position{File: file, Line: p.Line, Column: 1}
		r.showLine(r.report(pos, path, p.Message, p), b.Text)
	}
	return basePart{b}
}

// dockerfileProblems returns the mistakes and warnings of a Dockerfile.
func dockerfileProblems(text string) dockerfile.Problems {
	f, err := dockerfile.Parse(text)
	var all dockerfile.Problems
	errors.As(err, &all)
	for _, p := range f.Check(nil) {
		if p.Warning || err == nil {
			all = append(all, p)
		}
	}
	return all
}

// report reports a problem of a Dockerfile at a position.
func (r reader) report(pos diagnostic.Position, path, message string, p dockerfile.Problem) *diagnostic.Diagnostic {
	var m *diagnostic.Diagnostic
	if p.Warning {
		m = r.WarnfAt("dockerfile", pos, path, "%s", message)
	} else {
		m = r.ErrorfAt(pos, path, "%s", message)
	}
	m.Hint = p.Hint
	return m
}

// showLine sets the line that is shown with a diagnostic about a file other than the
// spec.
func (r reader) showLine(m *diagnostic.Diagnostic, text string) {
	const maxShown = 500
	m.Line = ""
	lines := strings.Split(text, "\n")
	if i := m.Pos.Line - 1; !r.Untrusted && i >= 0 && i < len(lines) && len(lines[i]) <= maxShown {
		m.Line = strings.ToValidUTF8(lines[i], "?")
	}
}

// linePosition returns the position of a line of the text at a node.
func (r reader) linePosition(n *yaml.Node, text string, line int) diagnostic.Position {
	offset := 0
	for range line - 1 {
		i := strings.IndexByte(text[offset:], '\n')
		if i < 0 {
			break
		}
		offset += i + 1
	}
	if n.Kind != yaml.ScalarNode || offset >= len(n.Value) {
		return r.Position(n)
	}
	return r.PositionInValue(n, offset)
}
