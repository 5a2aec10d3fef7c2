package render

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func diff(have, want string) string {
	var b strings.Builder
	writeDiff(&b, have, want, "", Style{Full: true})
	return b.String()
}

func TestDiff(t *testing.T) {
	tests := []struct{ name, have, want, diff string }{
		{"a line in the middle", "a\nb\nc\n", "a\nB\nc\n", "  a\n- b\n+ B\n  c\n"},
		{"what is far from changes is left out", "1\n2\n3\n4\n5\n6\n7\n", "1\n2\n3\nX\n5\n6\n7\n", "  ...\n  2\n  3\n- 4\n+ X\n  5\n  6\n  ...\n"},
		{"between two changes, too", "a\n1\n2\n3\n4\n5\nb\n", "A\n1\n2\n3\n4\n5\nB\n", "- a\n+ A\n  1\n  2\n  ...\n  4\n  5\n- b\n+ B\n"},
		{"but not little", "a\n1\n2\n3\n4\nb\n", "A\n1\n2\n3\n4\nB\n", "- a\n+ A\n  1\n  2\n  3\n  4\n- b\n+ B\n"},
		{"all is new", "", "a\nb\n", "+ a\n+ b\n"},
		{"all goes", "a\nb\n", "", "- a\n- b\n"},
		{"an unknown text", "(another value)", "a\nb\n", "- (another value)\n+ a\n+ b\n"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) { same(t, "diff", diff(test.have, test.want), test.diff) })
	}
}

func TestDiffOfTheLastLine(t *testing.T) {
	same(t, "diff", diff("a\nb", "a\nb\nc\n"), "  a\n  b\n+ c\n")
}

// A diff tells each line that goes and each that comes, in their order,
// however many lines there are.
func TestDiffIsTrue(t *testing.T) {
	text := func(lines []string) string { return strings.Join(append(lines, ""), "\n") }
	side := func(d, sign string) (lines []string) {
		for _, l := range strings.Split(strings.TrimSuffix(d, "\n"), "\n") {
			if text, ok := strings.CutPrefix(l, sign+" "); ok {
				lines = append(lines, text)
			}
		}
		return lines
	}
	rapid.Check(t, func(rt *rapid.T) {
		n := rapid.IntRange(1, 300).Draw(rt, "lines")
		var have, want, gone, come []string
		for i := range n {
			l := fmt.Sprintf("RUN echo %d", i)
			switch rapid.IntRange(0, 9).Draw(rt, "fate") {
			case 0:
				have, gone = append(have, l), append(gone, l)
			case 1:
				want, come = append(want, l), append(come, l)
			default:
				have, want = append(have, l), append(want, l)
			}
		}
		d := diff(text(have), text(want))
		same(t, "gone", side(d, "-"), gone)
		same(t, "come", side(d, "+"), come)
		if t.Failed() {
			rt.Fatal(d)
		}
	})
}
