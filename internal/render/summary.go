package render

import (
	"fmt"
	"slices"
	"strings"

	"github.com/fatih/color"

	"fleet/internal/render/steps"
	"fleet/internal/render/term"
	"fleet/plan"
)

// Summary returns a plan in one line.
func Summary(p *plan.Plan) string {
	var b strings.Builder
	term.WriteSentence(&b, summary(p, Style{}), Style{})
	return strings.TrimSuffix(b.String(), "\n")
}

// summary returns a plan in one line, as spans.
func summary(p *plan.Plan, s Style) []term.Span {
	c := p.Counts()
	list := []term.Span{{Text: "Plan:", Attrs: []color.Attribute{color.Bold}}}
	add := func(mark string, n int, what string, attrs []color.Attribute) {
		if last := len(list) - 1; last > 0 {
			list[last].Text += mark
		}
		if n == 0 { // a colour would draw attention to nothing
			attrs = nil
		}
		list = append(list, term.Span{Text: plan.FormatInt(n) + " " + what, Attrs: attrs})
	}
	add(",", c.Create, "to create", s.WordColours(plan.Create))
	add(",", c.Change, "to update", s.WordColours(plan.Update))
	add(",", c.Replace, "to replace", s.WordColours(plan.Replace))
	add(",", c.Destroy, "to delete", s.WordColours(plan.Delete))
	if c.Adopt > 0 {
		add(",", c.Adopt, "to adopt", s.WordColours(plan.Adopt))
	}
	if c.Waiting > 0 {
		add(",", c.Waiting, "to wait for", nil)
	}
	add(";", c.Unchanged, "unchanged", nil)
	if c.Retained > 0 {
		add(",", c.Retained, "retained", nil)
	}
	if c.NotSelected > 0 {
		add(",", c.NotSelected, "not selected", nil)
	}
	if c.Blocked > 0 {
		add(",", c.Blocked, "blocked", term.BadAttrs)
	}
	list[len(list)-1].Text += "."
	return list
}

// Losses returns what a plan destroys permanently, as lines of text, or "".
func Losses(p *plan.Plan) string {
	var lines []string
	losing := slices.DeleteFunc(slices.Clone(p.Steps), func(s *plan.Step) bool { return s.DataLoss == "" || s.Blocked != nil })
	for _, f := range steps.Entries(losing, false) {
		name := f.Title
		if f.SpansGroups() {
			name = f.Members(steps.TitleWidth * 10)
		}
		lines = append(lines, fmt.Sprintf("  %s: %s", name, f.DataLossText()))
	}
	const most = 20
	if n := len(lines); n > most {
		lines = append(lines[:most], fmt.Sprintf("  and %d more", n-most))
	}
	if len(lines) == 0 {
		return ""
	}
	return "The following will be lost permanently:\n" + strings.Join(lines, "\n") + "\n"
}

// noChangesText returns how many objects match the spec, for a plan without
// changes.
func noChangesText(p *plan.Plan) string {
	c := p.Counts()
	left := fmt.Sprintf("%d retained", c.Retained)
	switch {
	case c.NotSelected > 0 && c.Unchanged+c.Retained == 0:
		return fmt.Sprintf("No object of fleet %s is selected, %d not selected.", p.Fleet, c.NotSelected)
	case c.NotSelected > 0 && c.Retained > 0:
		return fmt.Sprintf("%s, %s, %d not selected.", matchText(c.Unchanged, "selected object", p.Fleet), left, c.NotSelected)
	case c.NotSelected > 0:
		return fmt.Sprintf("%s, %d not selected.", matchText(c.Unchanged, "selected object", p.Fleet), c.NotSelected)
	case c.Unchanged == 0 && c.Retained == 0:
		return fmt.Sprintf("Fleet %s has no objects.", p.Fleet)
	case c.Unchanged == 0:
		return fmt.Sprintf("%s of fleet %s retained.", count(c.Retained, "object"), p.Fleet)
	case c.Retained > 0:
		return fmt.Sprintf("%s, %s.", matchText(c.Unchanged, "object", p.Fleet), left)
	}
	return matchText(c.Unchanged, "object", p.Fleet) + "."
}

// matchText returns how many objects of a fleet match the spec.
func matchText(n int, what, fleet string) string {
	return fmt.Sprintf("%s of fleet %s %s the spec", count(n, what), fleet, plan.PluralWord(n, "matches", "match"))
}
