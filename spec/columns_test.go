package spec

import (
	"errors"
	"strings"
	"testing"
	"unicode/utf8"
)

// Columns count code points, as the SARIF output states, and not bytes or units of UTF-16.
func TestColumnsAreCodePoints(t *testing.T) {
	line := `sandboxes: {web: {snapshot: s, labels: {a: "é𝒳漢é"}, nope: 1}}`
	_, err := Parse(Source{Name: "fleet.yaml", Text: []byte("version: 1\nname: demo\n" + line + "\n")})
	var found Diagnostics
	if !errors.As(err, &found) || len(found) != 1 {
		t.Fatalf("got %v", err)
	}
	before, _, _ := strings.Cut(line, "nope")
	if want := utf8.RuneCountInString(before) + 1; found[0].Pos.Column != want || found[0].Pos.Line != 3 {
		t.Errorf("got %v, want column %d", found[0].Pos, want)
	}
}
