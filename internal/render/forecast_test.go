package render

import (
	"strings"
	"testing"

	"fleet/plan"
)

// TestCosts: a cost that is not known before or after a plan is named as such.
func TestCosts(t *testing.T) {
	cost := func(c float64) *float64 { return &c }
	for _, test := range []struct {
		now, after *float64
		want       string
	}{
		{nil, nil, ""},
		{cost(1), cost(2.5), "Cost: about 1.00 -> 2.50 EUR a day.\n"},
		{nil, cost(2.5), "Cost: unknown before, with GPUs; then about 2.50 EUR a day.\n"},
		{cost(1), nil, "Cost: about 1.00 EUR a day before; then unknown, with GPUs.\n"},
	} {
		var b strings.Builder
		f := &plan.Forecast{Now: plan.Usage{CostPerDay: test.now}, After: plan.Usage{CostPerDay: test.after}, Currency: "EUR", ChangingSandboxes: 1}
		Forecast(&b, f, Style{})
		if b.String() != test.want {
			t.Errorf("got %q, want %q", b.String(), test.want)
		}
	}
}
