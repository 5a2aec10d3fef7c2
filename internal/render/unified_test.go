package render

import (
	"strings"
	"testing"
)

func TestUnified(t *testing.T) {
	const have = "1\n2\n3\n4\n5\n6\n7\n8\n9\n"
	for name, c := range map[string]struct {
		have, want, diff string
		style            Style
	}{
		"equal": {have: have, want: have},
		"a line": {have: have, want: strings.Replace(have, "5", "five", 1), diff: `--- f.yaml
+++ f.yaml
@@ -2,7 +2,7 @@
 2
 3
 4
-5
+five
 6
 7
 8
`},
		"the end": {have: "a\nb", want: "a\nb\n", diff: `--- f.yaml
+++ f.yaml
@@ -1,2 +1,2 @@
 a
-b
\ No newline at end of file
+b
`},
		"two places": {have: "a\n" + have, want: have + "b\n", diff: `--- f.yaml
+++ f.yaml
@@ -1,4 +1,3 @@
-a
 1
 2
 3
@@ -8,3 +7,4 @@
 7
 8
 9
+b
`},
		"in colour": {have: "a\n", want: "b\n", style: Style{Color: true}, diff: "\x1b[1m--- f.yaml\x1b[22m\n\x1b[1m+++ f.yaml\x1b[22m\n" +
			"\x1b[2m@@ -1 +1 @@\x1b[22m\n\x1b[31m-a\x1b[0m\n\x1b[32m+b\x1b[0m\n"},
	} {
		t.Run(name, func(t *testing.T) {
			var b strings.Builder
			Unified(&b, "f.yaml", c.have, c.want, c.style)
			if got := b.String(); got != c.diff {
				t.Errorf("got\n%q\nwant\n%q", got, c.diff)
			}
		})
	}
}
