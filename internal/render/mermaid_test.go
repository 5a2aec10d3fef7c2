package render

import (
	"fmt"
	"io"
	"strings"
	"testing"
	"unicode/utf8"

	"fleet/plan"
	"fleet/spec"
)

// chained returns a plan of n sandboxes, each after the one before. The first ones are
// unchanged.
func chained(n, unchanged int, key string) *plan.Plan {
	p := plural()
	for i := range n {
		action := plan.Create
		if i < unchanged {
			action = plan.NoOp
		}
		s := step(fmt.Sprintf("%s%d", key, i), action)
		if i > 0 {
			s.After = []spec.Address{p.Steps[i-1].Address}
		}
		p.Steps = append(p.Steps, s)
	}
	return p
}

// TestMermaidIsDrawn checks that each graph is within the limits of Mermaid, and folded
// no further than these require.
func TestMermaidIsDrawn(t *testing.T) {
	everyVerb := chained(2000, 0, "x")
	for i, s := range everyVerb.Steps {
		s.Action = plan.Actions()[i%len(plan.Actions())]
		s.Address.Kind = spec.ObjectKinds[i/7%len(spec.ObjectKinds)]
		for j := range min(i, 5) {
			s.After = append(s.After, everyVerb.Steps[i*j/5].Address)
		}
	}
	members := plural()
	for i := range 2000 {
		members.Steps = append(members.Steps, step(fmt.Sprintf("web[%d]", i), plan.Create))
	}
	for name, test := range map[string]struct {
		plan  *plan.Plan
		style Style
		want  []string
		nodes int // 0 for any number
	}{
		"499 edges":            {chained(500, 0, "x"), Style{}, []string{"sandbox.x499"}, 500},
		"500 edges":            {chained(501, 0, "x"), Style{}, []string{"501 sandboxes<br/>create", "folded"}, 1},
		"long names":           {chained(200, 0, strings.Repeat("é", 300)), Style{}, []string{"200 sandboxes<br/>create", "folded"}, 1},
		"one long name":        {chained(1, 0, strings.Repeat("é", 60_000)), Style{}, []string{"1 sandbox<br/>create", "folded"}, 1},
		"most are unchanged":   {chained(600, 550, "x"), Style{}, []string{"550 sandboxes<br/>unchanged", "sandbox.x599", "folded"}, 51},
		"members one by one":   {members, Style{Full: true}, []string{"sandbox.web[0..1999]<br/>create 2000", "folded"}, 0},
		"every verb and kind":  {everyVerb, Style{}, []string{"folded", "arrows are left out"}, 0},
		"nothing":              {plural(), Style{}, []string{"flowchart LR"}, 0},
		"nothing is too large": {placed(), Style{Full: true}, []string{"sandbox.web"}, 21},
	} {
		text := written(t, func(w io.Writer) error { return PlanMermaid(w, test.plan, test.style) })
		if edges, size := strings.Count(text, " --> "), utf8.RuneCountInString(text); edges >= 500 || size >= 50_000 {
			t.Errorf("%s: Mermaid refuses %d edges and %d characters", name, edges, size)
		}
		for _, want := range test.want {
			if !strings.Contains(text, want) {
				t.Errorf("%s: no %q in\n%.300s", name, want, text)
			}
		}
		if n := strings.Count(text, ":::"); test.nodes > 0 && n != test.nodes {
			t.Errorf("%s: got %d nodes, want %d", name, n, test.nodes)
		}
		if strings.Contains(text, "folded") != strings.Contains(strings.Join(test.want, " "), "folded") {
			t.Errorf("%s: the note about folding is wrong", name)
		}
	}
}
