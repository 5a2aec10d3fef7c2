package diff

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"fleet/internal/render/term"
	"fleet/internal/tooltest"
	"pgregory.net/rapid"
)

func TestUnified(t *testing.T) {
	const have = "1\n2\n3\n4\n5\n6\n7\n8\n9\n"
	for name, c := range map[string]struct {
		have, want, diff string
		style            term.Style
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
		"out of nothing": {want: "a\nb\n", diff: "--- f.yaml\n+++ f.yaml\n@@ -0,0 +1,2 @@\n+a\n+b\n"},
		"to nothing":     {have: "a", diff: "--- f.yaml\n+++ f.yaml\n@@ -1 +0,0 @@\n-a\n\\ No newline at end of file\n"},
		"no newline in both": {have: "a\nb", want: "c\nb", diff: `--- f.yaml
+++ f.yaml
@@ -1,2 +1,2 @@
-a
+c
 b
\ No newline at end of file
`},
		"no newline in either": {have: "a", want: "b", diff: `--- f.yaml
+++ f.yaml
@@ -1 +1 @@
-a
\ No newline at end of file
+b
\ No newline at end of file
`},
		"no newline any more": {have: "a\n", want: "a", diff: `--- f.yaml
+++ f.yaml
@@ -1 +1 @@
-a
+a
\ No newline at end of file
`},
		"contexts that touch": {have: "a\n1\n2\n3\n4\n5\n6\nb\n", want: "A\n1\n2\n3\n4\n5\n6\nB\n", diff: `--- f.yaml
+++ f.yaml
@@ -1,8 +1,8 @@
-a
+A
 1
 2
 3
 4
 5
 6
-b
+B
`},
		"contexts that do not": {have: "a\n" + have[:14] + "b\n", want: "A\n" + have[:14] + "B\n", diff: `--- f.yaml
+++ f.yaml
@@ -1,4 +1,4 @@
-a
+A
 1
 2
 3
@@ -6,4 +6,4 @@
 5
 6
 7
-b
+B
`},
		"lines that look like names": {have: "-- f\n", want: "++ f\n", style: term.Style{Color: true}, diff: "\x1b[1m--- f.yaml\x1b[22m\n\x1b[1m+++ f.yaml\x1b[22m\n" +
			"\x1b[2m@@ -1 +1 @@\x1b[22m\n\x1b[31m--- f\x1b[0m\n\x1b[32m+++ f\x1b[0m\n"},
		"in colour": {have: "a\n", want: "b\n", style: term.Style{Color: true}, diff: "\x1b[1m--- f.yaml\x1b[22m\n\x1b[1m+++ f.yaml\x1b[22m\n" +
			"\x1b[2m@@ -1 +1 @@\x1b[22m\n\x1b[31m-a\x1b[0m\n\x1b[32m+b\x1b[0m\n"},
	} {
		t.Run(name, func(t *testing.T) {
			var b strings.Builder
			WriteUnified(&b, "f.yaml", c.have, c.want, c.style)
			if got := b.String(); got != c.diff {
				t.Errorf("got\n%q\nwant\n%q", got, c.diff)
			}
		})
	}
}

// unifiedText draws a text of few different lines. Some look like lines of a
// difference.
func unifiedText() *rapid.Generator[string] {
	line := rapid.SampledFrom([]string{"", "a", "b", "c", " a", "\r", "- a", "-- f.yaml", "++ f.yaml", "@@ -1 +1 @@", `\ No newline at end of file`, "\xff", "é"})
	return rapid.Custom(func(t *rapid.T) string {
		text := strings.Join(rapid.SliceOfN(line, 0, 40).Draw(t, "lines"), "\n")
		return text + rapid.SampledFrom([]string{"", "\n"}).Draw(t, "end")
	})
}

// unifiedPair draws two texts. The second one is often an edit of the first.
func unifiedPair(t *rapid.T) (have, want string) {
	have = unifiedText().Draw(t, "have")
	if rapid.Bool().Draw(t, "unrelated") {
		return have, unifiedText().Draw(t, "want")
	}
	lines := strings.SplitAfter(have, "\n")
	for range rapid.IntRange(1, 4).Draw(t, "edits") {
		i := rapid.IntRange(0, len(lines)-1).Draw(t, "line")
		lines[i] = rapid.SampledFrom([]string{"", "new\n", lines[i] + "new\n"}).Draw(t, "text")
	}
	return have, strings.Join(lines, "")
}

