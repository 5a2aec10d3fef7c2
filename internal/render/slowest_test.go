package render

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"fleet/apply"
	"fleet/plan"
)

// TestSlowest: the slowest steps are listed only if they took longer than the others.
func TestSlowest(t *testing.T) {
	const s = time.Second
	for _, tt := range []struct {
		name      string
		steps     int
		usual     time.Duration
		exception []time.Duration // durations of the first steps
		want      string
	}{
		{"all alike", 500, 30 * s, nil, ""},
		{"nearly alike", 500, 30 * s, []time.Duration{31 * s, 29 * s, 36 * s}, ""},
		{"one slow", 500, 30 * s, []time.Duration{31 * s, 95 * s}, "sandbox.w[1] created in 1m35s"},
		{"two slow", 21, 2 * s, []time.Duration{3 * s, 9 * s}, "sandbox.w[1] created in 9.0s, sandbox.w[0] created in 3.0s"},
		{"a small run", 20, s, []time.Duration{95 * s}, ""},
		{"all fast", 500, s / 10, []time.Duration{s / 2}, ""},
		{"nothing started", 500, 0, nil, ""},
		{"one started", 500, 0, []time.Duration{95 * s}, ""},
	} {
		r := &apply.Report{}
		for i := range tt.steps {
			x := apply.Result{Step: step(fmt.Sprintf("w[%d]", i), plan.Create), Outcome: apply.Done, Duration: tt.usual}
			if i < len(tt.exception) {
				x.Duration = tt.exception[i]
			}
			r.Results = append(r.Results, x)
		}
		same(t, tt.name, strings.Join(slowestSteps(r), ", "), tt.want)
	}
}
