package render

import (
	"fmt"
	"io"
	"strconv"
	"strings"

	"fleet/internal/render/term"
	"fleet/plan"
	"fleet/spec"
)

// writeRollouts writes a line for each rollout of a plan: its waves and limits, and
// what happens on failure.
func writeRollouts(w io.Writer, p *plan.Plan, s Style) {
	for _, r := range p.Rollouts {
		term.WriteSentence(w, []term.Span{{Text: "Rollout:"}, {Text: fmt.Sprintf("%s in %s.", r.Group, rolloutText(r))}}, s)
	}
}

// onFailureText describes what a rollout does after too many failures.
var onFailureText = map[string]string{
	spec.HaltRollout: "stops on failure", spec.ContinueRollout: "continues on failure", spec.RollBack: "rolls back on failure",
}

func rolloutText(r *plan.Rollout) string {
	parts := []string{waveText(r.Waves)}
	if r.MaxUnavailable > 0 {
		parts = append(parts, fmt.Sprintf("at most %d of %d unavailable", r.MaxUnavailable, r.Members))
	}
	if r.Unavailable > 0 {
		parts = append(parts, fmt.Sprintf("%d already unavailable", r.Unavailable))
	}
	if r.Surge > 0 {
		parts = append(parts, fmt.Sprintf("%d created before the old ones are deleted, under alternate names", r.Surge))
	}
	if r.NoSurgeReason != "" {
		parts = append(parts, fmt.Sprintf("new ones cannot be created first: %s", r.NoSurgeReason))
	}
	if r.PauseSeconds > 0 && len(r.Waves) > 1 {
		parts = append(parts, plan.FormatInterval(r.Pause())+" pause")
	}
	maxFailures := 0
	for _, w := range r.Waves {
		maxFailures = max(maxFailures, w.MaxFailures)
	}
	if maxFailures > 0 {
		parts = append(parts, fmt.Sprintf("up to %d of a wave may fail", maxFailures))
	}
	last := onFailureText[r.OnFailure]
	if r.OnFailure == spec.ContinueRollout && r.Waves[0].Canary {
		last += ", except of the canary"
	}
	return strings.Join(append(parts, last), "; ")
}

// waveText returns the sizes of waves, such as a canary of 1 and waves of 4 and 5.
func waveText(waves []plan.Wave) string {
	var sizes []string
	first := ""
	for _, w := range waves {
		if w.Canary {
			first = fmt.Sprintf("a canary of %d", w.Steps)
		} else {
			sizes = append(sizes, strconv.Itoa(w.Steps))
		}
	}
	rest := "waves of " + plan.JoinAnd(sizes)
	if len(sizes) == 1 {
		rest = "one wave of " + sizes[0]
	}
	switch {
	case first == "":
		return rest
	case len(sizes) == 0:
		return first
	}
	return first + " and " + rest
}
