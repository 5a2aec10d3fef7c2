// Package expr parses texts with expressions such as ${var.size}. It does not know
// what they refer to.
package expr

import (
	"fmt"
	"regexp"
	"strings"
)

// A Template is a text with expressions, such as worker-${index}: its literal texts and
// expressions in order.
type Template []piece

// IsLiteral reports whether the template contains no expression.
func (t Template) IsLiteral() bool { return len(t) == 1 && t[0].Expr == nil }

// A piece is a literal text or an expression.
type piece struct {
	Literal string
	Expr    *Expression
}

// An Expression is the part of a text between ${ and }: a reference such as var.size,
// and what to do if it has no value.
type Expression struct {
	Text     string   // as written, with the braces
	Offset   int      // in bytes, within the parsed text
	Path     []string // such as var and size
	Fallback Template // after :-; used if Optional is set
	Optional bool     // it has a fallback, which may be empty
	Message  string   // after :?, why a value is required; empty if there is none
}

// An Error is an error about an expression of a text.
type Error struct {
	Offset        int // in bytes, of the expression
	Message, Hint string
	Quoted        string // the part of Message that is copied from the spec and may be secret; empty if there is none
	Unset         string // the environment variable that is not set, as $NAME; empty for all other errors
}

func (e *Error) Error() string { return e.Message }

// Errorf returns an error whose message repeats nothing that could be secret.
func Errorf(format string, args ...any) *Error {
	return &Error{Message: fmt.Sprintf(format, args...)}
}

// Truncate returns s, cut to 60 characters.
func Truncate(s string) string {
	const most = 60
	if r := []rune(s); len(r) > most {
		return string(r[:most]) + "..."
	}
	return s
}

// NotSet returns the error of a reference that has no value.
func NotSet(name string) *Error {
	return &Error{Message: name + " is not set", Hint: fmt.Sprintf("set it, or write ${%s:-default}", name)}
}

// WithUnsetEnv adds the name of the environment variable that x refers to, if it refers
// to one.
func (e *Error) WithUnsetEnv(x *Expression) *Error {
	if x.Path[0] == "env" && len(x.Path) > 1 {
		e.Unset = "$" + x.Path[1]
	}
	return e
}

// How texts contain expressions.
const (
	Open    = "${"  // begins an expression
	Escaped = "$${" // stands for the text ${
)

// maxExpressionDepth bounds expressions within expressions.
const maxExpressionDepth = 10

// pathPattern matches references such as var.size.
var pathPattern = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_-]*(\.[A-Za-z0-9_-]+)*$`)

// Parse parses a text with expressions. The error is an *Error.
func Parse(s string) (Template, error) {
	t, err := parseNestedTemplate(s, 0)
	if err != nil {
		return nil, err
	}
	return t, nil
}

// parseNestedTemplate parses a text within depth expressions.
func parseNestedTemplate(s string, depth int) (Template, *Error) {
	var t Template
	var literal strings.Builder
	for i := 0; i < len(s); {
		switch rest := s[i:]; {
		case strings.HasPrefix(rest, Escaped):
			literal.WriteString(Open)
			i += len(Escaped)
		case strings.HasPrefix(rest, Open):
			end := closingBrace(rest)
			if end < 0 {
				return nil, &Error{Offset: i, Message: "${ is not closed by }", Hint: "write $${ for the text ${"}
			}
			x, err := parseExpression(rest[:end+1], depth)
			if err != nil {
				err.Offset += i
				return nil, err
			}
			x.Offset = i
			if literal.Len() > 0 {
				t = append(t, piece{Literal: literal.String()})
				literal.Reset()
			}
			t = append(t, piece{Expr: x})
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
		t = append(t, piece{Literal: literal.String()})
	}
	return t, nil
}

// closingBrace returns the offset of the brace that closes the expression at the start
// of s, or -1.
func closingBrace(s string) int {
	depth := 0
	for i := 0; i < len(s); i++ {
		switch {
		case strings.HasPrefix(s[i:], Open):
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
func parseExpression(s string, depth int) (*Expression, *Error) {
	if depth >= maxExpressionDepth {
		return nil, Errorf("expressions within expressions are more than %d deep", maxExpressionDepth)
	}
	inner := s[len(Open) : len(s)-1]
	ref, rest, operator := inner, "", ""
	if i := strings.IndexByte(inner, ':'); i >= 0 {
		ref, rest = inner[:i], inner[i:]
		operator = rest[:min(2, len(rest))]
		rest = rest[len(operator):]
	}
	x := &Expression{Text: s, Path: strings.Split(ref, ".")}
	switch {
	case !pathPattern.MatchString(ref):
		shown := Truncate(s)
		return nil, &Error{Message: shown + " is not an expression; write one such as ${var.size}, ${env.HOME} or ${index}", Hint: "write $${ for the text ${", Quoted: shown}
	case operator == ":?":
		x.Message = strings.TrimSpace(rest)
		if x.Message == "" {
			x.Message = "it is needed"
		}
	case operator == ":-":
		fallback, err := parseNestedTemplate(rest, depth+1)
		if err != nil {
			err.Offset = 0 // the outer expression is reported
			return nil, err
		}
		x.Fallback, x.Optional = fallback, true
	case operator != "":
		shown := Truncate(s)
		return nil, &Error{Message: shown + ": after the name comes :- with a default, or :? with the reason why it is needed", Quoted: shown}
	}
	return x, nil
}

// VariesByCopy reports whether the template has another value for each copy of a group.
func (t Template) VariesByCopy() bool {
	for _, p := range t {
		if p.Expr != nil && (p.Expr.Path[0] == "each" || p.Expr.Path[0] == "index" || p.Expr.Fallback.VariesByCopy()) {
			return true
		}
	}
	return false
}
