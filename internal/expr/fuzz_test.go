package expr

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// FuzzExpression checks that the pieces of a template add up to the text, and that a
// text without ${ is a single literal.
func FuzzExpression(f *testing.F) {
	specs, err := filepath.Glob("../../spec/testdata/good/*.yaml")
	if err != nil || len(specs) == 0 {
		f.Fatal(specs, err)
	}
	for _, file := range specs {
		text, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		for line := range strings.Lines(string(text)) {
			f.Add(strings.TrimSpace(line))
		}
	}
	f.Add("$$$${var.a:-${env.B:?c}}$")
	f.Fuzz(func(t *testing.T, text string) {
		parsed, err := Parse(text)
		if err != nil {
			var e *Error
			if !errors.As(err, &e) || e.Message == "" || e.Offset < 0 || e.Offset >= len(text) || !strings.HasPrefix(text[e.Offset:], Open) {
				t.Fatalf("%q: %+v", text, err)
			}
			return
		}
		var again, plain strings.Builder
		for _, p := range parsed {
			plain.WriteString(p.Literal)
			again.WriteString(strings.ReplaceAll(p.Literal, Open, Escaped))
			if p.Expr != nil {
				again.WriteString(p.Expr.Text)
				checkExpression(t, text, p.Expr)
			}
		}
		if again.String() != text {
			t.Errorf("%q is read as %q", text, again.String())
		}
		if !strings.Contains(text, Open) && plain.String() != text {
			t.Errorf("%q has no expressions and is read as %q", text, plain.String())
		}
		if quoted, err := Parse(strings.ReplaceAll(text, Open, Escaped)); err != nil || !strings.Contains(text, "$$") && text != "" && (len(quoted) != 1 || quoted[0].Literal != text) {
			t.Errorf("%q escaped is read as %+v, %v", text, quoted, err)
		}
	})
}

// checkExpression checks the offset, the text and the path of an expression.
func checkExpression(t *testing.T, text string, x *Expression) {
	if !strings.HasPrefix(text[x.Offset:], x.Text) || !strings.HasPrefix(x.Text, Open+strings.Join(x.Path, ".")) {
		t.Errorf("%+v is not at its place in %q", x, text)
	}
	if x.Optional && x.Message != "" {
		t.Errorf("%+v has a default and a reason", x)
	}
}
