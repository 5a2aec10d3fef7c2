package render

import (
	"fmt"
	"io"
	"strings"

	"fleet/internal/render/term"
	"fleet/plan"
)

// Heading names in one line what a plan or a report is about: the fleet, its
// environment, the server and, if it is known, the organisation. It is empty for
// a plan that names no server.
func Heading(p *plan.Plan) string {
	if p.Server == "" {
		return ""
	}
	return "Fleet " + strings.Join(append([]string{term.Printable(p.Fleet)}, locationParts(p, term.Printable)...), ", ")
}

// locationParts says where the fleet is, each value as show writes it.
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

// WriteHeading writes the heading as a line, if there is one. On a terminal,
// what does not fit goes to the next line.
func WriteHeading(w io.Writer, p *plan.Plan, s Style) {
	if text := Heading(p); text != "" {
		term.WriteSpans(w, []term.Span{{Text: text}}, "", 0, 2, s)
		fmt.Fprintln(w)
	}
}

// markdownHeading is the fleet and where it is, for the heading of a comment.
func markdownHeading(p *plan.Plan) string {
	if p.Server == "" {
		return markdownCode(p.Fleet)
	}
	return strings.Join(append([]string{markdownCode(p.Fleet)}, locationParts(p, markdownCode)...), ", ")
}

// appliedLocation is where a fleet was applied, for the heading of a comment.
func appliedLocation(p *plan.Plan) string {
	if p.Server == "" {
		return ""
	}
	return ": " + strings.Join(locationParts(p, markdownCode), ", ")
}
