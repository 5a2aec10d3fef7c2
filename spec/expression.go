package spec

import (
	"fmt"
	"regexp"
	"strings"
)

// A template is a text with expressions in it, such as worker-${index}. It is
// the literal texts and the expressions in their order.
type template []piece

// isLiteral reports whether there is no expression in the template.
func (t template) isLiteral() bool { return len(t) == 1 && t[0].expr == nil }

// A piece is a literal text, or an expression.
type piece struct {
	literal string
	expr    *expression
}

// An expression is what stands between ${ and }: a reference such as var.size,
// and what to do when it has no value.
type expression struct {
	text     string   // as written, with the braces
	offset   int      // of the text in what it was parsed from, in bytes
	path     []string // var, size
	fallback template // after :-
	optional bool     // there is a fallback
	message  string   // after :?, why a value is needed
}

// An expressionError is what is wrong with the expressions of a text.
type expressionError struct {
	offset        int // in bytes, of the expression
	message, hint string
	quoted        string // what of the message was copied from the spec; empty: nothing that could be secret
	unset         string // the environment variable that is not set; empty for all other errors
}

func (e *expressionError) Error() string { return e.message }

// newExpressionError is what is wrong with an expression that is known to be one.
func newExpressionError(format string, args ...any) *expressionError {
	return &expressionError{message: fmt.Sprintf(format, args...)}
}

// truncate is the beginning of a long text.
func truncate(s string) string {
	const most = 60
	if r := []rune(s); len(r) > most {
		return string(r[:most]) + "..."
	}
	return s
}

// unsetExpression is that an expression refers to something that has no value.
func unsetExpression(name string) *expressionError {
	return &expressionError{message: name + " is not set", hint: fmt.Sprintf("set it, or write ${%s:-default}", name)}
}

// withUnsetEnv notes which environment variable the expression lacks, if it refers to
// one.
func (e *expressionError) withUnsetEnv(x *expression) *expressionError {
	if x.path[0] == "env" && len(x.path) > 1 {
		e.unset = "$" + x.path[1]
	}
	return e
}

const (
	exprOpen    = "${"
	exprEscaped = "$${" // stands for the text ${
)

// maxExpressionDepth bounds the expressions within expressions.
const maxExpressionDepth = 10

var pathPattern = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_-]*(\.[A-Za-z0-9_-]+)*$`)

// parseTemplate parses a text with expressions.
func parseTemplate(s string) (template, error) {
	t, err := parseNestedTemplate(s, 0)
	if err != nil {
		return nil, err
	}
	return t, nil
}

func parseNestedTemplate(s string, depth int) (template, *expressionError) {
	var t template
	var literal strings.Builder
	for i := 0; i < len(s); {
		switch rest := s[i:]; {
		case strings.HasPrefix(rest, exprEscaped):
			literal.WriteString(exprOpen)
			i += len(exprEscaped)
		case strings.HasPrefix(rest, exprOpen):
			end := closingBrace(rest)
			if end < 0 {
				return nil, &expressionError{offset: i, message: "${ is not closed by }", hint: "write $${ for the text ${"}
			}
			x, err := parseExpression(rest[:end+1], depth)
			if err != nil {
				err.offset += i
				return nil, err
			}
			x.offset = i
			if literal.Len() > 0 {
				t = append(t, piece{literal: literal.String()})
				literal.Reset()
			}
			t = append(t, piece{expr: x})
			i += end + 1
		default:
			next := strings.Index(rest[1:], "$")
			if next < 0 {
				next = len(rest) - 1
			}
			literal.WriteString(rest[:next+1])
			i += next + 1
		}
	}
	if literal.Len() > 0 {
		t = append(t, piece{literal: literal.String()})
	}
	return t, nil
}

// closingBrace is the place of the brace that closes the expression at the start of
// s, or -1.
func closingBrace(s string) int {
	depth := 0
	for i := 0; i < len(s); i++ {
		switch {
		case strings.HasPrefix(s[i:], exprOpen):
			depth++
			i++
		case s[i] == '}':
			if depth--; depth == 0 {
				return i
			}
		}
	}
	return -1
}

// parseExpression parses one expression with its braces.
func parseExpression(s string, depth int) (*expression, *expressionError) {
	if depth >= maxExpressionDepth {
		return nil, newExpressionError("expressions within expressions are more than %d deep", maxExpressionDepth)
	}
	inner := s[len(exprOpen) : len(s)-1]
	ref, rest, operator := inner, "", ""
	if i := strings.IndexByte(inner, ':'); i >= 0 {
		ref, rest = inner[:i], inner[i:]
		operator = rest[:min(2, len(rest))]
		rest = rest[len(operator):]
	}
	x := &expression{text: s, path: strings.Split(ref, ".")}
	switch {
	case !pathPattern.MatchString(ref):
		shown := truncate(s)
		return nil, &expressionError{message: shown + " is not an expression; write one such as ${var.size}, ${env.HOME} or ${index}", hint: "write $${ for the text ${", quoted: shown}
	case operator == ":?":
		x.message = strings.TrimSpace(rest)
		if x.message == "" {
			x.message = "it is needed"
		}
	case operator == ":-":
		fallback, err := parseNestedTemplate(rest, depth+1)
		if err != nil {
			err.offset = 0 // told at the outer expression
			return nil, err
		}
		x.fallback, x.optional = fallback, true
	case operator != "":
		shown := truncate(s)
		return nil, &expressionError{message: shown + ": after the name comes :- with a default, or :? with the reason why it is needed", quoted: shown}
	}
	return x, nil
}

// variesByCopy reports whether the template has another value for each copy of a
// group.
func (t template) variesByCopy() bool {
	for _, p := range t {
		if p.expr != nil && (p.expr.path[0] == "each" || p.expr.path[0] == "index" || p.expr.fallback.variesByCopy()) {
			return true
		}
	}
	return false
}
