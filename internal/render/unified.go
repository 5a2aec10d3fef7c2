package render

import (
	"fmt"
	"io"
	"strings"

	"github.com/aymanbagabas/go-udiff"
	"github.com/fatih/color"
)

// Unified writes the difference of two texts in the format of diff -u, which
// patch understands. Both are called by the same name.
func Unified(w io.Writer, name, have, want string, s Style) {
	diff := udiff.Unified(name, name, have, want)
	n := 0
	for line := range strings.Lines(diff) {
		text := strings.TrimSuffix(line, "\n")
		colour := unifiedColour(text)
		if n++; n <= 2 { // the names; below, --- is a line that goes
			colour = []color.Attribute{color.Bold}
		}
		fmt.Fprintln(w, s.paint(text, colour...))
	}
}

func unifiedColour(line string) []color.Attribute {
	switch {
	case strings.HasPrefix(line, "@@"):
		return []color.Attribute{color.Faint}
	case strings.HasPrefix(line, "-"):
		return []color.Attribute{color.FgRed}
	case strings.HasPrefix(line, "+"):
		return []color.Attribute{color.FgGreen}
	}
	return nil
}
