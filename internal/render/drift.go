package render

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"fleet/internal/render/term"
	"fleet/plan"
	"fleet/spec"
)

// driftClasses are the classes of drift, in the order of output.
var driftClasses = []string{string(spec.ChangedRemotely), string(spec.BothChanged), string(spec.SpecChanged), string(spec.Differs), string(plan.Expected), string(plan.UnderWay), string(plan.NotCompared)}

// classText returns a class for a user.
func classText(class string) string {
	if class == string(spec.BothChanged) {
		return "changed by someone and in the spec"
	}
	return class
}

// classCountText returns a class after a number.
func classCountText(class string, n int) string {
	if class == string(spec.Differs) {
		return plan.PluralWord(n, "differs", "differ")
	}
	return classText(class)
}

// driftClass returns the class of a step's drift, or "" if it has none.
func driftClass(s *plan.Step) string {
	if s.Drift != "" && !s.Drift.IsActionable() {
		return string(s.Drift)
	}
	return string(s.Cause)
}

// Drift writes the drift of a fleet, with the class of each difference, and the
// unmanaged objects. A nil u means that they were not listed.
func Drift(w io.Writer, p *plan.Plan, u *plan.Unmanaged, s Style) {
	s.Drift = true
	Plan(w, withDriftReasons(p), s)
	if line := classSummary(p); line != "" {
		fmt.Fprintf(w, "%s %s.\n", s.Bold("Drift:"), line)
	}
	if u != nil {
		writeUnmanaged(w, u, s)
	}
}

// withDriftReasons returns a plan whose steps have the classes of their drift as reasons.
func withDriftReasons(p *plan.Plan) *plan.Plan { return withSteps(p, withDriftReason) }

// withSteps returns a plan with other steps: what f returns for each.
func withSteps(p *plan.Plan, f func(*plan.Step) *plan.Step) *plan.Plan {
	shown := *p
	shown.Steps = make([]*plan.Step, len(p.Steps))
	for i, step := range p.Steps {
		shown.Steps[i] = f(step)
	}
	return &shown
}

// withDriftReason returns a step with the class of its drift in its reason.
func withDriftReason(s *plan.Step) *plan.Step {
	if s.Cause == "" {
		return s
	}
	copied := *s
	copied.Reason = driftReason(s)
	if s.Reason != "" {
		copied.Reason += "; " + s.Reason
	}
	return &copied
}

// driftReason returns the class of a step, or of each attribute if they have
// different classes.
func driftReason(s *plan.Step) string {
	by := map[spec.Cause][]string{}
	for _, c := range s.Changes {
		by[c.Cause] = append(by[c.Cause], c.Attribute)
	}
	switch {
	case s.Drift == plan.Missing:
		return "never created, or deleted by someone"
	case len(by) < 2:
		return classText(string(s.Cause))
	}
	var parts []string
	for _, name := range driftClasses {
		if list := by[spec.Cause(name)]; len(list) > 0 {
			parts = append(parts, fmt.Sprintf("%s (%s)", classText(name), strings.Join(list, ", ")))
		}
	}
	return strings.Join(parts, ", ")
}

// classSummary returns the number of steps of each class.
func classSummary(p *plan.Plan) string {
	var parts []string
	count := classCounts(p)
	for _, name := range driftClasses {
		if n := count[name]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, classCountText(name, n)))
		}
	}
	return strings.Join(parts, ", ")
}

func classCounts(p *plan.Plan) map[string]int {
	count := map[string]int{}
	for _, s := range p.Steps {
		if name := driftClass(s); name != "" {
			count[name]++
		}
	}
	return count
}

// writeUnmanaged lists the objects that no spec owns, and counts those of other
// fleets.
func writeUnmanaged(w io.Writer, u *plan.Unmanaged, s Style) {
	if len(u.Objects) == 0 {
		fmt.Fprintf(w, "\n%s no objects.\n", s.Good("Unmanaged:"))
	} else {
		fmt.Fprintf(w, "\n%s %s that no known spec owns.\n", s.Bold("Unmanaged:"), count(len(u.Objects), "object"))
		t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
		for _, o := range u.Objects {
			line := []string{"  " + string(o.Kind), o.Name.String(), o.State}
			if o.Note != "" {
				line = append(line, o.Note.String())
			}
			fmt.Fprintln(t, term.TabbedRow(line...))
		}
		_ = t.Flush() // the caller checks the errors of w
	}
	var others []string
	for _, o := range u.Others {
		owner := "fleet " + o.Name.String()
		if o.Tool {
			owner = o.Name.String()
		}
		others = append(others, plan.Plural(o.Sandboxes, "sandbox", "sandboxes")+" of "+owner)
	}
	if len(others) > 0 {
		fmt.Fprintf(w, "Not listed: %s.\n", strings.Join(others, ", "))
	}
}

// driftReportJSON is what fleet drift prints as JSON: a plan with the classes of
// its drift.
type driftReportJSON struct {
	planJSON
	Classes   map[string]int  `json:"classes"`             // number of steps of each class
	Unmanaged *plan.Unmanaged `json:"unmanaged,omitempty"` // only with --unmanaged
}

// writeDriftJSON writes the drift of a fleet as JSON.
func writeDriftJSON(w io.Writer, version int, p *plan.Plan, u *plan.Unmanaged) error {
	shown := *p
	shown.Steps = slices.Clone(p.Steps)
	if shown.Steps == nil {
		shown.Steps = []*plan.Step{}
	}
	return writeJSON(w, driftReportJSON{planJSON{version, p.Counts(), &shown}, classCounts(p), u})
}
