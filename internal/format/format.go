package format

import (
	"fmt"
	"strings"

	"gopkg.in/yaml.v3"

	"fleet/internal/yamldoc"
	"fleet/spec"
)

// MaxSource is the maximum size in bytes of a text that is formatted.
const MaxSource = 2 << 20

// Source formats a text, which may contain several YAML documents. Errors have the
// type [spec.Diagnostics], with positions that name no file. It reports that the text
// is not YAML, or that formatting would change its meaning.
func Source(text []byte) ([]byte, error) {
	if len(text) > MaxSource {
		return nil, newError(0, "the file is larger than %d MiB, the largest that can be formatted", MaxSource>>20)
	}
	before, err := yamldoc.Parse(spec.Source{Text: text})
	if err != nil {
		return nil, err
	}
	text = yamldoc.TrimBOMs(text)
	source := normalizeNewlines(string(text))
	tokens := scan(source)
	out, err := write(tokens, 1<<20+4*len(text))
	if err != nil {
		return nil, newError(0, "this is nested too deeply to be formatted")
	}
	if err := check(text, before, tokens, out); err != nil {
		return nil, err
	}
	return out, nil
}

// normalizeNewlines returns the text with lines that end in LF.
func normalizeNewlines(text string) string {
	if !strings.Contains(text, "\r") {
		return text
	}
	return strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\r", "\n")
}

// check compares a result with its source: the documents must be the same, and so must
// the tokens and their order, comments included.
func check(text []byte, before []*yaml.Node, tokens []token, out []byte) error {
	after, err := yamldoc.Parse(spec.Source{Text: out})
	if err != nil {
		return unsafeError(0)
	}
	if n, differs := nodeMismatch(before, after); differs {
		if n == nil {
			return unsafeError(0)
		}
		return unsafeError(n.Line)
	}
	if t, differs := tokenMismatch(tokens, scan(string(out))); differs {
		if t == nil {
			return unsafeError(0)
		}
		return unsafeError(editorLine(text, int(t.line)))
	}
	return nil
}

// editorLine returns the line of the original text, as editors count, for a line of
// the normalized text.
func editorLine(text []byte, line int) int {
	at := 1
	for i, c := range text {
		switch {
		case line <= 1:
			return at
		case c == '\n':
			at, line = at+1, line-1
		case c == '\r' && (i+1 == len(text) || text[i+1] != '\n'):
			line--
		}
	}
	return at
}

// unsafeError returns the error for a text whose meaning formatting would change.
func unsafeError(line int) error {
	m := newError(line, "cannot format this without changing its meaning; the file was not changed")
	m[0].Hint = "simplify it"
	return m
}

// newError returns an error at a line; 0 means at no line.
func newError(line int, format string, args ...any) spec.Diagnostics {
	m := &spec.Diagnostic{Message: fmt.Sprintf(format, args...)}
	if line > 0 {
		m.Pos = spec.Position{Line: line, Column: 1}
	}
	return spec.Diagnostics{m}
}
