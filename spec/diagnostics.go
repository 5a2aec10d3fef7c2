package spec

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// A Position is a place in a spec file. The zero Position is nowhere.
type Position struct {
	File   string `json:"file"`
	Line   int    `json:"line"`
	Column int    `json:"column"` // in characters, from 1
}

func (p Position) String() string {
	if p.Line == 0 {
		return p.File
	}
	return fmt.Sprintf("%s:%d:%d", p.File, p.Line, p.Column)
}

// A Diagnostic is one thing that is wrong with a spec.
type Diagnostic struct {
	Pos        Position `json:"position"`
	Path       string   `json:"path,omitempty"`    // such as sandboxes.web.public; empty for whole files
	Message    string   `json:"message"`           // what is wrong, and what is allowed
	Hint       string   `json:"hint,omitempty"`    // what to do about it
	Warning    bool     `json:"warning,omitempty"` // it is legal, and unwise
	Rule       string   `json:"rule,omitempty"`    // code of a warning: one of [WarningRules]
	Line       string   `json:"-"`                 // the line of the file, for the excerpt; empty when unknown
	markColumn int      // column of the mark in Line; 0 is Pos.Column
	unset      string   // the value that is not set, such as $TOKEN or var.size; empty for all other mistakes
}

// Error is the mistake in one line.
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

// Excerpt shows the line and marks the column, or is empty when the line is
// unknown. It ends in a newline.
func (m *Diagnostic) Excerpt() string {
	if m.Line == "" {
		return ""
	}
	number := fmt.Sprint(m.Pos.Line)
	mark := []rune(m.Line)
	mark = mark[:min(max(cmp.Or(m.markColumn, m.Pos.Column)-1, 0), len(mark))]
	for i, r := range mark {
		if r != '\t' {
			mark[i] = ' '
		}
	}
	return fmt.Sprintf("  %s | %s\n  %s | %s^\n", number, m.Line, strings.Repeat(" ", len(number)), string(mark))
}

// Diagnostics is all that is wrong with a spec, in the order of the files and
// lines, warnings included. It is the error that [Options.Load] returns for a spec that
// was read and found wanting.
type Diagnostics []*Diagnostic

// Warnings counts the warnings among them.
func (ms Diagnostics) Warnings() int {
	n := 0
	for _, m := range ms {
		if m.Warning {
			n++
		}
	}
	return n
}

// Error lists every mistake with its excerpt.
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

// Sorted is ms by place, each mistake once.
func (ms Diagnostics) Sorted() Diagnostics {
	slices.SortStableFunc(ms, func(a, b *Diagnostic) int {
		return cmp.Or(cmp.Compare(a.Pos.File, b.Pos.File), cmp.Compare(a.Pos.Line, b.Pos.Line),
			cmp.Compare(a.Pos.Column, b.Pos.Column), cmp.Compare(a.Message, b.Message))
	})
	return slices.CompactFunc(ms, func(a, b *Diagnostic) bool { return a.Pos == b.Pos && a.Message == b.Message })
}
