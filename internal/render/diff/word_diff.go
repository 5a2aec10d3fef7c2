package diff

import (
	"unicode"
	"unicode/utf8"

	"github.com/sergi/go-diff/diffmatchpatch"
)

// markWords marks the words that differ in changed lines. The first of the
// removed lines is compared with the first of the lines added in their place, and
// so on.
func markWords(list []Line) {
	for i := 0; i < len(list); {
		deleted := leadingSigns(list[i:], '-')
		inserted := leadingSigns(list[i+deleted:], '+')
		for k := range min(deleted, inserted) {
			markPair(&list[i+k], &list[i+deleted+k])
		}
		i += max(deleted+inserted, 1)
	}
}

// leadingSigns returns the number of lines with a sign at the start of a list.
func leadingSigns(list []Line, sign byte) int {
	n := 0
	for n < len(list) && list[n].Sign == sign {
		n++
	}
	return n
}

// markPair marks the words that differ between two lines, unless they have
// little in common.
func markPair(have, want *Line) {
	var table wordTable
	a, b := table.runes(have.Text), table.runes(want.Text)
	if len(table.words) > maxWords {
		return
	}
	h, w, common := 0, 0, 0
	var hm, wm [][2]int
	for _, d := range diffmatchpatch.New().DiffMainRunes(a, b, false) {
		n := table.length(d.Text)
		switch d.Type {
		case diffmatchpatch.DiffDelete:
			hm, h = append(hm, [2]int{h, h + n}), h+n
		case diffmatchpatch.DiffInsert:
			wm, w = append(wm, [2]int{w, w + n}), w+n
		default:
			h, w, common = h+n, w+n, common+n
		}
	}
	if 3*common >= max(len(have.Text), len(want.Text)) {
		have.marks, want.marks = hm, wm
	}
}

// maxWords is the number of different words that can be compared: each is
// mapped to a character, and those from 0xD800 on are not valid.
const maxWords = 0xD000

// A wordTable maps words to characters.
type wordTable struct {
	words []string
	index map[string]rune
}

// runes returns a text with a character for each of its words.
func (t *wordTable) runes(text string) []rune {
	if t.index == nil {
		t.index = map[string]rune{}
	}
	var list []rune
	for text != "" {
		n := wordLength(text)
		r, known := t.index[text[:n]]
		if !known {
			t.words = append(t.words, text[:n])
			r = rune(len(t.words))
			t.index[text[:n]] = r
		}
		list = append(list, r)
		text = text[n:]
	}
	return list
}

// length returns the length in bytes of the words that characters stand for.
func (t *wordTable) length(text string) int {
	n := 0
	for _, r := range text {
		n += len(t.words[r-1])
	}
	return n
}

// wordLength returns the length in bytes of the first word of a text: letters,
// digits and underscores, or one character of another kind.
func wordLength(text string) int {
	n := 0
	for i, r := range text {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '_' {
			break
		}
		n = i + utf8.RuneLen(r)
	}
	if n == 0 {
		_, n = utf8.DecodeRuneInString(text)
	}
	return n
}
