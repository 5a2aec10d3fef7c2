package render

import (
	"fmt"

	"github.com/fatih/color"

	"fleet/plan"
)

// A Style says how text looks. The zero Style is plain.
type Style struct {
	Color bool // use terminal colours
	Full  bool // show every step, equal ones too
	Drift bool // tell which differences are to be expected
}

// paint is s in the colours.
func (s Style) paint(text string, attrs ...color.Attribute) string {
	if !s.Color || len(attrs) == 0 {
		return text
	}
	c := color.New(attrs...)
	c.EnableColor()
	return c.Sprint(text)
}

// colours of the actions; those of the sixteen that read on light and dark.
var colours = map[plan.Action][]color.Attribute{
	plan.Create:  {color.FgGreen},
	plan.Adopt:   {color.FgCyan},
	plan.Update:  {color.FgYellow},
	plan.Replace: {color.FgMagenta},
	plan.Delete:  {color.FgRed},
	plan.NoOp:    {color.Faint},
}

func (s Style) action(a plan.Action, text string) string {
	c, ok := colours[a]
	if !ok {
		c = []color.Attribute{color.FgYellow}
	}
	return s.paint(text, c...)
}

func (s Style) bold(text string) string  { return s.paint(text, color.Bold) }
func (s Style) faint(text string) string { return s.paint(text, color.Faint) }
func (s Style) bad(text string) string   { return s.paint(text, color.FgRed, color.Bold) }
func (s Style) warn(text string) string  { return s.paint(text, color.FgYellow, color.Bold) }
func (s Style) good(text string) string  { return s.paint(text, color.FgGreen) }

// count is "1 thing" or "2 things".
func count(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}
