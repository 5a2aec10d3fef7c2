package render

import (
	"strings"
	"testing"

	"fleet/spec"
)

func mistakesText(ms spec.Diagnostics, s Style) string {
	var b strings.Builder
	Diagnostics(&b, ms, s)
	return b.String()
}

func TestMistakes(t *testing.T) {
	_, err := spec.Parse(spec.Source{Name: "fleet.yaml", Text: []byte("version: 1\nname: demo\nsandboxes:\n  web:\n    pubic: true\n    auto_stop_interval: never\n")})
	ms, ok := err.(spec.Diagnostics) //nolint:errorlint // Parse returns it bare
	if !ok {
		t.Fatal(err)
	}
	ms = append(ms, &spec.Diagnostic{Pos: spec.Position{File: "more.yaml"}, Message: "there is no such file or directory", Hint: "name the spec with -f"})
	golden(t, "mistakes.txt", mistakesText(ms, Style{}))
	golden(t, "mistakes.color.txt", mistakesText(ms, Style{Color: true}))
	same(t, "colours", uncoloured(mistakesText(ms, Style{Color: true})), mistakesText(ms, Style{}))
	one := mistakesText(ms[len(ms)-1:], Style{})
	same(t, "one", one, "more.yaml: error: there is no such file or directory\n  name the spec with -f\n")
}
