package diff

import (
	"fmt"
	"strings"
	"testing"

	"fleet/internal/render/term"
	"pgregory.net/rapid"
)

func diff(have, want string) string {
	var b strings.Builder
	Write(&b, have, want, "", term.Style{Full: true})
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

// A difference has every removed and every added line, in order, for any number
// of lines.
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

// The words that differ stand out in lines that have others in common.
func TestWords(t *testing.T) {
	marked := func(have, want string) string {
		list := Lines(have, want)
		markWords(list)
		var b strings.Builder
		for _, l := range list {
			text := l.Text
			for i := len(l.marks) - 1; i >= 0; i-- {
				m := l.marks[i]
				text = text[:m[0]] + "[" + text[m[0]:m[1]] + "]" + text[m[1]:]
			}
			fmt.Fprintf(&b, "%c%s\n", l.Sign, text)
		}
		return b.String()
	}
	same(t, "a word", marked("RUN pip install numpy==1.2\n", "RUN pip install numpy==1.3 pandas\n"), "-RUN pip install numpy==1.[2]\n+RUN pip install numpy==1.[3 pandas]\n")
	same(t, "nothing in common", marked("abc\n", "xyz\n"), "-abc\n+xyz\n")
	same(t, "pairs", marked("a one é\nb two\n", "a 1 é\nb 2\nc\n"), "-a [one] é\n-b [two]\n+a [1] é\n+b [2]\n+c\n")
	rapid.Check(t, func(t *rapid.T) {
		line := rapid.StringMatching(`[a-zé漢 .=-]{0,30}`)
		list := []Line{{Sign: '-', Text: line.Draw(t, "have")}, {Sign: '+', Text: line.Draw(t, "want")}}
		markWords(list)
		bare := func(l Line) string {
			text := l.Text
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
