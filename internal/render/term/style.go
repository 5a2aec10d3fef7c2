// Package term writes styled text for terminals: colours, widths and lines that
// wrap.
package term

import (
	"github.com/fatih/color"

	"fleet/plan"
)

// A Style is how text looks. The zero Style is plain text of any width.
type Style struct {
	Color  bool // use terminal colours
	Full   bool // show every step, including identical ones
	Drift  bool // show the drift of a plan instead of its changes
	Strict bool // with Drift: expected drift counts too
	Logs   bool // show the last lines of the logs of failed builds in the report of a run
	Width  int  // columns of the terminal; 0 if there is none, and lines may have any length
}

// Paint returns a text in colours, or unchanged if the style has none.
func (s Style) Paint(text string, attrs ...color.Attribute) string {
	if !s.Color || len(attrs) == 0 || text == "" {
		return text
	}
	c := color.New(attrs...)
	c.EnableColor()
	return c.Sprint(text)
}

// colours of the categories of actions. They are among the sixteen colours that
// themes adapt to their background.
var colours = map[plan.Action][]color.Attribute{
	plan.Create:  {color.FgGreen},
	plan.Adopt:   {color.FgCyan},
	plan.Update:  {color.FgYellow},
	plan.Replace: {color.FgMagenta},
	plan.Delete:  {color.FgRed},
	plan.NoOp:    {color.Faint},
	plan.Wait:    {color.FgYellow},
}

// ActionColours returns the colours of an action's symbol.
func (s Style) ActionColours(a plan.Action) []color.Attribute {
	if a.Deletes() && !a.Creates() {
		return colours[plan.Delete]
	}
	return colours[a.Category()]
}

// PaintAction returns a text in the colours of an action.
func (s Style) PaintAction(a plan.Action, text string) string {
	return s.Paint(text, s.ActionColours(a)...)
}

// WordColours returns the colours of words about an action. Words are never
// yellow or faint, which some backgrounds make unreadable.
func (s Style) WordColours(a plan.Action) []color.Attribute {
	c := s.ActionColours(a)
	if c[0] == color.FgYellow || c[0] == color.Faint {
		return nil
	}
	return c
}

// Attributes of text. Faint text must not be essential: on some light
// backgrounds it is hard to read.
var (
	FaintAttrs = []color.Attribute{color.Faint}
	BadAttrs   = []color.Attribute{color.FgRed, color.Bold}
	WarnAttrs  = []color.Attribute{color.FgMagenta, color.Bold}
)

// Bold returns a text in bold.
func (s Style) Bold(text string) string { return s.Paint(text, color.Bold) }

// Faint returns a text that is not essential.
func (s Style) Faint(text string) string { return s.Paint(text, FaintAttrs...) }

// Bad returns a text about a problem.
func (s Style) Bad(text string) string { return s.Paint(text, BadAttrs...) }

// Warn returns a text about a warning.
func (s Style) Warn(text string) string { return s.Paint(text, WarnAttrs...) }

// Good returns a text about a success.
func (s Style) Good(text string) string { return s.Paint(text, color.FgGreen) }
