package format

import (
	"cmp"
	"fmt"
	"strings"
	"unicode/utf8"

	"gopkg.in/yaml.v3"

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
		return nil, refuse(0, "the file is larger than %d MiB: this is too much to format", MaxSource>>20)
	}
	if !utf8.Valid(text) {
		return nil, spec.Syntax(spec.Source{Text: text})
	}
	text = spec.WithoutMarks(text)
	source := normal(string(text))
	if err := ambiguous(source); err != nil {
		return nil, err
	}
	before, err := parse(text)
	if err != nil {
		return nil, cmp.Or(spec.Syntax(spec.Source{Text: text}), err)
	}
	tokens := scan(source)
	out, err := write(tokens, 1<<20+4*len(text))
	if err != nil {
		return nil, refuse(0, "this is nested too deep to format")
	}
	if err := check(before, tokens, out); err != nil {
		return nil, err
	}
	return out, nil
}

// ambiguous refuses characters that some readers of YAML skip or take for the
// end of a line, and others do not.
func ambiguous(source string) error {
	i := strings.IndexAny(source, "\u0085\u2028\u2029\ufeff")
	if i < 0 {
		return nil
	}
	r, _ := utf8.DecodeRuneInString(source[i:])
	m := refuse(1+strings.Count(source[:i], "\n"), "the character %U means different things to different readers of YAML", r)
	m[0].Pos.Column = 1 + utf8.RuneCountInString(source[strings.LastIndexByte(source[:i], '\n')+1:i])
	m[0].Hint = fmt.Sprintf(`write it as "\u%04X", in double quotes`, r)
	return m
}

// normal is a text with lines that end in LF.
func normal(text string) string {
	if !strings.Contains(text, "\r") {
		return text
	}
	return strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\r", "\n")
}

// check holds a result against its source: the same documents, made of the
// same tokens in the same order, comments included.
func check(before []*yaml.Node, tokens []token, out []byte) error {
	after, err := parse(out)
	if err != nil {
		return unsafeAt(0)
	}
	if n, differs := differ(before, after); differs {
		if n == nil {
			return unsafeAt(0)
		}
		return unsafeAt(n.Line)
	}
	if t, differs := strays(tokens, scan(string(out))); differs {
		if t == nil {
			return unsafeAt(0)
		}
		return unsafeAt(int(t.line))
	}
	return nil
}

// unsafeAt is the error for what the formatter would have changed.
func unsafeAt(line int) error {
	m := refuse(line, "this cannot be formatted without changing what it says; the file is left as it is")
	m[0].Hint = "write it in a simpler way"
	return m
}

func refuse(line int, format string, args ...any) spec.Mistakes {
	m := &spec.Mistake{Message: fmt.Sprintf(format, args...)}
	if line > 0 {
		m.Pos = spec.Position{Line: line, Column: 1}
	}
	return spec.Mistakes{m}
}
