package render

import (
	"fmt"
	"io"
	"testing"

	"fleet/plan"
)

// distinct returns a plan of n steps that all read differently.
func distinct(n int) *plan.Plan {
	p := big(n)
	for i, s := range p.Steps {
		s.Address.Key = fmt.Sprintf("box-%d", i)
		s.Name = s.Address.Key
		if s.Action == plan.Update {
			s.Changes[0].Want = fmt.Sprintf("{A=%d}", i)
			s.Changes[0] = valued(s.Changes[0], `{"A": "x"}`, fmt.Sprintf(`{"A": "%d"}`, i))
		}
	}
	return p
}

// A planWriter writes a plan in one format.
type planWriter struct {
	name    string
	bounded bool // the size of its output has a limit
	write   func(io.Writer, *plan.Plan) error
}

var planWriters = []planWriter{
	{"text", false, func(w io.Writer, p *plan.Plan) error { Plan(w, p, Style{Width: 120}); return nil }},
	{"markdown", true, func(w io.Writer, p *plan.Plan) error { return PlanMarkdown(w, p, Style{}) }},
	{"json", false, PlanJSON},
	{"json@1", false, planJSON1},
}

// A byteCounter counts what is written, and remembers the largest write.
type byteCounter struct{ total, largest int }

func (c *byteCounter) Write(p []byte) (int, error) {
	c.total += len(p)
	c.largest = max(c.largest, len(p))
	return len(p), nil
}

// TestPlanCostIsLinear requires that ten times as many steps take little more than ten
// times as many allocations and bytes, and that no format writes the whole at once.
func TestPlanCostIsLinear(t *testing.T) {
	const few, factor, slack = 1000, 10, 1.5
	for kind, steps := range map[string]func(int) *plan.Plan{"equal": big, "distinct": distinct} {
		small, large := steps(few), steps(few*factor)
		for _, f := range planWriters {
			t.Run(kind+"/"+f.name, func(t *testing.T) {
				a, b := planCost(f, small), planCost(f, large)
				t.Logf("%+v, then %+v", a, b)
				if b.allocations > slack*factor*a.allocations || float64(b.total) > slack*factor*float64(a.total) {
					t.Errorf("%d steps cost %+v, and %d times as many %+v", few, a, factor, b)
				}
				const most = 100 << 10
				if b.largest > most {
					t.Errorf("%d bytes are written at once", b.largest)
				}
				if f.bounded && b.total > markdownLimit {
					t.Errorf("%d bytes are written", b.total)
				}
			})
		}
	}
}

// planCosts is what writing a plan costs.
type planCosts struct {
	byteCounter
	allocations float64
}

func planCost(f planWriter, p *plan.Plan) planCosts {
	var c planCosts
	c.allocations = testing.AllocsPerRun(1, func() {
		c.byteCounter = byteCounter{}
		_ = f.write(&c.byteCounter, p)
	})
	return c
}

// BenchmarkPlanFormats writes plans whose steps read the same, and plans whose steps all
// differ.
func BenchmarkPlanFormats(b *testing.B) {
	for _, n := range []int{1_000, 10_000, 100_000} {
		for kind, steps := range map[string]func(int) *plan.Plan{"equal": big, "distinct": distinct} {
			p := steps(n)
			for _, f := range planWriters {
				b.Run(fmt.Sprintf("%s/%s/%d", f.name, kind, n), func(b *testing.B) {
					b.ReportAllocs()
					for b.Loop() {
						if err := f.write(io.Discard, p); err != nil {
							b.Fatal(err)
						}
					}
				})
			}
		}
	}
}
