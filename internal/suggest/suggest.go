// Package suggest finds the word that was probably meant by a misspelt one.
package suggest

import (
	"fmt"
	"strings"
)

// DidYouMean returns a hint such as `did you mean "cpu"?` for a word that is not
// among the known ones. It is empty if none of them is similar.
func DidYouMean(word string, known []string) string {
	if k := Nearest(word, known); k != "" {
		return fmt.Sprintf("did you mean %q?", k)
	}
	return ""
}

// Nearest returns the known word that is most similar to word, or "" if none is.
func Nearest(word string, known []string) string {
	best, bestDistance := "", len(word)/3+2
	for _, k := range known {
		if d := Distance(word, k, bestDistance); d < bestDistance {
			best, bestDistance = k, d
		}
	}
	if best == "" {
		return byPrefix(word, known)
	}
	return best
}

// byPrefix returns the shortest known word that begins with word, regardless of
// case and punctuation: auto_stop_interval for autoStop. Words of less than four
// letters match nothing, since they begin too many words.
func byPrefix(word string, known []string) string {
	const minLength = 4
	plain := normalizeWord(word)
	if len(plain) < minLength {
		return ""
	}
	best := ""
	for _, k := range known {
		if strings.HasPrefix(normalizeWord(k), plain) && (best == "" || len(k) < len(best)) {
			best = k
		}
	}
	return best
}

// normalizeWord returns s in lower case and without punctuation.
func normalizeWord(s string) string {
	return strings.NewReplacer("_", "", "-", "", ".", "").Replace(strings.ToLower(s))
}

// Distance returns how many insertions, deletions, replacements and swaps of
// neighbouring bytes turn a into b. It returns limit if there are at least as many.
func Distance(a, b string, limit int) int {
	if len(a)-len(b) >= limit || len(b)-len(a) >= limit {
		return limit
	}
	before, last, next := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		next[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			next[j] = min(last[j]+1, next[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				next[j] = min(next[j], before[j-2]+1)
			}
		}
		before, last, next = last, next, before
	}
	return last[len(b)]
}
