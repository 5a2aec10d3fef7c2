package cli

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestResolveOutputs(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := os.Mkdir("dir", 0o700); err != nil {
		t.Fatal(err)
	}
	formats := []string{"text", "json", "ndjson", "markdown"}
	for _, tt := range []struct {
		name    string
		options outputOptions
		want    string // the outputs, or a part of the error
	}{
		{"default", outputOptions{format: "text"}, "[text=-]"},
		{"output", outputOptions{format: "json", given: true}, "[json=-]"},
		{"a file beside the default", outputOptions{format: "text", out: []string{"json=x"}}, "[text=- json=x]"},
		{"out replaces the default", outputOptions{format: "text", out: []string{"json=-"}}, "[json=-]"},
		{"both", outputOptions{format: "json", given: true, out: []string{"markdown=x"}}, "[json=- markdown=x]"},
		{"progress", outputOptions{format: "text", progress: progressJSON}, "[text=- ndjson=\x00]"},
		{"two on standard output", outputOptions{format: "text", out: []string{"json=-", "markdown=-"}}, "standard output is already used by json"},
		{"output and out on standard output", outputOptions{format: "json", given: true, out: []string{"markdown=-"}}, "standard output is already used by json"},
		{"one file twice", outputOptions{format: "text", out: []string{"json=x", "markdown=./x"}}, "the file is already used by json"},
		{"no file", outputOptions{format: "text", out: []string{"json"}}, "--out requires FORMAT=FILE"},
		{"unknown format", outputOptions{format: "text", out: []string{"jsn=x"}}, `did you mean "json"?`},
		{"no directory", outputOptions{format: "text", out: []string{"json=none/x"}}, "directory none does not exist"},
		{"a directory", outputOptions{format: "text", out: []string{"json=dir"}}, "dir is a directory"},
	} {
		tt.options.formats = formats
		list, err := tt.options.resolve()
		got := fmt.Sprint(list)
		if err != nil {
			got = err.Error()
		}
		if got != tt.want && (err == nil || !strings.Contains(got, tt.want)) {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}

// TestReportFile checks --report against the outputs of the same command, in
// either order of the flags.
func TestReportFile(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	for _, args := range [][]string{
		{"apply", "--out", "json=x", "--report", "./x"},
		{"apply", "--report", "./x", "--out", "json=x"},
		{"apply", "--report", "-"},
		{"apply", "--report", ""},
		{"apply", "--report", filepath.Join("none", "x")},
		{"apply", "--report", "."},
	} {
		if code, _, stderr := run(t, args...); code != 3 || !strings.Contains(stderr, "--report") {
			t.Errorf("%q: exit code %d: %s", args, code, stderr)
		}
	}
}
