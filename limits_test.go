package main

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"fleet/internal/buildcontext"
	"fleet/internal/dotenv"
	"fleet/internal/format"
	"fleet/internal/input"
)

// TestLimitsDocumented checks that docs/limits.md states the limits of inputs.
func TestLimitsDocumented(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("docs", "limits.md"))
	if err != nil {
		t.Fatal(err)
	}
	for what, most := range map[string]int64{
		"a file of a spec": input.MaxSpec, "a file that `fleet fmt`": format.MaxSource, "a dotenv file": dotenv.MaxSize,
		"rules of": input.MaxRules, "a file of `--target`": input.MaxList, "a saved plan": input.MaxReport,
		"the state of the embedded": input.MaxState,
		"what `from_command`":       input.MaxOutput, "an answer at the terminal": input.MaxLine,
		"the files that an image copies": buildcontext.DefaultMaxBytes, "an ignore file": buildcontext.MaxIgnoreFile,
	} {
		row := regexp.MustCompile(`(?m)^\| ` + regexp.QuoteMeta(what) + `.* \| ` + input.FormatSize(most) + `(;.*)? \|$`)
		if !row.Match(text) {
			t.Errorf("docs/limits.md has no row %s", row)
		}
	}
}
