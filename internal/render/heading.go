package render

import (
	"fmt"
	"io"
	"strings"

	"fleet/plan"
)

// Heading names in one line what a plan or a report is about: the fleet, its
// environment, the server and, if it is known, the organisation. It is empty for
// a plan that names no server.
func Heading(p *plan.Plan) string {
	if p.Server == "" {
		return ""
	}
	return "Fleet " + strings.Join(append([]string{printable(p.Fleet)}, whereabouts(p, printable)...), ", ")
}

// whereabouts says where the fleet is, each value as show writes it.
func whereabouts(p *plan.Plan, show func(string) string) []string {
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
		lay(w, []span{{text: text}}, "", 0, 2, s)
		fmt.Fprintln(w)
	}
}

// inMarkdown is the fleet and where it is, for the heading of a comment.
func inMarkdown(p *plan.Plan) string {
	if p.Server == "" {
		return code(p.Fleet)
	}
	return strings.Join(append([]string{code(p.Fleet)}, whereabouts(p, code)...), ", ")
}

// applied is where a fleet was applied, for the heading of a comment.
func applied(p *plan.Plan) string {
	if p.Server == "" {
		return ""
	}
	return ": " + strings.Join(whereabouts(p, code), ", ")
}
