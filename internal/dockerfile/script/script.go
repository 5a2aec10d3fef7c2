// Package script compares shell scripts by the words of their commands, so that the quotes
// around words make no difference.
package script

import (
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// Same reports whether a POSIX shell executes the same commands with the same words for
// both scripts. It returns false if it cannot decide.
func Same(a, b string) bool {
	if a == b {
		return true
	}
	x, ok1 := canonical(a)
	y, ok2 := canonical(b)
	return ok1 && ok2 && x == y
}

// canonical returns a script in which all words have the same quotes. It returns false for
// a script that a POSIX shell refuses, and for one with here-documents.
func canonical(script string) (string, bool) {
	file, err := syntax.NewParser(syntax.Variant(syntax.LangPOSIX)).Parse(strings.NewReader(script), "")
	if err != nil {
		return "", false
	}
	known := true
	syntax.Walk(file, func(n syntax.Node) bool {
		switch n := n.(type) {
		case *syntax.Redirect:
			known = known && n.Hdoc == nil
		case *syntax.ParamExp, *syntax.ArithmExp:
			return false // quotes have another meaning in some of them
		case *syntax.CallExpr:
			// In other shells this begins an expression.
			known = known && (len(n.Args) == 0 || n.Args[0].Lit() != "[[")
		case *syntax.Word:
			n.Parts = requoted(n.Parts)
		}
		return known
	})
	var out strings.Builder
	if !known || syntax.NewPrinter(syntax.Minify(true)).Print(&out, file) != nil {
		return "", false
	}
	return out.String(), true
}

// requoted returns the parts of a word with each literal text in single quotes, and each
// expansion in double quotes or in none. Wildcards remain as they are.
func requoted(parts []syntax.WordPart) []syntax.WordPart {
	var w word
	for _, part := range parts {
		switch p := part.(type) {
		case *syntax.Lit:
			if opensPattern(p.Value) {
				return parts
			}
			w.unquoted(p.Value)
		case *syntax.SglQuoted:
			if p.Dollar {
				return parts
			}
			w.quoted(p.Value)
		case *syntax.DblQuoted:
			if p.Dollar {
				return parts
			}
			w.doubleQuoted(p.Parts)
		default:
			w.add(part)
		}
	}
	return w.end()
}

// opensPattern reports whether an unquoted text begins a set of characters, a list in
// braces, the name of a home or, in other shells, a text with escapes. Quotes within these
// have an effect.
func opensPattern(text string) bool {
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '\\':
			i++
		case '{', '[', '~', '$':
			return true
		}
	}
	return false
}

// word collects the parts of a word.
type word struct {
	parts  []syntax.WordPart
	text   strings.Builder // quoted text that is no part yet
	quotes bool            // the word has quotes, be they empty
}

// quoted adds a text as it is.
func (w *word) quoted(text string) {
	w.text.WriteString(text)
	w.quotes = true
}

// add adds a part that is no text.
func (w *word) add(part syntax.WordPart) {
	if w.text.Len() > 0 {
		w.parts = append(w.parts, &syntax.SglQuoted{Value: w.text.String()})
		w.text.Reset()
	}
	w.parts = append(w.parts, part)
}

// unquoted adds a text in which backslashes quote characters.
func (w *word) unquoted(text string) {
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '\\' && i+1 < len(text):
			i++
			if text[i] != '\n' {
				w.quoted(text[i : i+1])
			}
		case c == '*' || c == '?':
			w.add(&syntax.Lit{Value: text[i : i+1]})
		default:
			w.text.WriteByte(c)
		}
	}
}

// doubleQuoted adds what is in double quotes.
func (w *word) doubleQuoted(parts []syntax.WordPart) {
	w.quotes = true
	for _, part := range parts {
		lit, ok := part.(*syntax.Lit)
		if !ok {
			w.add(&syntax.DblQuoted{Parts: []syntax.WordPart{part}})
			continue
		}
		for i := 0; i < len(lit.Value); i++ {
			c := lit.Value[i]
			if c == '\\' && i+1 < len(lit.Value) && strings.IndexByte("$`\"\\\n", lit.Value[i+1]) >= 0 {
				i++
				if c = lit.Value[i]; c == '\n' {
					continue
				}
			}
			w.text.WriteByte(c)
		}
	}
}

// end returns the parts. A word with quotes has at least an empty text.
func (w *word) end() []syntax.WordPart {
	if w.text.Len() > 0 || w.quotes && !hasText(w.parts) {
		w.parts = append(w.parts, &syntax.SglQuoted{Value: w.text.String()})
	}
	return w.parts
}

// hasText reports whether one of the parts is in quotes.
func hasText(parts []syntax.WordPart) bool {
	for _, part := range parts {
		switch part.(type) {
		case *syntax.SglQuoted, *syntax.DblQuoted:
			return true
		default:
		}
	}
	return false
}
