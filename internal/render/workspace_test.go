package render

import (
	"errors"
	"io"
	"strings"
	"testing"

	"fleet/apply"
	"fleet/internal/render/ci"
	"fleet/spec"
)

// Annotations and SARIF name files from the root of the workspace.
func TestFilesOfWorkspace(t *testing.T) {
	in := ci.Workspace{Root: "/work", Dir: "/work/de ploy"}
	failed := &apply.Report{Results: []apply.Result{{Step: placed().Steps[3], Outcome: apply.Failed, Err: errors.New("no")}}}
	for name, test := range map[string]struct {
		write func(io.Writer) error
		want  string
	}{
		"annotations of a plan":  {func(w io.Writer) error { return PlanGitHub(w, placed(), Style{}, in) }, "file=de ploy/specs/fleet.yaml,line=17,"},
		"annotations of a run":   {func(w io.Writer) error { return ReportGitHub(w, failed, in) }, "file=de ploy/specs/fleet.yaml,"},
		"annotations of a spec":  {func(w io.Writer) error { return DiagnosticsGitHub(w, wrongSpec(), in) }, "file=de ploy/a.yaml,line=5,"},
		"JUnit of a plan":        {func(w io.Writer) error { return PlanJUnit(w, placed(), Style{}, in) }, `file="de ploy/specs/fleet.yaml"`},
		"JUnit of a run":         {func(w io.Writer) error { return ReportJUnit(w, placed(), failed, in) }, `file="de ploy/specs/fleet.yaml"`},
		"SARIF of a plan":        {func(w io.Writer) error { return PlanSARIF(w, placed(), "f.yaml", "1.0.0", Style{}, in) }, `"uri": "de%20ploy/specs/fleet.yaml"`},
		"SARIF of a deleted one": {func(w io.Writer) error { return PlanSARIF(w, placed(), "f.yaml", "1.0.0", Style{}, in) }, `"uri": "de%20ploy/f.yaml"`},
		"SARIF of a spec":        {func(w io.Writer) error { return DiagnosticsSARIF(w, wrongSpec(), "1.0.0", in) }, `"uri": "de%20ploy/a.yaml"`},
	} {
		if text := written(t, test.write); !strings.Contains(text, test.want) {
			t.Errorf("%s: no %s in\n%s", name, test.want, text)
		}
	}
}

func wrongSpec() spec.Diagnostics {
	return spec.Diagnostics{{Pos: spec.Position{File: "a.yaml", Line: 5, Column: 1}, Message: "wrong"}}
}

// The name of a file is no command to a runner either.
func TestFilesAreNoCommands(t *testing.T) {
	found := spec.Diagnostics{{Pos: spec.Position{File: "##[error]::x.yaml", Line: 1, Column: 1}, Message: " ::add-mask::x ##[error]y"}}
	text := written(t, func(w io.Writer) error { return DiagnosticsGitHub(w, found, ci.Workspace{}) })
	if strings.Contains(text, "##[") {
		t.Errorf("a command in %q", text)
	}
}