// A difference turns the old text into the new one, and back.
func TestUnifiedApplies(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		have, want := unifiedPair(t)
		var b strings.Builder
		WriteUnified(&b, "f.yaml", have, want, term.Style{})
		diff := b.String()
		for _, c := range []struct {
			old, want string
			reverse   bool
		}{{have, want, false}, {want, have, true}} {
			got, err := applyUnified(diff, c.old, c.reverse)
			if err != nil || got != c.want {
				t.Fatalf("reverse %v: %v, got\n%q\nwant\n%q\nby\n%s", c.reverse, err, got, c.want, diff)
			}
		}
	})
}

var hunkHeader = regexp.MustCompile(`^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@\n$`)

// applyUnified applies a difference to a text without any tolerance: all lines
// must be where the headers put them.
func applyUnified(diff, text string, reverse bool) (string, error) {
	if diff == "" {
		return text, nil
	}
	body, named := strings.CutPrefix(diff, "--- f.yaml\n+++ f.yaml\n")
	if !named {
		return "", errors.New("the names are missing")
	}
	p := patch{diff: slices.Collect(strings.Lines(body)), old: slices.Collect(strings.Lines(text)), reverse: reverse}
	for len(p.diff) > 0 {
		if err := p.hunk(); err != nil {
			return "", err
		}
	}
	return strings.Join(p.made, "") + strings.Join(p.old, ""), nil
}

// A patch is a difference that is being applied.
type patch struct {
	diff, old, made []string // diff and old without what is done
	done            int      // lines of the old text
	reverse         bool
}

func (p *patch) hunk() error {
	header := p.diff[0]
	m := hunkHeader.FindStringSubmatch(header)
	if m == nil {
		return fmt.Errorf("%q is no header", header)
	}
	from, gone := headerRange(m[1], m[2])
	to, come := headerRange(m[3], m[4])
	if p.reverse {
		from, gone, to, come = to, come, from, gone
	}
	if from < p.done || from-p.done > len(p.old) {
		return fmt.Errorf("%q overlaps, or is beyond the end", header)
	}
	p.keep(from - p.done)
	if len(p.made) != to {
		return fmt.Errorf("%q follows %d lines", header, len(p.made))
	}
	for p.diff = p.diff[1:]; len(p.diff) > 0 && !hunkHeader.MatchString(p.diff[0]); {
		if err := p.line(); err != nil {
			return err
		}
	}
	if p.done != from+gone || len(p.made) != to+come {
		return fmt.Errorf("%q ends at %d and %d", header, p.done, len(p.made))
	}
	return nil
}

func (p *patch) line() error {
	sign, text := p.diff[0][0], p.diff[0][1:]
	if p.diff = p.diff[1:]; len(p.diff) > 0 && p.diff[0] == "\\ No newline at end of file\n" {
		text, p.diff = strings.TrimSuffix(text, "\n"), p.diff[1:]
	}
	if sign == '+' != p.reverse && sign != ' ' {
		p.made = append(p.made, text)
		return nil
	}
	if len(p.old) == 0 || p.old[0] != text {
		return fmt.Errorf("line %d is not %q", p.done+1, text)
	}
	if sign == ' ' {
		p.keep(1)
		return nil
	}
	p.old, p.done = p.old[1:], p.done+1
	return nil
}

func (p *patch) keep(n int) {
	p.made, p.old, p.done = append(p.made, p.old[:n]...), p.old[n:], p.done+n
}

// headerRange returns how many lines precede a range, and how many it has.
func headerRange(start, count string) (before, n int) {
	before, _ = strconv.Atoi(start)
	n = 1
	if count != "" {
		n, _ = strconv.Atoi(count)
	}
	if n > 0 {
		before--
	}
	return before, n
}

// What fleet writes is what git reads.
func TestUnifiedAppliesByGit(t *testing.T) {
	git := tooltest.Path(t, "git")
	for i, c := range [][2]string{
		{"a\nb", "a\nb\n"},
		{"a\nb\n", "a\nb"},
		{"a\nb", "c\nb"},
		{"0\n1\n2\n3\n4\n5\n6\n7\n8\n9\n", "1\n2\n3\n4\n5\n6\n7\n8\n9\n10"},
		{"-- a\n\n+ b\n", "++ a\n\n- b\n"},
	} {
		dir := t.TempDir()
		file := filepath.Join(dir, "f.yaml")
		if err := os.WriteFile(file, []byte(c[0]), 0o600); err != nil {
			t.Fatal(err)
		}
		var b strings.Builder
		WriteUnified(&b, "f.yaml", c[0], c[1], term.Style{})
		cmd := exec.Command(git, "apply", "-p0", "--whitespace=nowarn", "-")
		cmd.Dir, cmd.Stdin = dir, strings.NewReader(b.String())
		cmd.Env = append(os.Environ(), "GIT_CEILING_DIRECTORIES="+filepath.Dir(dir))
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%d: %v\n%s\n%s", i, err, out, b.String())
		}
		got, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		same(t, "the text", string(got), c[1])
	}
}
