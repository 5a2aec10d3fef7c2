package input

import "strings"

// FirstLine returns the first line of a text, without the blanks around it.
func FirstLine(s string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(s), "\n")
	return line
}
