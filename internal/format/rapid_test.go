package format

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// TestLawsOnSoup checks texts of YAML tokens in random order. Many are not YAML; the
// others are corner cases that people would not write.
func TestLawsOnSoup(t *testing.T) {
	word := rapid.SampledFrom([]string{
		"a", "b: ", "c:", ": ", ":", "- ", "-", "? ", "?", "[", "]", "{", "}", ", ", ",", "&x ", "*x ", "*x", "!!str ", "!t ",
		"| ", "|+", "|-\n", ">2\n", ">\n", "|\n", "|2-\n", "'d'", "'e f'", `"g"`, `"h\"`, `"`, "'", "\\", "yes", "1", "~", "<<: ", "${v}", "+k: ",
		"# c", " #d\n", "#e\n", "\n", "\n", "\n", "\n\n", "\n\n\n", "  ", "    ", " ", " ", "\n  ", "\n    ", "\n- ", "\n  - ",
		"\n---\n", "\n...\n", "--- ", "\t", "\r\n", "%", "\ufeff", "é", "日本", "\u2028", "\n  a: ", "\n    b: ", "\nc: ",
	})
	rapid.Check(t, func(r *rapid.T) {
		checkLaws(r, []byte(strings.Join(rapid.SliceOfN(word, 1, 20).Draw(r, "words"), "")))
	})
}

// TestLawsOnSpecs goes through texts as people write them, and none of them is
// refused.
func TestLawsOnSpecs(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		w := &writer{T: r}
		w.block(0, 3)
		text := []byte(w.text.String())
		if _, err := Source(text); err != nil {
			r.Fatalf("refused: %v\n%s", err, text)
		}
		checkLaws(r, text)
	})
}

// A writer writes a random text in a careless style.
type writer struct {
	*rapid.T
	text strings.Builder
	n    int
}

func (w *writer) upTo(n int) int { return rapid.IntRange(0, n).Draw(w.T, "n") }

func (w *writer) one(of ...string) string { return rapid.SampledFrom(of).Draw(w.T, "one") }

func (w *writer) put(format string, args ...any) { fmt.Fprintf(&w.text, format, args...) }

// end ends a line, perhaps with a comment and with others below it.
func (w *writer) end(col int) {
	w.n++
	w.put("%s\n", w.one("", "", "", "  ", " # beside", "    #beside"))
	for range w.upTo(6) / 4 {
		w.put("%s", w.one("\n", "\n\n\n", fmt.Sprintf("%*s# below %d\n", col, "", w.n), fmt.Sprintf("%*s# around %d\n", w.upTo(8), "", w.n)))
	}
}

// block writes a mapping or a list at a column.
func (w *writer) block(col, depth int) {
	list := w.upTo(2) == 0
	for i := range 1 + w.upTo(3) {
		if list {
			w.put("%*s-%s", col, "", w.one(" ", " ", "   "))
		} else {
			w.put("%*s%s:%s", col, "", fmt.Sprintf(w.one("key%d", `"key%d"`, "'it is %d'", "+key%d"), i), w.one(" ", " ", "   "))
		}
		w.value(col, depth, list)
	}
}

func (w *writer) value(col, depth int, inList bool) {
	switch kind := w.upTo(9); {
	case kind < 3 && depth > 0:
		w.end(col)
		deeper := 1 + w.upTo(3)
		w.block(col+deeper, depth-1)
	case kind == 3:
		w.scalar(col)
	case kind == 4:
		w.put("%s\n", w.one("''", "'a'", `"1"`, "yes # no", "${var.x}", `"${var.x}"`))
	case kind == 5:
		w.flow(col, 2)
		w.end(col)
	case kind == 6 && inList:
		w.put("a: 1\n")
	default:
		w.put("%s", w.one("plain", "two words", `"quoted"`, "'it''s'", "1", "~", ""))
		w.end(col)
	}
}

// scalar writes a text of several lines.
func (w *writer) scalar(col int) {
	indent := strings.Repeat(" ", col+1+w.upTo(4))
	switch w.upTo(3) {
	case 0:
		w.put("%s\n%sone\n%s\n%s%stwo  \n%s", w.one("|", "|-", ">", ">+", "|+ # beside"), indent, w.one("", "   "), indent, w.one("", " ", "# "), w.one("", "\n", "\n\n"))
	case 1:
		w.put("\"one\n%stwo \\\n\n%s three\"", indent, indent)
		w.end(col)
	case 2:
		w.put("'one\n\n%stwo'", indent)
		w.end(col)
	default:
		w.put("one\n%stwo  \n\n%s three", indent, indent)
		w.end(col)
	}
}

// flow writes a collection in brackets.
func (w *writer) flow(col, depth int) {
	mapping := w.upTo(1) == 0
	w.put("%s", map[bool]string{true: "{", false: "["}[mapping])
	for i := range w.upTo(5) {
		if i > 0 {
			w.put("%s", w.one(",", " , ", ", ", ",\n   ", ", # beside\n # above\n  ", ",\n\n\n"))
		}
		if mapping {
			w.put("%s%s", fmt.Sprintf(w.one("key%d", "a-rather-long-key%d", `"key%d"`), i), w.one(": ", " : ", ":   "))
		}
		if depth > 0 && w.upTo(3) == 0 {
			w.flow(col, depth-1)
			continue
		}
		w.put("%s", w.one("a", `"b"`, "'1'", "a longer text of several words", `"*.example.com"`, "\"in\n  lines\""))
	}
	w.put("%s%s", w.one("", "", " ", "\n "), map[bool]string{true: "}", false: "]"}[mapping])
}
