package term

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"fleet/internal/render/rendertest"
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
		rendertest.Same(t, fmt.Sprintf("%q in %d", c.text, c.n), TruncateMiddle(c.text, c.n), c.want)
	}
	rapid.Check(t, func(t *rapid.T) {
		text, n := rapid.String().Draw(t, "text"), rapid.IntRange(0, 30).Draw(t, "columns")
		if got := TruncateMiddle(text, n); StringWidth(got) > n {
			t.Fatalf("%q has %d columns", got, StringWidth(got))
		}
		if got := Truncate(text, max(n, 1)); StringWidth(got) > max(n, 1) {
			t.Fatalf("%q has %d columns", got, StringWidth(got))
		}
	})
}

func TestPrintable(t *testing.T) {
	rendertest.Same(t, "plain", Printable("a é 漢"), "a é 漢")
	rendertest.Same(t, "what acts", Printable("a\x1b[31m\n\t\r\x00\u202e\u2028\x9b"), `a\x1b[31m\n\t\r\x00\u202e\u2028`+"\ufffd")
	rendertest.Same(t, "C1", Printable("\u009b"), `\u009b`)
}

func TestLogLines(t *testing.T) {
	for text, want := range map[string]string{
		"plain": "plain", "\x1b[32mgreen\x1b[0m": "green", " 10%\r 90%\r": " 90%", "a\tb": "a  b",
		"\x1b]0;title\x07text": "text", "bell\x07": `bell\x07`, "half\x1b[": `half\x1b[`, "\x1b[2J\x1b[1;1Htop": "top",
	} {
		rendertest.Same(t, fmt.Sprintf("%q", text), LogLine(text), want)
	}
}
