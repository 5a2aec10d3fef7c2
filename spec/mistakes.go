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

// A Mistake is one thing that is wrong with a spec.
type Mistake struct {
	Pos     Position `json:"position"`
	Path    string   `json:"path,omitempty"`    // such as sandboxes.web.public; empty for whole files
	Message string   `json:"message"`           // what is wrong, and what is allowed
	Hint    string   `json:"hint,omitempty"`    // what to do about it
	Warning bool     `json:"warning,omitempty"` // it is legal, and unwise
	Rule    string   `json:"rule,omitempty"`    // code of a warning: one of [WarningRules]
	Line    string   `json:"-"`                 // the line of the file, for the excerpt; empty when unknown
	mark    int      // column of the mark in Line; 0 is Pos.Column
	unset   string   // the value that is not set, such as $TOKEN or var.size; empty for all other mistakes
}

// Error is the mistake in one line.
func (m *Mistake) Error() string {
	var b strings.Builder
	b.WriteString(m.Pos.String())
	b.WriteString(": ")
	if m.Warning {
		b.WriteString("warning: ")
	}
	if m.Path != "" {
		b.WriteString(m.Path + ": ")
	}
	b.WriteString(m.Coded())
	if m.Hint != "" {
		b.WriteString("; " + m.Hint)
	}
	return b.String()
}

// Coded returns the message, with the code behind it if m is a warning.
func (m *Mistake) Coded() string {
	if m.Rule == "" {
		return m.Message
	}
	return fmt.Sprintf("%s [%s]", m.Message, m.Rule)
}

// Excerpt shows the line and marks the column, or is empty when the line is
// unknown. It ends in a newline.
func (m *Mistake) Excerpt() string {
	if m.Line == "" {
		return ""
	}
	number := fmt.Sprint(m.Pos.Line)
	mark := []rune(m.Line)
	mark = mark[:min(max(cmp.Or(m.mark, m.Pos.Column)-1, 0), len(mark))]
	for i, r := range mark {
		if r != '\t' {
			mark[i] = ' '
		}
	}
	return fmt.Sprintf("  %s | %s\n  %s | %s^\n", number, m.Line, strings.Repeat(" ", len(number)), string(mark))
}

// Mistakes is all that is wrong with a spec, in the order of the files and
// lines, warnings included. It is the error that [Options.Load] returns for a spec that
// was read and found wanting.
type Mistakes []*Mistake

// Warnings counts the warnings among them.
func (ms Mistakes) Warnings() int {
	n := 0
	for _, m := range ms {
		if m.Warning {
			n++
		}
	}
	return n
}

// Error lists every mistake with its excerpt.
func (ms Mistakes) Error() string {
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
func (ms Mistakes) Sorted() Mistakes {
	slices.SortStableFunc(ms, func(a, b *Mistake) int {
		return cmp.Or(cmp.Compare(a.Pos.File, b.Pos.File), cmp.Compare(a.Pos.Line, b.Pos.Line),
			cmp.Compare(a.Pos.Column, b.Pos.Column), cmp.Compare(a.Message, b.Message))
	})
	return slices.CompactFunc(ms, func(a, b *Mistake) bool { return a.Pos == b.Pos && a.Message == b.Message })
}
