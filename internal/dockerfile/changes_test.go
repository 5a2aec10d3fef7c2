package dockerfile_test

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"fleet/internal/dockerfile"
)

// summary returns changes as "line before -> after".
func summary(changes []dockerfile.Change) string {
	var all []string
	for _, c := range changes {
		before, after := "-", "-"
		if c.Before != nil {
			before = c.Before.String()
		}
		if c.After != nil {
			after = c.After.String()
		}
		all = append(all, fmt.Sprintf("%d %s -> %s", c.Line(), before, after))
	}
	return strings.Join(all, "; ")
}

// TestChanges: a change is named by its instruction, not by the lines after it.
func TestChanges(t *testing.T) {
	const base = "FROM a:1\nRUN one\nRUN two\nCMD x\n"
	for after, want := range map[string]string{
		base: "",
		"# c\nFROM a:1\n\nRUN  one\nRUN two\nCMD x":      "",
		strings.ReplaceAll(base, "\n", "\r\n"):           "",
		"FROM a:2\nRUN one\nRUN two\nCMD x\n":            "1 FROM a:1 -> FROM a:2",
		"FROM a:1\nRUN one\nRUN 2\nCMD x\n":              "3 RUN two -> RUN 2",
		"FROM a:1\nRUN one\nCMD x\n":                     "3 RUN two -> -",
		"FROM a:1\nRUN one\nRUN two\nRUN three\nCMD x\n": "4 - -> RUN three",
		"FROM a:1\nENV A=b\nRUN one\nRUN two\nCMD y\n":   "2 - -> ENV A=b; 5 CMD x -> CMD y",
		"FROM a:1\nRUN two\nRUN one\nCMD x\n":            "2 RUN one -> -; 3 - -> RUN one",
		"FROM a:1\nRUN <<EOF\none\nEOF\nRUN two\nCMD x":  "2 RUN one -> RUN <<EOF",
	} {
		if got := summary(dockerfile.Changes(base, after)); got != want {
			t.Errorf("%q:\n got %s\nwant %s", after, got, want)
		}
	}
	if got := summary(dockerfile.Changes("FROM a:1\nRUN <<E\nx\nE\n", "FROM a:1\nRUN <<E\ny\nE\n")); got != "2 RUN <<E -> RUN <<E" {
		t.Errorf("a changed here-document: %s", got)
	}
}

// TestChangesAreComplete: the changes turn the instructions of the old text into those of
// the new one.
func TestChangesAreComplete(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		lines := rapid.SliceOfN(rapid.SampledFrom([]string{"RUN a", "RUN b", "ENV A=b", "USER x", "CMD c"}), 0, 8)
		text := func(label string) (string, []string) {
			list := append([]string{"FROM a:1"}, lines.Draw(t, label)...)
			return strings.Join(list, "\n"), list
		}
		before, olds := text("before")
		after, news := text("after")
		removed, added := map[int]bool{}, map[int]bool{}
		for _, c := range dockerfile.Changes(before, after) {
			if c.Before != nil {
				removed[c.Before.Line] = true
			}
			if c.After != nil {
				added[c.After.Line] = true
			}
		}
		kept := func(list []string, changed map[int]bool) string {
			var rest []string
			for i, line := range list {
				if !changed[i+1] {
					rest = append(rest, line)
				}
			}
			return strings.Join(rest, "\n")
		}
		if a, b := kept(olds, removed), kept(news, added); a != b {
			t.Fatalf("unchanged instructions differ:\n%s\n\n%s", a, b)
		}
	})
}
