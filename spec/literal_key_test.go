package spec

import (
	"strings"
	"testing"
)

// TestLiteralKey: a label whose name looks like an expression gets that name, which is rarely
// intended.
func TestLiteralKey(t *testing.T) {
	for text, want := range map[string]string{
		`labels: {"shard-${index}": x}`: `the label is called "shard-${index}": keys cannot contain expressions [literal-key]`,
		`labels: {shard: "${index}"}`:   "",
	} {
		f, err := Parse(Source{Name: "fleet.yaml", Text: []byte("version: 1\nname: demo\nsandboxes: {web: {count: 2, " + text + "}}\n")})
		if err != nil {
			t.Fatal(err)
		}
		if got := f.Warnings.Error(); want == "" && got != "" || strings.Count(got, "fleet.yaml") > 1 || !strings.Contains(got, want) {
			t.Errorf("%s:\n%s\nwant one warning with %s", text, got, want)
		}
	}
}
