package format

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// TestLawsOnSoup goes through texts of YAML's words in any order. Many are not
// YAML; the others show corners that nobody would write.
func TestLawsOnSoup(t *testing.T) {
	word := rapid.SampledFrom([]string{
		"a", "b: ", "c:", ": ", ":", "- ", "-", "? ", "?", "[", "]", "{", "}", ", ", ",", "&x ", "*x ", "*x", "!!str ", "!t ",
		"| ", "|+", "|-\n", ">2\n", ">\n", "|\n", "|2-\n", "'d'", "'e f'", `"g"`, `"h\"`, `"`, "'", "\\", "yes", "1", "~", "<<: ", "${v}", "+k: ",
		"# c", " #d\n", "#e\n", "\n", "\n", "\n", "\n\n", "\n\n\n", "  ", "    ", " ", " ", "\n  ", "\n    ", "\n- ", "\n  - ", "\n---\n", "\n...\n", "--- ", "\t", "\r\n", "%", "\u2028",
		"\ufeff", "é", "日本",
	})
	rapid.Check(t, func(r *rapid.T) {
		words := rapid.SliceOfN(word, 1, 30).Draw(r, "words")
		text := strings.Join(words, "")
		r.Log(text)
		checkLaws(r, []byte(text))
	})
}
