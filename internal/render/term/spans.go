package term

import (
	"fmt"
	"io"
	"strings"

	"github.com/fatih/color"
)

// A Span is a piece of a line. Without Attrs it is plain.
type Span struct {
	Text  string
	Attrs []color.Attribute
}

// SentenceIndent is the largest indent of the lines of a sentence after the
// first.
const SentenceIndent = 6

// WriteSentence writes spans as a line, with spaces between them. On a terminal
// it wraps, and indents the next lines below the first span.
func WriteSentence(w io.Writer, spans []Span, s Style) {
	WriteSpans(w, spans, "", 0, min(StringWidth(spans[0].Text)+1, SentenceIndent), s)
	fmt.Fprintln(w)
}

// WriteJoined writes spans with semicolons between them, from column at on. On a
// terminal it wraps, and indents the next lines.
func WriteJoined(w io.Writer, spans []Span, at, indent int, s Style) {
	WriteSpans(w, spans, ";", at, indent, s)
}

// WriteSpans writes spans with a mark and a space between them, from column at
// on. On a terminal it wraps at words, and indents the next lines.
func WriteSpans(w io.Writer, spans []Span, mark string, at, indent int, s Style) {
	var b strings.Builder
	for i, sp := range spans {
		if i > 0 {
			b.WriteString(mark)
			at += len(mark)
		}
		segment, space := "", i > 0
		for _, word := range strings.Split(sp.Text, " ") {
			n := StringWidth(word)
			if s.Width > 0 && at > indent && at+1+n+1 > s.Width { // a semicolon may follow
				b.WriteString(s.Paint(segment, sp.Attrs...))
				b.WriteString("\n" + strings.Repeat(" ", indent))
				segment, space, at = "", false, indent
			}
			switch {
			case space && segment == "":
				b.WriteString(" ")
				at++
			case space:
				segment += " "
				at++
			}
			segment, space, at = segment+word, true, at+n
		}
		b.WriteString(s.Paint(segment, sp.Attrs...))
	}
	fmt.Fprint(w, b.String())
}
