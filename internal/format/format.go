package format

import (
	"fmt"
	"strings"

	"gopkg.in/yaml.v3"

	"fleet/internal/yamldoc"
	"fleet/spec"
)

// MaxSource is the size in bytes of the largest text that is formatted. What
// is larger was not written by a person.
const MaxSource = 2 << 20

// Source formats a text, which may hold several YAML documents. An error is
// of type [spec.Mistakes], with places that name no file; it says that the
// text is not YAML, or that it could not be formatted without a change of what
// it says.
func Source(text []byte) ([]byte, error) {
	if len(text) > MaxSource {
		return nil, newError(0, "the file is larger than %d MiB: this is too much to format", MaxSource>>20)
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
		return nil, newError(0, "this is nested too deep to format")
	}
	if err := check(text, before, tokens, out); err != nil {
		return nil, err
	}
	return out, nil
}

// normalizeNewlines is a text with lines that end in LF.
func normalizeNewlines(text string) string {
	if !strings.Contains(text, "\r") {
		return text
	}
	return strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\r", "\n")
}

// check holds a result against its source: the same documents, made of the
// same tokens in the same order, comments included.
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

// editorLine is the line that an editor shows for a line of the normal text.
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

// unsafeError is the error for what the formatter would have changed.
func unsafeError(line int) error {
	m := newError(line, "this cannot be formatted without changing what it says; the file is left as it is")
	m[0].Hint = "write it in a simpler way"
	return m
}

func newError(line int, format string, args ...any) spec.Diagnostics {
	m := &spec.Diagnostic{Message: fmt.Sprintf(format, args...)}
	if line > 0 {
		m.Pos = spec.Position{Line: line, Column: 1}
	}
	return spec.Diagnostics{m}
}
