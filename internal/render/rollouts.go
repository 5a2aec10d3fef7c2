package render

import (
	"fmt"
	"io"
	"strconv"
	"strings"

	"fleet/plan"
	"fleet/spec"
)

// rollouts writes a line for each rollout of a plan: in which steps it goes, and
// what becomes of it when something fails.
func rollouts(w io.Writer, p *plan.Plan, s Style) {
	for _, r := range p.Rollouts {
		sentence(w, []span{{text: "Rollout:"}, {text: fmt.Sprintf("%s in %s.", r.Group, rolloutWords(r))}}, s)
	}
}

// onFailure is what a rollout does when more fails than may.
var onFailure = map[string]string{
	spec.HaltRollout: "stops on failure", spec.ContinueRollout: "goes on over failures", spec.RollBack: "rolls back on failure",
}

func rolloutWords(r *plan.Rollout) string {
	parts := []string{waveWords(r.Waves)}
	if r.MaxUnavailable > 0 {
		parts = append(parts, fmt.Sprintf("at most %d of %d unavailable", r.MaxUnavailable, r.Members))
	}
	if r.Unavailable > 0 {
		parts = append(parts, fmt.Sprintf("%d cannot be used already", r.Unavailable))
	}
	if r.Surge > 0 {
		parts = append(parts, fmt.Sprintf("%d are created before the old ones go, under their other names", r.Surge))
	}
	if r.NoSurge != "" {
		parts = append(parts, fmt.Sprintf("the new ones cannot come first: %s", r.NoSurge))
	}
	if r.PauseSeconds > 0 && len(r.Waves) > 1 {
		parts = append(parts, plan.Rest(r.Pause())+" pause")
	}
	may := 0
	for _, w := range r.Waves {
		may = max(may, w.MaxFailures)
	}
	if may > 0 {
		parts = append(parts, fmt.Sprintf("up to %d of a wave may fail", may))
	}
	last := onFailure[r.OnFailure]
	if r.OnFailure == spec.ContinueRollout && r.Waves[0].Canary {
		last += ", but not of the canary"
	}
	return strings.Join(append(parts, last), "; ")
}

// waveWords are the sizes of waves, as in a canary of 1 and waves of 4 and 5.
func waveWords(waves []plan.Wave) string {
	var sizes []string
	first := ""
	for _, w := range waves {
		if w.Canary {
			first = fmt.Sprintf("a canary of %d", w.Steps)
		} else {
			sizes = append(sizes, strconv.Itoa(w.Steps))
		}
	}
	rest := "waves of " + plan.Listing(sizes)
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
