package spec

import (
	"strings"
	"testing"
)

// TestIsKey requires that the scan agrees with the pattern of the schema.
func TestIsKey(t *testing.T) {
	texts := []string{"", strings.Repeat("a", 63), strings.Repeat("a", 64), "a\n", "é", "a[0]"}
	for c := range 128 {
		texts = append(texts, string(rune(c)), "a"+string(rune(c)), string(rune(c))+"a")
	}
	for _, s := range texts {
		if got, want := isKey(s), keyPattern.MatchString(s); got != want {
			t.Errorf("isKey(%q) = %v, want %v", s, got, want)
		}
	}
}
