package render

import (
	"fmt"
	"io"
	"strings"

	"fleet/internal/gc"
	"fleet/plan"
	"fleet/spec"
)

// mostRemarks is how many remarks of one sort are written out.
const mostRemarks = 10

// Leaks writes what there is and what is remarkable about it.
func Leaks(w io.Writer, fleet string, r *gc.Report, s Style) {
	fmt.Fprintf(w, "%s %s\n", s.bold("Fleet "+fleet+":"), holding(r.Fleet, r.Currency))
	if r.Unowned != nil {
		fmt.Fprintf(w, "%s %s\n", s.bold("Nobody's:"), holding(*r.Unowned, r.Currency))
	}
	for _, g := range r.Picked {
		fmt.Fprintf(w, "%s %s\n", s.bold("Picked ("+g.Rule+"):"), holding(g, r.Currency))
	}
	remarks(w, "Never stopping", r.NeverStopping, s)
	remarks(w, "Stuck", r.Stuck, s)
	remarks(w, "Duplicates", r.Duplicates, s)
	remarks(w, "Left behind", r.LeftBehind, s)
}

// holding is a group in words.
func holding(g gc.Group, currency string) string {
	what := plan.Grouped(g.Count) + " " + g.Kind.Section()
	if g.Count == 1 {
		what = "1 " + string(g.Kind)
	}
	if g.Kind != spec.SandboxKind {
		return what
	}
	text := fmt.Sprintf("%s, %s started: %s vCPU, %s GiB memory, %s GiB disk",
		what, plan.Grouped(g.Started), plan.Grouped(g.CPU), plan.Grouped(g.Memory), plan.Grouped(g.Disk))
	if g.CostPerDay != nil {
		text += ", about " + Money(*g.CostPerDay, currency) + " a day"
	}
	return text
}

func remarks(w io.Writer, title string, list []gc.Remark, s Style) {
	if len(list) == 0 {
		return
	}
	fmt.Fprintf(w, "%s\n", s.bold(fmt.Sprintf("%s (%d):", title, len(list))))
	for i, r := range list {
		if i == mostRemarks {
			fmt.Fprintf(w, "  and %d more\n", len(list)-mostRemarks)
			return
		}
		name := ""
		if !strings.HasSuffix(string(r.Address), "."+string(r.Name)) {
			name = fmt.Sprintf(" %q", r.Name)
		}
		fmt.Fprintf(w, "  %s%s  %s\n", r.Address, name, r.Note)
	}
}

// leaksJSON is what gc prints for programs.
type leaksJSON struct {
	Version int         `json:"version"`
	Report  *gc.Report  `json:"report"`
	Summary plan.Counts `json:"summary"`
	*plan.Plan
}

// LeaksJSON writes what was found, and the plan, for programs.
func LeaksJSON(w io.Writer, r *gc.Report, p *plan.Plan) error {
	return encode(w, leaksJSON{version, r, p.Counts(), p})
}
