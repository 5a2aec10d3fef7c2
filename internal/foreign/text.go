package foreign

import "fmt"

// A Text is a text from another source, such as a server. It is escaped whenever it is
// printed, but not in JSON or by a conversion to string.
type Text string

// String returns the escaped text.
func (t Text) String() string { return Escape(string(t)) }

// Format escapes the text for every verb.
func (t Text) Format(f fmt.State, verb rune) {
	fmt.Fprintf(f, fmt.FormatString(f, verb), Escape(string(t)))
}
