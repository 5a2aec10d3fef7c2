package render

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"fleet/apply"
	"fleet/plan"
)

// Report writes how a run ended: what was not done and why, and a summary.
func Report(w io.Writer, r *apply.Report, s Style) {
	for _, x := range r.Results {
		if x.Outcome == apply.Done || x.Step.Blocked != nil { // the plan told of what is blocked
			continue
		}
		fmt.Fprintf(w, "  %s %s: %s\n", s.bad(string(x.Outcome)), s.bold(x.Step.Address.String()), indented(x.Err))
	}
	title := s.good("Done:")
	if slices.ContainsFunc(r.Results, func(x apply.Result) bool { return x.Outcome != apply.Done && x.Step.Blocked == nil }) {
		title = s.bad("Not all was done:")
	}
	fmt.Fprintf(w, "%s %s in %s.\n", title, countOutcomes(r), short(r.Took))
}

// countOutcomes is how many steps ended how.
func countOutcomes(r *apply.Report) string {
	var parts []string
	for _, o := range []apply.Phase{apply.Done, apply.Failed, apply.Skipped, apply.Interrupted} {
		if n := r.Count(o); n > 0 || o == apply.Done {
			parts = append(parts, fmt.Sprintf("%d %s", n, o))
		}
	}
	return strings.Join(parts, ", ")
}

// indented keeps the lines of a long error together.
func indented(err error) string {
	if err == nil {
		return "no reason is known"
	}
	return strings.ReplaceAll(err.Error(), "\n", "\n      ")
}

// short is a time that people read.
func short(d time.Duration) string {
	switch {
	case d < 10*time.Second:
		return fmt.Sprintf("%.1fs", d.Seconds())
	default:
		return d.Round(time.Second).String()
	}
}

// pastTense is what an action has done.
var pastTense = map[plan.Action]string{
	plan.Create: "created", plan.Update: "updated", plan.Replace: "replaced", plan.Delete: "deleted",
	plan.Adopt: "adopted", plan.Start: "started", plan.Stop: "stopped", plan.Pause: "paused",
	plan.Archive: "archived", plan.Recover: "recovered", plan.Activate: "activated", plan.Retire: "deactivated",
	plan.Release: "released", plan.NoOp: "ready",
}
