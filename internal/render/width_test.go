package render

import (
	"strings"
	"testing"

	"fleet/internal/render/steps"
	"fleet/internal/render/term"
	"fleet/plan"
)

// On a terminal no title and no note is wider than it, and columns stand.
func TestPlanFitsTheTerminal(t *testing.T) {
	long := strings.Repeat("very-long-", 8)
	p := everything()
	p.Steps = append(p.Steps,
		step(long+"a", plan.Create), with(step(long+"b", plan.Delete), all(because(strings.Repeat("a reason ", 30)), loses(disk))),
		with(step("v", plan.Update), changes(plan.Change{Attribute: "labels." + long, Have: "a", Want: "b"}, plan.Change{Attribute: "name", Have: long, Want: long + "x"})))
	for _, width := range []int{40, 80, 100, 120} {
		text := planText(p, Style{Width: width})
		for _, line := range strings.Split(text, "\n") {
			notWrapped := strings.HasPrefix(line, "Plan:") || strings.Contains(line, "- very-long") || strings.Contains(line, "+ very-long") || strings.HasPrefix(line, "        (")
			if term.StringWidth(line) > width && !notWrapped {
				t.Errorf("in %d columns: %q", width, line)
			}
		}
		if strings.Contains(planText(p, Style{Width: width}), "sandbox."+long+"a") {
			t.Errorf("in %d columns the title is whole:\n%s", width, text)
		}
	}
	golden(t, "plan.80.txt", planText(p, Style{Width: 80}))
}

func TestRows(t *testing.T) {
	show := func(have, want string) string {
		var b strings.Builder
		writeChangeRows(&b, steps.ChangeRows([]plan.Change{{Attribute: "x", Have: have, Want: want, Rule: "why"}}), Style{})
		return b.String()
	}
	for name, c := range map[string][3]string{
		"one value":            {"1", "2", "      x  1 -> 2  (why)\n"},
		"entries":              {`{A=1 B="a b" D=4}`, `{A=2 C=3 D=4}`, "      x.A  1 -> 2  (why)\n      x.B  \"a b\" -> (none)\n      x.C  (none) -> 3\n      x.D  4 -> 4\n"},
		"all entries are new":  {"{}", "{A=}", "      x.A  (none) ->   (why)\n"},
		"no entries":           {"{}", "{}", "      x  {} -> {}  (why)\n"},
		"lines in an entry":    {`{A="a\nb\n" B=1}`, `{A="a\nc\n" B=2}`, "      x.A  (why)\n          a\n        - b\n        + c\n      x.B  1 -> 2\n"},
		"a new text of lines":  {"{}", `{A="a\nb"}`, "      x.A  (why)\n        + a\n        + b\n"},
		"a short list":         {"[a, b]", "[a, c]", "      x  [a, b] -> [a, c]  (why)\n"},
		"a long list":          {"[" + strings.Repeat("abcdefg, ", 5) + `"z z"]`, "[" + strings.Repeat("abcdefg, ", 5) + "y]", "      x  (why)\n          ...\n          abcdefg\n          abcdefg\n        - \"z z\"\n        + y\n"},
		"what is no mapping":   {"{odd}", "{A=1}", "      x  {odd} -> {A=1}  (why)\n"},
		"a value with escapes": {"a\x1b[1m", "b", "      x  a\\x1b[1m -> b  (why)\n"},
	} {
		t.Run(name, func(t *testing.T) { same(t, "rows", show(c[0], c[1]), c[2]) })
	}
}
