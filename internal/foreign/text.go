package foreign

import "fmt"

// A Text is a text of somebody else. However it is printed, it is escaped; only
// JSON, and a conversion to string, have it as it is.
type Text string

// String is the text escaped.
func (t Text) String() string { return Escape(string(t)) }

// Format escapes the text for every verb.
func (t Text) Format(f fmt.State, verb rune) {
	fmt.Fprintf(f, fmt.FormatString(f, verb), Escape(string(t)))
}
