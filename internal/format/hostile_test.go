package format

import (
	"fmt"
	"strings"
	"testing"
)

// TestHostile: texts made to blow up are formatted or refused; neither takes
// more than a few times their size.
func TestHostile(t *testing.T) {
	bomb := "a: &a [x, x, x, x, x, x, x, x, x]\n"
	for c := 'b'; c <= 'z'; c++ {
		bomb += fmt.Sprintf("%c: &%c [%s]\n", c, c, strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*%c, ", c-1), 9), ", "))
	}
	var stairs strings.Builder
	for i := range 900 {
		stairs.WriteString(strings.Repeat(" ", i) + "a:\n")
	}
	const n, deep = 50_000, 9_990
	for name, c := range map[string]struct{ text, want string }{
		"alias bomb":        {text: bomb},
		"stairs":            {text: stairs.String()},
		"comments below":    {text: stairs.String() + strings.Repeat(" #\n", n)},
		"lists in lists":    {text: strings.Repeat("- ", deep) + "a\n"},
		"brackets":          {text: strings.Repeat("[", deep) + strings.Repeat("]", deep), want: "nested too deep"},
		"brackets on lines": {text: strings.Repeat("[\n", deep) + strings.Repeat("]\n", deep), want: "nested too deep"},
		"open brackets":     {text: strings.Repeat("[", n), want: "exceeded max depth"},
		"long line":         {text: "[" + strings.Repeat("a,", n) + "]"},
		"empty brackets":    {text: "[" + strings.Repeat("[],", n) + "]"},
		"comments":          {text: strings.Repeat("#\n", n)},
		"comments beside":   {text: "a: #\n" + strings.Repeat("   #\n", n)},
		"blank lines":       {text: strings.Repeat("\n", n)},
		"documents":         {text: strings.Repeat("---\n", n/5)},
		"long text":         {text: "a: \"" + strings.Repeat("x\n", n) + "\""},
		"long block":        {text: "a: |\n" + strings.Repeat(" x\n", n)},
		"long word":         {text: strings.Repeat("[", 200) + strings.Repeat("x", MaxSource/2) + strings.Repeat("]", 200)},
	} {
		t.Run(name, func(t *testing.T) {
			out, err := Source([]byte(c.text))
			if (err != nil) != (c.want != "") || err != nil && !strings.Contains(err.Error(), c.want) {
				t.Fatalf("the error is %.200v, want %q", err, c.want)
			}
			if len(out) > 1<<20+4*len(c.text) {
				t.Errorf("%d bytes became %d", len(c.text), len(out))
			}
		})
	}
}
