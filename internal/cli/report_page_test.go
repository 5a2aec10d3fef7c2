package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"fleet/internal/exit"
)

// TestReportPage writes the page of a run, of the last run, and to standard output, and
// refuses what is no page or no report.
func TestReportPage(t *testing.T) {
	dir := t.TempDir()
	in := func(name string) string { return filepath.Join(dir, name) }
	text := "version: 1\nname: demo\nsandboxes:\n  web: {snapshot: daytona-small}\n"
	if err := os.WriteFile(in("fleet.yaml"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	local := []string{"-f", in("fleet.yaml"), "--local"}
	for _, c := range []struct {
		args   []string
		code   int
		stderr string // part of it
		page   string // file of the page; empty for none
	}{
		{args: []string{"report", in("fleet.yaml")}, code: exit.Invalid, stderr: "--html FILE is required"},
		{args: append([]string{"report", "--html", in("none.html")}, local...), code: exit.Failed, stderr: "no run of fleet demo"},
		{args: append([]string{"apply", "--yes", "--report", in("report.json")}, local...)},
		{args: []string{"report", in("report.json"), "--html", in("page.html")}, page: in("page.html")},
		{args: append([]string{"report", "--html", in("last.html")}, local...), page: in("last.html")},
		{args: []string{"report", in("report.json"), "--html", in("report.json")}, code: exit.Invalid, stderr: "report.json"},
		{args: []string{"report", in("fleet.yaml"), in("missing"), "--html", in("no.html")}, code: exit.Invalid, stderr: "missing"},
		{args: []string{"report", in("fleet.yaml"), "--html", in("no.html")}, code: exit.Invalid, stderr: "fleet.yaml: it is not JSON that fleet has written"},
	} {
		code, _, stderr := runIn(dir, nil, c.args...)
		if code != c.code || !strings.Contains(stderr, c.stderr) {
			t.Errorf("%q: exit code %d: %s", c.args, code, stderr)
		}
		if c.page == "" {
			continue
		}
		if html, err := os.ReadFile(c.page); err != nil || !strings.Contains(string(html), `"address":"sandbox.web"`) {
			t.Errorf("%q: the page has no sandbox.web (%v)", c.args, err)
		}
	}
	if _, stdout, _ := runIn(dir, nil, "report", in("report.json"), "--html", "-"); !strings.HasPrefix(stdout, "<!doctype html>") {
		t.Errorf("standard output has %.80q", stdout)
	}
	if _, err := os.Stat(in("no.html")); err == nil {
		t.Error("a page was written without a report")
	}
}
