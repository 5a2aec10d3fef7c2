package render

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"fleet/apply"
	"fleet/client"
	"fleet/plan"
)

// Report writes how a run ended: what was not done and why, what took long, and
// a summary.
func Report(w io.Writer, r *apply.Report, s Style) {
	unreported := slices.DeleteFunc(notDone(r.Results), func(x apply.Result) bool { return x.Step.Blocked != nil }) // the plan told of those
	for _, e := range resultEntries(unreported, false, s.Full) {
		title, members := e.title()
		title = s.bold(title)
		if left := e.stateNote(); left != "" {
			title += " (" + left + ")"
		}
		fmt.Fprintf(w, "  %s %s: %s\n", s.bad(string(e.Outcome)), title, indentLines(e.reason))
		if members != "" {
			fmt.Fprintf(w, "      %s\n", s.faint("at "+members))
		}
	}
	writeReportSummary(w, r, len(unreported) == 0, s)
}

// writeReportSummary is how all of a run went.
func writeReportSummary(w io.Writer, r *apply.Report, succeeded bool, s Style) {
	for _, text := range timingLines(r) {
		fmt.Fprintln(w, s.faint(text))
	}
	title := s.bad("Not all was done:")
	if succeeded {
		title = s.good("Done:")
	}
	fmt.Fprintf(w, "%s %s in %s.\n", title, countOutcomes(r), formatDuration(r.Duration))
}

// countOutcomes is how many steps ended how.
func countOutcomes(r *apply.Report) string {
	parts := []string{fmt.Sprintf("%d %s", r.Count(apply.Done), apply.Done)}
	for _, o := range notDoneOutcomes {
		if n := r.Count(o); n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, o))
		}
	}
	return strings.Join(parts, ", ")
}

// What of a run is worth a remark.
const (
	minStepsForSlowest = 20 // a run of more has its slowest steps told
	maxSlowest         = 5
	minSlowStep        = time.Second
	minReportedWait    = time.Second
)

// timingLines is sentences about where the time of a run went.
func timingLines(r *apply.Report) []string {
	var list []string
	if slow := slowestSteps(r); len(slow) > 0 {
		list = append(list, "Slowest: "+strings.Join(slow, ", ")+".")
	}
	if text := requestSummary(r.RequestLog); text != "" {
		list = append(list, text)
	}
	return list
}

// slowestSteps are the steps of a large run that took longest.
func slowestSteps(r *apply.Report) []string {
	if len(r.Results) <= minStepsForSlowest {
		return nil
	}
	list := slices.DeleteFunc(slices.Clone(r.Results), func(x apply.Result) bool { return x.Duration <= minSlowStep })
	slices.SortStableFunc(list, func(a, b apply.Result) int { return cmp.Compare(b.Duration, a.Duration) })
	var texts []string
	for _, x := range list[:min(len(list), maxSlowest)] {
		did := x.Step.Action.PastTense() + " in"
		if x.Outcome != apply.Done {
			did = string(x.Outcome) + " after"
		}
		texts = append(texts, fmt.Sprintf("%s %s %s", x.Step.Address, did, formatDuration(x.Duration)))
	}
	return texts
}

// requestSummary tells of requests that did not go through at once; of others there is
// nothing to tell.
func requestSummary(t client.RequestLog) string {
	if t.Retries == 0 && t.Wait <= minReportedWait {
		return ""
	}
	var of []string
	if t.Retries > 0 {
		of = append(of, plan.FormatInt(t.Retries)+" of them repeated")
	}
	if t.RateLimited > 0 {
		of = append(of, plan.FormatInt(t.RateLimited)+" turned away by a rate limit")
	}
	text := strings.Join(append([]string{plan.FormatInt(t.Requests) + " " + plan.PluralWord(t.Requests, "request", "requests")}, of...), ", ")
	if t.Wait > minReportedWait {
		text += fmt.Sprintf("; together they waited %s for rate limits and to be repeated", plan.FormatDuration(t.Wait))
	}
	return text + "."
}

// indentLines keeps the lines of a long text together.
func indentLines(text string) string { return strings.ReplaceAll(text, "\n", "\n      ") }

// formatDuration is a time that people read.
func formatDuration(d time.Duration) string {
	switch {
	case d < 10*time.Second:
		return fmt.Sprintf("%.1fs", d.Seconds())
	default:
		return d.Round(time.Second).String()
	}
}
