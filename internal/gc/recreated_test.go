package gc

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"fleet/plan"
	"fleet/spec"
)

// TestOneWarningForDeclaredObjects: gc warns once of all deleted objects that the spec
// declares, however many there are.
func TestOneWarningForDeclaredObjects(t *testing.T) {
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	for _, tt := range []struct {
		sandboxes string
		keys      []string
		action    plan.Action
		want      []string
	}{
		{"web: {snapshot: s}", []string{"web"}, plan.Delete, []string{"sandbox.web is in the spec: the next apply creates it again"}},
		{"web: {snapshot: s}", []string{"web"}, plan.Stop, nil},
		{"web: {snapshot: s}", []string{"other"}, plan.Delete, nil},
		{
			"worker: {count: 500, snapshot: s}\n  web: {snapshot: s}", append(indexed("worker", 500), "web"), plan.Delete,
			[]string{"501 objects of the plan are in the spec, and the next apply creates them again: sandbox.web, sandbox.worker (500)"},
		},
		{
			"a: {snapshot: s}\n  b: {snapshot: s}\n  c: {snapshot: s}\n  d: {snapshot: s}\n  e: {snapshot: s}\n  f: {count: 2, snapshot: s}\n  g: {snapshot: s}",
			[]string{"a", "b", "c", "d", "e", "f[0]", "f[1]", "g"},
			plan.Delete,
			[]string{"8 objects of the plan are in the spec, and the next apply creates them again: sandbox.a, sandbox.b, sandbox.c, sandbox.d, sandbox.e, and 2 more"},
		},
	} {
		f, err := spec.Parse(spec.Source{Name: "fleet.yaml", Text: []byte("version: 1\nname: demo\nsandboxes:\n  " + tt.sandboxes + "\n")})
		if err != nil {
			t.Fatal(err)
		}
		w := &plan.World{}
		for _, key := range tt.keys {
			w.Add(spec.SandboxKind, &plan.Object{
				ID: "id-" + key, Name: key, State: "started", TargetState: "started", Created: now.Add(-time.Hour), LastActive: now.Add(-time.Hour),
				Object: spec.Object{Labels: map[string]string{spec.FleetLabel: "demo", spec.KeyLabel: key}},
			})
		}
		rule := Rule{Kind: spec.SandboxKind, Owner: OwnerFleet, OlderThan: time.Minute, Action: tt.action}
		_, p := Collect(f, w, []Rule{rule}, Options{Now: now, AllowDestroy: 1000})
		if diff := cmp.Diff(tt.want, p.Warnings); diff != "" {
			t.Errorf("%d objects:\n%s", len(tt.keys), diff)
		}
	}
}

func indexed(group string, n int) []string {
	keys := make([]string, n)
	for i := range keys {
		keys[i] = fmt.Sprintf("%s[%d]", group, i)
	}
	return keys
}
