package render

import (
	"strings"
	"testing"

	"fleet/internal/status"
	"fleet/spec"
)

// TestStatusCosts checks that the wide format shows costs if the spec has prices, also
// those that are not known, and that the text format never does.
func TestStatusCosts(t *testing.T) {
	cost := 0.1648
	rows := []status.Row{
		{Address: "sandbox.w[0]", Kind: "sandbox", Name: "w-0", State: "started", ID: "1", CostPerHour: &cost},
		{Address: "sandbox.w[1]", Kind: "sandbox", Name: "w-1", State: "started", ID: "2"},
		{Address: "volume.v", Kind: "volume", Name: "v", State: "ready", ID: "3"},
	}
	unpriced := []status.Row{rows[1], rows[2]}
	for name, c := range map[string]struct {
		s    Status
		wide bool
		want []string // in the output
		not  string   // not in the output
	}{
		"wide": {
			Status{Rows: rows, Prices: &spec.Prices{Currency: "EUR", VCPUHour: 1}},
			true,
			[]string{"COST/HOUR", " 0.16 ", " unknown ", " -          3\n", "2 sandboxes (2 started), 0.16 EUR an hour without 1 of unknown cost\n", "\n  sandbox.w: 2 (2 started), 0.16 EUR", "1 volume (1 ready)\n"},
			"",
		},
		"without a currency": {Status{Rows: rows, Prices: &spec.Prices{VCPUHour: 1}}, true, []string{", 0.16 an hour without 1"}, "EUR"},
		"nothing is known":   {Status{Rows: unpriced, Prices: &spec.Prices{VCPUHour: 1}}, true, []string{"COST/HOUR", "unknown", "1 sandbox (1 started)\n"}, "hour"},
		"without prices":     {Status{Rows: unpriced}, true, []string{"1 sandbox (1 started)\n"}, "unknown"},
		"text":               {Status{Rows: rows, Prices: &spec.Prices{Currency: "EUR", VCPUHour: 1}}, false, []string{"2 sandboxes (2 started)\n"}, "EUR"},
	} {
		var b strings.Builder
		if err := writeStatus(&b, c.s, c.wide); err != nil {
			t.Fatal(err)
		}
		for _, want := range c.want {
			if !strings.Contains(b.String(), want) {
				t.Errorf("%s: %q is missing in\n%s", name, want, b.String())
			}
		}
		if c.not != "" && strings.Contains(b.String(), c.not) {
			t.Errorf("%s: %q is in\n%s", name, c.not, b.String())
		}
	}
}
