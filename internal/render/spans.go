package render

import (
	"fmt"
	"io"
	"strings"

	"github.com/fatih/color"
)

// A span is a piece of text in colours.
type span struct {
	text  string
	attrs []color.Attribute
}

// writeSentence writes pieces as a line. On a terminal, words that do not fit go to
// the next line, below the first piece.
func writeSentence(w io.Writer, spans []span, s Style) {
	writeSpans(w, spans, "", 0, min(stringWidth(spans[0].text)+1, detailIndent), s)
	fmt.Fprintln(w)
}

// writeJoined writes pieces with semicolons between them, from a column on. On a
// terminal, words that do not fit go to the next line, below the indent.
func writeJoined(w io.Writer, spans []span, at, indent int, s Style) {
	writeSpans(w, spans, ";", at, indent, s)
}

// writeSpans writes pieces with a mark between them.
func writeSpans(w io.Writer, spans []span, mark string, at, indent int, s Style) {
	var b strings.Builder
	for i, sp := range spans {
		if i > 0 {
			b.WriteString(mark)
			at += len(mark)
		}
		segment, space := "", i > 0
		for _, word := range strings.Split(sp.text, " ") {
			n := stringWidth(word)
			if s.Width > 0 && at > indent && at+1+n+1 > s.Width { // the last is for a semicolon
				b.WriteString(s.paint(segment, sp.attrs...))
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
		b.WriteString(s.paint(segment, sp.attrs...))
	}
	fmt.Fprint(w, b.String())
}
