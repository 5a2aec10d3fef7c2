package render

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"fleet/plan"
)

func TestCut(t *testing.T) {
	for _, c := range []struct {
		text string
		n    int
		want string
	}{
		{"short", 5, "short"},
		{"sandbox.worker[12]", 12, "sandbo…r[12]"},
		{"abcdef", 3, "a…f"},
		{"abcdef", 1, "…"},
		{"abcdef", 0, ""},
		{"漢字漢字漢字", 7, "漢字…字"},
		{"e\u0301e\u0301", 2, "e\u0301e\u0301"},
	} {
		same(t, fmt.Sprintf("%q in %d", c.text, c.n), truncateMiddle(c.text, c.n), c.want)
	}
	rapid.Check(t, func(t *rapid.T) {
		text, n := rapid.String().Draw(t, "text"), rapid.IntRange(0, 30).Draw(t, "columns")
		if got := truncateMiddle(text, n); stringWidth(got) > n {
			t.Fatalf("%q has %d columns", got, stringWidth(got))
		}
		if got := truncate(text, max(n, 1)); stringWidth(got) > max(n, 1) {
			t.Fatalf("%q has %d columns", got, stringWidth(got))
		}
	})
}

func TestPrintable(t *testing.T) {
	same(t, "plain", printable("a é 漢"), "a é 漢")
	same(t, "what acts", printable("a\x1b[31m\n\t\r\x00\u202e\u2028\x9b"), `a\x1b[31m\n\t\r\x00\u202e\u2028`+"\ufffd")
	same(t, "C1", printable("\u009b"), `\u009b`)
}

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
			if stringWidth(line) > width && !notWrapped {
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
		writeChangeRows(&b, changeRows([]plan.Change{{Attribute: "x", Have: have, Want: want, Rule: "why"}}), Style{})
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

// The words that differ stand out in lines that have others in common.
func TestWords(t *testing.T) {
	marked := func(have, want string) string {
		list := diffLines(have, want)
		markWords(list)
		var b strings.Builder
		for _, l := range list {
			text := l.text
			for i := len(l.marks) - 1; i >= 0; i-- {
				m := l.marks[i]
				text = text[:m[0]] + "[" + text[m[0]:m[1]] + "]" + text[m[1]:]
			}
			fmt.Fprintf(&b, "%c%s\n", l.sign, text)
		}
		return b.String()
	}
	same(t, "a word", marked("RUN pip install numpy==1.2\n", "RUN pip install numpy==1.3 pandas\n"), "-RUN pip install numpy==1.[2]\n+RUN pip install numpy==1.[3 pandas]\n")
	same(t, "nothing in common", marked("abc\n", "xyz\n"), "-abc\n+xyz\n")
	same(t, "pairs", marked("a one é\nb two\n", "a 1 é\nb 2\nc\n"), "-a [one] é\n-b [two]\n+a [1] é\n+b [2]\n+c\n")
	rapid.Check(t, func(t *rapid.T) {
		line := rapid.StringMatching(`[a-zé漢 .=-]{0,30}`)
		list := []diffLine{{sign: '-', text: line.Draw(t, "have")}, {sign: '+', text: line.Draw(t, "want")}}
		markWords(list)
		bare := func(l diffLine) string {
			text := l.text
			for i := len(l.marks) - 1; i >= 0; i-- {
				text = text[:l.marks[i][0]] + text[l.marks[i][1]:]
			}
			return text
		}
		if len(list[0].marks)+len(list[1].marks) > 0 && bare(list[0]) != bare(list[1]) {
			t.Fatalf("%+v", list)
		}
	})
}
