package script_test

import (
	"slices"
	"strings"
	"testing"

	"mvdan.cc/sh/v3/expand"
	"mvdan.cc/sh/v3/syntax"
	"pgregory.net/rapid"

	"fleet/internal/dockerfile/script"
)

// quotings are ways to write a word without expansions.
var quotings = []func(string) string{
	func(w string) string { return "'" + strings.ReplaceAll(w, "'", `'\''`) + "'" },
	func(w string) string {
		return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "$", `\$`, "`", "\\`").Replace(w) + `"`
	},
	func(w string) string {
		var b strings.Builder
		for _, c := range w {
			if c < 128 {
				b.WriteByte('\\')
			}
			b.WriteRune(c)
		}
		if w == "" {
			return `""`
		}
		return b.String()
	},
}

// quoted draws one of the ways to write the words.
func quoted(t *rapid.T, words []string) string {
	var list []string
	for _, w := range words {
		cut := rapid.IntRange(0, len(w)).Draw(t, "cut")
		for !strings.HasPrefix(w[cut:], "é") && cut < len(w) && w[cut] >= 128 {
			cut++
		}
		one := rapid.SampledFrom(quotings).Draw(t, "quotes")(w[:cut])
		if cut < len(w) {
			one += rapid.SampledFrom(quotings).Draw(t, "quotes")(w[cut:])
		}
		list = append(list, one)
	}
	return strings.Join(list, rapid.SampledFrom([]string{" ", "  ", "\t"}).Draw(t, "blanks"))
}

// TestSameWords: two lines are the same exactly if a shell reads the same words, however
// they are quoted.
func TestSameWords(t *testing.T) {
	word := rapid.StringOfN(rapid.SampledFrom([]rune("ab=>'\"\\$`*?[{~#!&;| é")), 0, 4, -1)
	rapid.Check(t, func(t *rapid.T) {
		words := rapid.SliceOfN(word, 1, 4).Draw(t, "words")
		others := words
		if rapid.Bool().Draw(t, "change") {
			others = rapid.SliceOfN(word, 1, 4).Draw(t, "others")
		}
		a, b := quoted(t, words), quoted(t, others)
		if got, want := script.Same(a, b), slices.Equal(words, others); got != want {
			t.Fatalf("%s\n%s\nare the same: %t, want %t", a, b, got, want)
		}
	})
}

// FuzzSame: what is the same has the same words, and nothing makes the comparison panic.
func FuzzSame(f *testing.F) {
	f.Add(`a 'b'`, `a "b"`)
	f.Add(`a "$b" ${c:-'d'} $(e 'f') >g`, `a "$b" ${c:-d} $(e f) >'g'`)
	f.Add("a \\\n b", "a b")
	f.Add(`a* ~ [b] {c,d} $((1 + 2))`, "`a`")
	f.Fuzz(func(t *testing.T, a, b string) {
		if !script.Same(a, a) || script.Same(a, b) != script.Same(b, a) {
			t.Fatalf("%q and %q", a, b)
		}
		if script.Same(a, b) {
			if x, y := wordsOf(a), wordsOf(b); !slices.Equal(x, y) {
				t.Fatalf("%q means %q, and %q means %q", a, x, b, y)
			}
		}
	})
}

// wordsOf returns the words that a shell reads in simple commands, with a marker for each
// command; nil for a script with anything else.
func wordsOf(line string) []string {
	file, err := syntax.NewParser(syntax.Variant(syntax.LangPOSIX)).Parse(strings.NewReader(line), "")
	if err != nil {
		return nil
	}
	var words []string
	for _, s := range file.Stmts {
		call, ok := s.Cmd.(*syntax.CallExpr)
		if !ok || len(call.Assigns) > 0 {
			return nil
		}
		fields, err := expand.Fields(&expand.Config{Env: expand.ListEnviron("HOME=/home/u", "b=x y", "c=")}, call.Args...)
		if err != nil {
			return nil
		}
		words = append(append(words, "\x00"), fields...)
	}
	return words
}
