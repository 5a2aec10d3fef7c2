package image

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
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
	if !startsLikeDockerfile(b.Text) {
		m := r.Errorf(n, path, "the first instruction of a Dockerfile is FROM or ARG")
		m.Hint = "begin the text with FROM and the base image; the path of a Dockerfile is a text of one line"
		return basePart{}
	}
	for _, p := range dockerfileProblems(b.Text) {
		_ = r.report(b.lineAt(p.Line), path, p.Message, p)
	}
	return basePart{b}
}

// decodeDockerfilePath reads the path of a Dockerfile.
func decodeDockerfilePath(r reader, n *yaml.Node, path string) part {
	before := r.ErrorCount()
	s := r.oneLine(n, path)
	if r.ErrorCount() > before || s == "" {
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
	b := Base{Text: string(text), Dir: filepath.Dir(file), File: file} // with the final line breaks of the file, as in the SDK
	if strings.TrimSpace(b.Text) == "" {
		r.Errorf(n, path, "the Dockerfile %s is empty", file)
		return basePart{}
	}
	if !startsBuild(b.Text) { // it may be any file, so its text is not shown
		r.Errorf(n, path, "%s is not a Dockerfile: it does not begin with FROM or ARG", file).Hint = "name a Dockerfile"
		return basePart{}
	}
	for _, p := range dockerfileProblems(b.Text) {
		pos := diagnostic.Position{File: file, Line: p.Line, Column: 1}
		r.showLine(r.report(pos, path, p.Message, p), b.Text)
	}
	return basePart{b}
}

// startsLikeDockerfile reports whether the first line of a text, other than comments,
// begins with an instruction.
func startsLikeDockerfile(text string) bool {
	for line := range strings.Lines(dockerfile.Normalize(text)) {
		if words := strings.Fields(line); len(words) > 0 && !strings.HasPrefix(words[0], "#") {
			return isKeyword(words[0])
		}
	}
	return true // it is reported as empty
}

// startsBuild reports whether the first instruction of a text is FROM or ARG.
func startsBuild(text string) bool {
	f, _ := dockerfile.Parse(text)
	return len(f.Instructions) > 0 && slices.Contains([]string{"FROM", "ARG"}, f.Instructions[0].Keyword)
}

// dockerfileProblems returns the mistakes and warnings of a Dockerfile, except for
// variables without a value.
func dockerfileProblems(text string) dockerfile.Problems {
	f, err := dockerfile.Parse(text)
	var all dockerfile.Problems
	errors.As(err, &all)
	for _, p := range f.Check(nil) {
		if p.Unset == "" && (p.Warning || err == nil) { // args of the image may set a value
			all = append(all, p)
		}
	}
	return all
}

// report reports a problem of a Dockerfile at a position.
func (r reader) report(pos diagnostic.Position, path, message string, p dockerfile.Problem) *diagnostic.Diagnostic {
	if r.IsTainted() {
		message, p.Hint = withoutQuote(message, p)
	}
	var m *diagnostic.Diagnostic
	if p.Warning {
		m = r.WarnfAt("dockerfile", pos, path, "%s", message)
	} else {
		m = r.ErrorfAt(pos, path, "%s", message)
	}
	m.Hint = p.Hint
	return m
}

// withoutQuote returns the message and the hint of a problem of a sensitive text, without
// the part of the text that they repeat.
func withoutQuote(message string, p dockerfile.Problem) (shown, hint string) {
	const hidden = "the value"
	if p.Quoted == "" {
		return message, p.Hint
	}
	without := strings.NewReplacer(strconv.Quote(p.Quoted), hidden, p.Quoted, hidden)
	shown = without.Replace(message)
	if word, _, _ := strings.Cut(p.Quoted, " "); strings.Contains(strings.ToLower(shown), strings.ToLower(word)) {
		shown = fmt.Sprintf("line %d of the Dockerfile, which contains a sensitive value, is wrong", p.Line)
	}
	return shown, ""
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
