package render

import (
	"github.com/fatih/color"

	"fleet/plan"
)

// A Style says how text looks. The zero Style is plain.
type Style struct {
	Color  bool // use terminal colours
	Full   bool // show every step, equal ones too
	Drift  bool // it is the differences that matter: tell which are to be expected
	Strict bool // with Drift: those that are to be expected matter, too
	Width  int  // of the terminal in columns; 0 when there is none, and lines may be of any length
}

// titleColumns is how wide the column of titles may become.
func (s Style) titleColumns() int {
	if s.Width > 0 {
		return max(min(titleWidth, s.Width/2-titleIndent), 12)
	}
	return titleWidth
}

// detailColumns is how wide a line of detail may become; 0 is any width.
func (s Style) detailColumns() int {
	switch {
	case s.Full:
		return 0
	case s.Width > 0:
		return max(s.Width-detailIndent-len(" and 100000 more"), titleWidth)
	}
	return 2 * titleWidth
}

// paint is s in the colours.
func (s Style) paint(text string, attrs ...color.Attribute) string {
	if !s.Color || len(attrs) == 0 || text == "" {
		return text
	}
	c := color.New(attrs...)
	c.EnableColor()
	return c.Sprint(text)
}

// colours of the categories of actions; those of the sixteen that themes define for
// their own background.
var colours = map[plan.Action][]color.Attribute{
	plan.Create:  {color.FgGreen},
	plan.Adopt:   {color.FgCyan},
	plan.Update:  {color.FgYellow},
	plan.Replace: {color.FgMagenta},
	plan.Delete:  {color.FgRed},
	plan.NoOp:    {color.Faint},
	plan.Wait:    {color.FgYellow},
}

// colours are those of an action.
func (s Style) colours(a plan.Action) []color.Attribute {
	if a.Deletes() && !a.Creates() {
		return colours[plan.Delete]
	}
	return colours[a.Category()]
}

func (s Style) paintAction(a plan.Action, text string) string { return s.paint(text, s.colours(a)...) }

// wordColours are the colours for words about an action. Yellow and faint ones cannot
// be read on every background: there the symbol has to do.
func (s Style) wordColours(a plan.Action) []color.Attribute {
	c := s.colours(a)
	if c[0] == color.FgYellow || c[0] == color.Faint {
		return nil
	}
	return c
}

// Faint is only what can be done without: on some light backgrounds it can
// hardly be read.
var (
	faint = []color.Attribute{color.Faint}
	bad   = []color.Attribute{color.FgRed, color.Bold}
	warn  = []color.Attribute{color.FgMagenta, color.Bold}
)

func (s Style) bold(text string) string  { return s.paint(text, color.Bold) }
func (s Style) faint(text string) string { return s.paint(text, faint...) }
func (s Style) bad(text string) string   { return s.paint(text, bad...) }
func (s Style) warn(text string) string  { return s.paint(text, warn...) }
func (s Style) good(text string) string  { return s.paint(text, color.FgGreen) }

// count is "1 thing" or "2 things".
func count(n int, thing string) string {
	return plan.Plural(n, thing, thing+"s")
}
