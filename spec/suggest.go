package spec

import (
	"fmt"
	"strings"
)

// DidYouMean is the hint for a word that is not one of the known words, or
// empty when none of them is near.
func DidYouMean(word string, known []string) string {
	if k := nearest(word, known); k != "" {
		return fmt.Sprintf("did you mean %q?", k)
	}
	return ""
}

// nearest is the known word that is nearest to a word, or "" when none is near.
func nearest(word string, known []string) string {
	best, bestDistance := "", len(word)/3+2
	for _, k := range known {
		if d := distance(word, k, bestDistance); d < bestDistance {
			best, bestDistance = k, d
		}
	}
	if best == "" {
		return byPrefix(word, known)
	}
	return best
}

// byPrefix is the shortest known word that begins with a word of some length,
// however the two are spelt: auto_stop_interval for autoStop.
func byPrefix(word string, known []string) string {
	const telling = 4
	plain := normalizeWord(word)
	if len(plain) < telling {
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

// normalizeWord is a word without case and punctuation.
func normalizeWord(s string) string {
	return strings.NewReplacer("_", "", "-", "", ".", "").Replace(strings.ToLower(s))
}

// distance counts the insertions, deletions, replacements and swaps of
// neighbours that turn a into b; it gives up at limit.
func distance(a, b string, limit int) int {
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
