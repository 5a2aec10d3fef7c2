package render

import (
	"io"
	"strings"
	"testing"

	"fleet/internal/gc"
	"fleet/plan"
	"fleet/spec"
)

// TestCommentsOfDriftAndGC: the comments of plan, drift, gc and apply have markers of their
// own, so that a job that edits its comment edits no other one, and contain what the text
// of their commands does.
func TestCommentsOfDriftAndGC(t *testing.T) {
	p := everything()
	for _, s := range p.Steps {
		if s.Action == plan.Update {
			s.Drift, s.Cause = plan.InPlace, spec.ChangedRemotely
		}
	}
	u := &plan.Unmanaged{
		Objects: []plan.Unowned{{Kind: spec.VolumeKind, Name: "old", State: "ready", Note: "``` of nobody"}},
		Others:  []plan.Owner{{Name: "shop", Sandboxes: 2}},
	}
	found := &gc.Report{
		Fleet:  gc.Group{Kind: spec.SandboxKind, Count: 3, Started: 1},
		Picked: []gc.Group{{Rule: "idle", Kind: spec.SandboxKind, Count: 2}},
		Stuck:  []gc.Remark{{Address: "sandbox.web", Name: "web", Note: "starting for 3 h"}},
	}
	empty := plural(step("a", plan.NoOp))
	markdown, _ := FindFormat(MarkdownFormat)
	golden(t, "drift.md", written(t, func(w io.Writer) error { return markdown.Drift(w, &Document{Plan: p, Unmanaged: u}) }))
	golden(t, "gc.md", written(t, func(w io.Writer) error { return markdown.GC(w, &Document{Plan: p, GC: found}) }))
	same(t, "gc without rules", written(t, func(w io.Writer) error {
		return markdown.GC(w, &Document{Plan: empty, GC: &gc.Report{Fleet: found.Fleet}})
	}), "<!-- fleet-gc:demo -->\n### Garbage collection of fleet `demo`\n\n```text\nFleet demo: 3 sandboxes, 1 started: 0 vCPU, 0 GiB memory, 0 GiB disk\n```\n")
	markers := map[string]bool{}
	for _, tt := range []struct {
		write Writer[*Document]
		d     *Document
		want  string
	}{
		{markdown.Plan, &Document{Plan: p}, "plan"},
		{markdown.Drift, &Document{Plan: p}, "drift"},
		{markdown.Drift, &Document{Plan: empty}, "drift"},
		{markdown.GC, &Document{Plan: p, GC: found}, "gc"},
		{markdown.Refused, &Document{Plan: p, GC: found, Report: mixed()}, "gc"},
		{markdown.Report, &Document{Plan: p, GC: found, Report: mixed()}, "gc"},
		{markdown.Report, &Document{Plan: p, Report: mixed()}, "apply"},
	} {
		first, _, _ := strings.Cut(written(t, func(w io.Writer) error { return tt.write(w, tt.d) }), "\n")
		same(t, "marker", first, "<!-- fleet-"+tt.want+":demo -->")
		markers[first] = true
	}
	same(t, "markers", len(markers), 4)
}
