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
	"fleet/internal/render/steps"
	"fleet/internal/render/term"
	"fleet/plan"
)

// Report writes how a run ended: the steps that were not done and why, the slowest
// steps, and a summary.
func Report(w io.Writer, r *apply.Report, s Style) {
	unreported := slices.DeleteFunc(steps.NotDone(r.Results), func(x apply.Result) bool { return x.Step.Blocked != nil }) // the plan shows those
	for _, e := range steps.ResultEntries(unreported, false, s.Full) {
		title, members := e.Names()
		title = s.Bold(title)
		if left := e.StateNote(); left != "" {
			title += " (" + left + ")"
		}
		fmt.Fprintf(w, "  %s %s: %s\n", s.Bad(string(e.Outcome)), title, term.IndentLines(e.Reason))
		if members != "" {
			fmt.Fprintf(w, "      %s\n", s.Faint("at "+members))
		}
		if s.Logs {
			writeBuildLog(w, e.BuildLog, s)
		}
	}
	writeReportSummary(w, r, len(unreported) == 0, s)
}

// writeBuildLog writes the last lines of the log of a failed build.
func writeBuildLog(w io.Writer, lines []string, s Style) {
	for _, line := range lines {
		fmt.Fprintf(w, "      %s %s\n", s.Faint("|"), term.LogLine(line))
	}
}

// writeReportSummary writes the timing and the summary of a run.
func writeReportSummary(w io.Writer, r *apply.Report, succeeded bool, s Style) {
	for _, text := range timingLines(r) {
		fmt.Fprintln(w, s.Faint(text))
	}
	title := s.Bad("Incomplete:")
	if succeeded {
		title = s.Good("Done:")
	}
	fmt.Fprintf(w, "%s %s in %s.\n", title, countOutcomes(r), FormatDuration(r.Duration))
}

// NotDoneOutcomes are the outcomes of steps that were not done.
var NotDoneOutcomes = []apply.Phase{apply.Failed, apply.Skipped, apply.Interrupted, apply.RolledBack}

// countOutcomes returns the number of steps with each outcome.
func countOutcomes(r *apply.Report) string {
	parts := []string{fmt.Sprintf("%d %s", r.Count(apply.Done), apply.Done)}
	for _, o := range NotDoneOutcomes {
		if n := r.Count(o); n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, o))
		}
	}
	return strings.Join(parts, ", ")
}

// Thresholds of the timing of a run.
const (
	minStepsForSlowest = 20 // a run with more steps lists its slowest ones
	maxSlowest         = 5
	minSlowStep        = time.Second
	minReportedWait    = time.Second
	minSlowPercent     = 150 // of the median duration of all steps
)

// timingLines returns sentences about the slowest steps and requests of a run.
func timingLines(r *apply.Report) []string {
	var list []string
	if slow := slowestSteps(r); len(slow) > 0 {
		list = append(list, "Slowest: "+strings.Join(slow, ", ")+".")
	}
	if text := requestSummary(r.RequestLog, "the run"); text != "" {
		list = append(list, text)
	}
	return list
}

// slowestSteps returns the slowest steps of a large run, if they took longer than the others.
func slowestSteps(r *apply.Report) []string {
	if len(r.Results) <= minStepsForSlowest {
		return nil
	}
	list := slices.DeleteFunc(slices.Clone(r.Results), func(x apply.Result) bool { return x.Duration <= 0 }) // never started
	slices.SortStableFunc(list, func(a, b apply.Result) int { return cmp.Compare(b.Duration, a.Duration) })
	if len(list) == 0 {
		return nil
	}
	usual := list[len(list)/2].Duration
	list = slices.DeleteFunc(list, func(x apply.Result) bool {
		return x.Duration <= minSlowStep || x.Duration < usual*minSlowPercent/100
	})
	var texts []string
	for _, x := range list[:min(len(list), maxSlowest)] {
		did := x.Step.Action.PastTense() + " in"
		if x.Outcome != apply.Done {
			did = string(x.Outcome) + " after"
		}
		texts = append(texts, fmt.Sprintf("%s %s %s", x.Step.Address, did, FormatDuration(x.Duration)))
	}
	return texts
}

// requestSummary returns a sentence about requests that were retried or rate limited,
// or "" if none were. delayed is what waited for them.
func requestSummary(t client.RequestLog, delayed string) string {
	if t.Retries == 0 && t.RateLimitWait <= minReportedWait {
		return ""
	}
	var of []string
	if t.Retries > 0 {
		of = append(of, plan.FormatInt(t.Retries)+" retried")
	}
	if t.RateLimited > 0 {
		of = append(of, plan.FormatInt(t.RateLimited)+" rate limited")
	}
	text := strings.Join(append([]string{plan.FormatInt(t.Requests) + " " + plan.PluralWord(t.Requests, "request", "requests")}, of...), ", ")
	if t.RateLimitWait > minReportedWait {
		text += fmt.Sprintf("; rate limits delayed %s by %s", delayed, plan.FormatDuration(t.RateLimitWait))
	}
	return text + "."
}

// FormatDuration returns a duration for a user.
func FormatDuration(d time.Duration) string {
	switch {
	case d < 10*time.Second:
		return fmt.Sprintf("%.1fs", d.Seconds())
	default:
		return d.Round(time.Second).String()
	}
}
