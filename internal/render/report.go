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
	news := slices.DeleteFunc(undone(r.Results), func(x apply.Result) bool { return x.Step.Blocked != nil }) // the plan told of those
	for _, e := range endings(news, false, s.Full) {
		title, members := e.title()
		title = s.bold(title)
		if left := e.left(); left != "" {
			title += " (" + left + ")"
		}
		fmt.Fprintf(w, "  %s %s: %s\n", s.bad(string(e.Outcome)), title, indent(e.reason))
		if members != "" {
			fmt.Fprintf(w, "      %s\n", s.faint("at "+members))
		}
	}
	conclusion(w, r, len(news) == 0, s)
}

// conclusion is how all of a run went.
func conclusion(w io.Writer, r *apply.Report, well bool, s Style) {
	for _, text := range timing(r) {
		fmt.Fprintln(w, s.faint(text))
	}
	title := s.bad("Not all was done:")
	if well {
		title = s.good("Done:")
	}
	fmt.Fprintf(w, "%s %s in %s.\n", title, countOutcomes(r), short(r.Took))
}

// countOutcomes is how many steps ended how.
func countOutcomes(r *apply.Report) string {
	parts := []string{fmt.Sprintf("%d %s", r.Count(apply.Done), apply.Done)}
	for _, o := range badOutcomes {
		if n := r.Count(o); n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, o))
		}
	}
	return strings.Join(parts, ", ")
}

// What of a run is worth a remark.
const (
	fewSteps    = 20 // a run of more has its slowest steps told
	fewSlowest  = 5
	slowStep    = time.Second
	longWaiting = time.Second
)

// timing is sentences about where the time of a run went.
func timing(r *apply.Report) []string {
	var list []string
	if slow := slowest(r); len(slow) > 0 {
		list = append(list, "Slowest: "+strings.Join(slow, ", ")+".")
	}
	if text := sent(r.Trail); text != "" {
		list = append(list, text)
	}
	return list
}

// slowest are the steps of a large run that took longest.
func slowest(r *apply.Report) []string {
	if len(r.Results) <= fewSteps {
		return nil
	}
	list := slices.DeleteFunc(slices.Clone(r.Results), func(x apply.Result) bool { return x.Took <= slowStep })
	slices.SortStableFunc(list, func(a, b apply.Result) int { return cmp.Compare(b.Took, a.Took) })
	var texts []string
	for _, x := range list[:min(len(list), fewSlowest)] {
		did := pastTense[x.Step.Action] + " in"
		if x.Outcome != apply.Done {
			did = string(x.Outcome) + " after"
		}
		texts = append(texts, fmt.Sprintf("%s %s %s", x.Step.Address, did, short(x.Took)))
	}
	return texts
}

// sent tells of requests that did not go through at once; of others there is
// nothing to tell.
func sent(t client.Trail) string {
	if t.Retries == 0 && t.Waited <= longWaiting {
		return ""
	}
	var of []string
	if t.Retries > 0 {
		of = append(of, plan.Grouped(t.Retries)+" of them repeated")
	}
	if t.Limited > 0 {
		of = append(of, plan.Grouped(t.Limited)+" turned away by a rate limit")
	}
	text := strings.Join(append([]string{plan.Grouped(t.Requests) + " " + plan.Agree(t.Requests, "request", "requests")}, of...), ", ")
	if t.Waited > longWaiting {
		text += fmt.Sprintf("; together they waited %s for rate limits and to be repeated", plan.Span(t.Waited))
	}
	return text + "."
}

// indent keeps the lines of a long text together.
func indent(text string) string { return strings.ReplaceAll(text, "\n", "\n      ") }

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
	plan.Release: "released", plan.Clear: "cleared", plan.Wait: "waited for", plan.NoOp: "ready",
}
