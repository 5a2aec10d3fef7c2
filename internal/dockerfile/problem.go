package dockerfile

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// A Problem is a mistake in a Dockerfile.
type Problem struct {
	Line    int    // from 1
	Message string // without the line
	Hint    string // what to do; may be empty
	// Quoted is the part of the Dockerfile that the message repeats, in case that it is
	// sensitive; "" if it repeats none.
	Quoted string
	// Unset is the variable whose missing value is the problem; a build argument may set
	// it. It is "" for other problems.
	Unset string
	// Warning marks what can be built all the same.
	Warning bool
}

// String returns the line, the message and the hint.
func (p Problem) String() string {
	text := fmt.Sprintf("line %d of the Dockerfile: %s", p.Line, p.Message)
	if p.Hint != "" {
		text += "; " + p.Hint
	}
	return text
}

// Problems are the mistakes in a Dockerfile, in the order of their lines.
type Problems []Problem

// Error returns one line for each problem.
func (p Problems) Error() string {
	lines := make([]string, len(p))
	for i, one := range p {
		lines[i] = one.String()
	}
	return strings.Join(lines, "\n")
}

// asError returns the problems sorted by line, or nil if there are none.
func (p Problems) asError() error {
	if len(p) == 0 {
		return nil
	}
	return p.sorted()
}

func (p Problems) sorted() Problems {
	slices.SortStableFunc(p, func(a, b Problem) int { return cmp.Compare(a.Line, b.Line) })
	return p
}

// at reports whether a message ends in a text.
func (p Problems) at(end string) bool {
	return slices.ContainsFunc(p, func(one Problem) bool { return strings.HasSuffix(one.Message, end) })
}

func itoa(n int) string     { return strconv.Itoa(n) }
func quote(s string) string { return strconv.Quote(s) }
