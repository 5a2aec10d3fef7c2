// Package diagnostic describes errors and warnings about a spec, with the place
// in the file that each is about.
package diagnostic

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"fleet/internal/redact"
)

// A Position is a place in a spec file. The zero Position is nowhere.
type Position struct {
	File   string `json:"file"`
	Line   int    `json:"line"`
	Column int    `json:"column"` // in characters, from 1
}

// String returns the position as FILE:LINE:COLUMN, or the file alone if the line is 0.
func (p Position) String() string {
	if p.Line == 0 {
		return p.File
	}
	return fmt.Sprintf("%s:%d:%d", p.File, p.Line, p.Column)
}

// A Diagnostic is one error or warning about a spec.
type Diagnostic struct {
	Pos     Position `json:"position"`
	Path    string   `json:"path,omitempty"`    // such as sandboxes.web.public; empty for whole files
	Message string   `json:"message"`           // what is wrong, and what is allowed
	Hint    string   `json:"hint,omitempty"`    // what to do about it
	Warning bool     `json:"warning,omitempty"` // legal, but likely a mistake
	Rule    string   `json:"rule,omitempty"`    // code of a warning: a key of spec.WarningRules

	Line       string `json:"-"` // the line of the file, for the excerpt; empty if unknown
	MarkColumn int    `json:"-"` // column of the mark in Line; 0 means Pos.Column
	Unset      string `json:"-"` // the value that is not set, such as $TOKEN or var.size; empty for all other errors
}

// Error returns the diagnostic in one line.
func (m *Diagnostic) Error() string {
	var b strings.Builder
	b.WriteString(m.Pos.String())
	b.WriteString(": ")
	if m.Warning {
		b.WriteString("warning: ")
	}
	if m.Path != "" {
		b.WriteString(m.Path + ": ")
	}
	b.WriteString(m.MessageWithCode())
	if m.Hint != "" {
		b.WriteString("; " + m.Hint)
	}
	return b.String()
}

// MessageWithCode returns the message, with the code behind it if m is a warning.
func (m *Diagnostic) MessageWithCode() string {
	if m.Rule == "" {
		return m.Message
	}
	return fmt.Sprintf("%s [%s]", m.Message, m.Rule)
}

// Excerpt returns the line of the file with a mark below the column, ending in a
// newline. It is empty if the line is unknown.
func (m *Diagnostic) Excerpt() string {
	if m.Line == "" {
		return ""
	}
	number := fmt.Sprint(m.Pos.Line)
	mark := []rune(m.Line)
	mark = mark[:min(max(cmp.Or(m.MarkColumn, m.Pos.Column)-1, 0), len(mark))]
	for i, r := range mark {
		if r != '\t' {
			mark[i] = ' '
		}
	}
	return fmt.Sprintf("  %s | %s\n  %s | %s^\n", number, m.Line, strings.Repeat(" ", len(number)), string(mark))
}

// Diagnostics are the errors and warnings about a spec. As an error it stands for
// all of them.
type Diagnostics []*Diagnostic

// Warnings returns the number of warnings in ms.
func (ms Diagnostics) Warnings() int {
	n := 0
	for _, m := range ms {
		if m.Warning {
			n++
		}
	}
	return n
}

// Errors returns the diagnostics of ms that are no warnings.
func (ms Diagnostics) Errors() Diagnostics {
	return slices.DeleteFunc(slices.Clone(ms), func(m *Diagnostic) bool { return m.Warning })
}

// Error returns every diagnostic with its excerpt.
func (ms Diagnostics) Error() string {
	var b strings.Builder
	for i, m := range ms {
		if i > 0 {
			b.WriteString("\n")
		}
		b.WriteString(m.Error())
		if x := m.Excerpt(); x != "" {
			b.WriteString("\n" + strings.TrimSuffix(x, "\n"))
		}
	}
	return b.String()
}

// Sorted sorts ms by place, in ms itself, and returns it without duplicates.
func (ms Diagnostics) Sorted() Diagnostics {
	slices.SortStableFunc(ms, func(a, b *Diagnostic) int {
		return cmp.Or(cmp.Compare(a.Pos.File, b.Pos.File), cmp.Compare(a.Pos.Line, b.Pos.Line),
			cmp.Compare(a.Pos.Column, b.Pos.Column), cmp.Compare(a.Message, b.Message))
	})
	return slices.CompactFunc(ms, func(a, b *Diagnostic) bool { return a.Pos == b.Pos && a.Message == b.Message })
}

// Redact replaces secrets in all texts of m. The mark moves with the text before it.
func (m *Diagnostic) Redact(secrets *redact.Redactor) {
	m.Message = secrets.Text(m.Message)
	m.Hint = secrets.Text(m.Hint)
	m.Unset = secrets.Text(m.Unset)
	line := []rune(m.Line)
	if shown := secrets.Text(m.Line); shown != m.Line {
		before := secrets.Text(string(line[:min(max(m.MarkColumn-1, 0), len(line))]))
		m.Line, m.MarkColumn = shown, 1+len([]rune(before))
	}
}
