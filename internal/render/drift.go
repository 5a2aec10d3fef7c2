package render

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"fleet/plan"
	"fleet/spec"
)

// driftClasses are the classes of drift, in the order in which they are told.
var driftClasses = []string{string(spec.ChangedRemotely), string(spec.BothChanged), string(spec.SpecChanged), string(spec.Differs), string(plan.Expected), string(plan.UnderWay), string(plan.NotCompared)}

// classText is a class for a reader.
func classText(class string) string {
	if class == string(spec.BothChanged) {
		return "changed by someone and in the spec"
	}
	return class
}

// classCountText is a class behind a number.
func classCountText(class string, n int) string {
	if class == string(spec.Differs) {
		return plan.PluralWord(n, "differs", "differ")
	}
	return classText(class)
}

// driftClass is the class of a step's drift; "" for a step without any.
func driftClass(s *plan.Step) string {
	if s.Drift != "" && !s.Drift.IsActionable() {
		return string(s.Drift)
	}
	return string(s.Cause)
}

// Drift writes what of a fleet is not as its spec wants it, with the class of
// each difference, and what the spec does not speak of, where that was looked
// for; u is nil where it was not.
func Drift(w io.Writer, p *plan.Plan, u *plan.Unmanaged, s Style) {
	s.Drift = true
	shown := *p
	shown.Steps = make([]*plan.Step, len(p.Steps))
	for i, step := range p.Steps {
		shown.Steps[i] = withDriftReason(step)
	}
	Plan(w, &shown, s)
	if line := classSummary(p); line != "" {
		fmt.Fprintf(w, "%s %s.\n", s.bold("Drift:"), line)
	}
	if u != nil {
		writeUnmanaged(w, u, s)
	}
}

// withDriftReason is the step with its class in its reason.
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

// driftReason tells the class of a step, and of the attributes where they are not
// all of one class.
func driftReason(s *plan.Step) string {
	by := map[spec.Cause][]string{}
	for _, c := range s.Changes {
		by[c.Cause] = append(by[c.Cause], c.Attribute)
	}
	switch {
	case s.Drift == plan.Missing:
		return "never made, or deleted by someone"
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

// classSummary counts the classes in words.
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

// writeUnmanaged lists what no spec owns, and counts the rest.
func writeUnmanaged(w io.Writer, u *plan.Unmanaged, s Style) {
	if len(u.Objects) == 0 {
		fmt.Fprintf(w, "\n%s there is nothing that no spec owns.\n", s.good("Unmanaged:"))
	} else {
		fmt.Fprintf(w, "\n%s %s that no spec owns, as far as that can be told.\n", s.bold("Unmanaged:"), count(len(u.Objects), "object"))
		t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
		for _, o := range u.Objects {
			line := []string{"  " + string(o.Kind), o.Name.String(), o.State}
			if o.Note != "" {
				line = append(line, o.Note.String())
			}
			fmt.Fprintln(t, TabbedRow(line...))
		}
		_ = t.Flush() // whoever gave the writer looks at its errors
	}
	var others []string
	for _, o := range u.Others {
		owner := "the fleet " + o.Name.String()
		if o.Tool {
			owner = o.Name.String()
		}
		others = append(others, plan.Plural(o.Sandboxes, "sandbox", "sandboxes")+" of "+owner)
	}
	if len(others) > 0 {
		fmt.Fprintf(w, "Not listed: %s.\n", strings.Join(others, ", "))
	}
}

// driftReportJSON is a plan with the classes of its differences, as fleet drift tells
// it.
type driftReportJSON struct {
	planJSON
	Classes   map[string]int  `json:"classes"`             // how many steps are of each class
	Unmanaged *plan.Unmanaged `json:"unmanaged,omitempty"` // only where it was asked for
}

// DriftJSON writes for programs what Drift writes for readers.
func DriftJSON(w io.Writer, p *plan.Plan, u *plan.Unmanaged) error {
	shown := *p
	shown.Steps = slices.Clone(p.Steps)
	if shown.Steps == nil {
		shown.Steps = []*plan.Step{}
	}
	return writeJSON(w, driftReportJSON{planJSON{jsonVersion, p.Counts(), &shown}, classCounts(p), u})
}
