package render

import (
	"fmt"
	"io"
	"strings"

	"fleet/internal/gc"
	"fleet/plan"
	"fleet/spec"
)

// maxRemarks is the number of remarks of a kind that are listed.
const maxRemarks = 10

// GCReport writes what a fleet has, what the rules selected, and remarks.
func GCReport(w io.Writer, fleet string, r *gc.Report, s Style) {
	fmt.Fprintf(w, "%s %s\n", s.Bold("Fleet "+fleet+":"), groupText(r.Fleet, r.Currency))
	if r.Unowned != nil {
		fmt.Fprintf(w, "%s %s\n", s.Bold("Unowned:"), groupText(*r.Unowned, r.Currency))
	}
	for _, g := range r.Picked {
		fmt.Fprintf(w, "%s %s\n", s.Bold("Selected ("+g.Rule+"):"), groupText(g, r.Currency))
	}
	writeRemarks(w, "Never stopping", r.NeverStopping, s)
	writeRemarks(w, "Stuck", r.Stuck, s)
	writeRemarks(w, "Duplicates", r.Duplicates, s)
	writeRemarks(w, "Orphaned", r.OrphanSnapshots, s)
}

// groupText returns the totals of a group.
func groupText(g gc.Group, currency string) string {
	what := plan.FormatInt(g.Count) + " " + g.Kind.Section()
	if g.Count == 1 {
		what = "1 " + string(g.Kind)
	}
	if g.Kind != spec.SandboxKind {
		return what
	}
	text := fmt.Sprintf("%s, %s started: %s vCPU, %s GiB memory, %s GiB disk",
		what, plan.FormatInt(g.Started), plan.FormatInt(g.CPU), plan.FormatInt(g.Memory), plan.FormatInt(g.Disk))
	if g.CostPerDay != nil {
		text += ", about " + FormatMoney(*g.CostPerDay, currency) + " a day"
	}
	return text
}

func writeRemarks(w io.Writer, title string, list []gc.Remark, s Style) {
	if len(list) == 0 {
		return
	}
	fmt.Fprintf(w, "%s\n", s.Bold(fmt.Sprintf("%s (%d):", title, len(list))))
	for i, r := range list {
		if i == maxRemarks {
			fmt.Fprintf(w, "  and %d more\n", len(list)-maxRemarks)
			return
		}
		name := ""
		if !strings.HasSuffix(string(r.Address), "."+string(r.Name)) {
			name = fmt.Sprintf(" %q", r.Name)
		}
		fmt.Fprintf(w, "  %s%s  %s\n", r.Address, name, r.Note)
	}
}

// gcJSON is what fleet gc prints as JSON if it applies nothing.
type gcJSON struct {
	Version int         `json:"version"`
	Report  *gc.Report  `json:"report"`
	Summary plan.Counts `json:"summary"`
	*plan.Plan
}

// writeGCJSON writes what gc found, and its plan, as JSON.
func writeGCJSON(w io.Writer, version int, r *gc.Report, p *plan.Plan) error {
	return writeJSON(w, gcJSON{version, r, p.Counts(), p})
}
