package render

import (
	"fmt"
	"io"
	"strings"

	"fleet/internal/render/term"
	"fleet/plan"
)

// Heading returns the fleet of a plan with its environment, server and, if it is
// known, organisation. It is empty for a plan without a server.
func Heading(p *plan.Plan) string {
	if p.Server == "" {
		return ""
	}
	return "Fleet " + strings.Join(append([]string{term.Printable(p.Fleet)}, locationParts(p, term.Printable)...), ", ")
}

// locationParts returns the environment, server and organisation of a plan, with
// values formatted by show.
func locationParts(p *plan.Plan, show func(string) string) []string {
	var parts []string
	switch {
	case p.Environment != "":
		parts = append(parts, "environment "+show(p.Environment))
	case len(p.Environments) > 0:
		parts = append(parts, "no environment")
	}
	if p.Server != "" {
		parts = append(parts, "server "+show(p.Server))
	}
	if p.Organization != "" {
		parts = append(parts, "organisation "+show(p.Organization))
	}
	return parts
}

// WriteHeading writes the heading of a plan as a line, unless it is empty. On a
// terminal it wraps.
func WriteHeading(w io.Writer, p *plan.Plan, s Style) {
	if text := Heading(p); text != "" {
		term.WriteSpans(w, []term.Span{{Text: text}}, "", 0, 2, s)
		fmt.Fprintln(w)
	}
}

// markdownHeading returns the heading of a plan in Markdown.
func markdownHeading(p *plan.Plan) string {
	if p.Server == "" {
		return markdownCode(p.Fleet)
	}
	return strings.Join(append([]string{markdownCode(p.Fleet)}, locationParts(p, markdownCode)...), ", ")
}

// appliedLocation returns where a fleet was applied, for a heading in Markdown.
func appliedLocation(p *plan.Plan) string {
	if p.Server == "" {
		return ""
	}
	return ": " + strings.Join(locationParts(p, markdownCode), ", ")
}
