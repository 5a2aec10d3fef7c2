package apply_test

import (
	"errors"
	"testing"

	"fleet/apply"
	"fleet/plan"
	"fleet/spec"
)

// Nothing is sent for a plan whose hooks need values that are not set: there is
// no client to send it with.
func TestRefusedPlanIsNotApplied(t *testing.T) {
	f, err := spec.Options{Unset: spec.UnsetAll}.Parse(spec.Source{Name: "fleet.yaml", Text: []byte(`
version: 1
name: demo
env: [N]
hooks: {before_apply: "echo ${env.N}"}
sandboxes: {web: {}}
`)})
	if err != nil {
		t.Fatal(err)
	}
	p := mustCompute(t, f, &plan.World{}, plan.Options{})
	refusal := p.Refusal()
	var diagnostics spec.Diagnostics
	if !errors.As(refusal, &diagnostics) {
		t.Fatalf("the refusal is %v", refusal)
	}
	r := apply.Run(t.Context(), nil, p, apply.Options{}, func(apply.Event) { t.Error("an event was sent") })
	if len(r.Results) != 1 || r.Results[0].Outcome != apply.Skipped || r.Results[0].Err.Error() != refusal.Error() || r.OK() {
		t.Errorf("got %+v", r.Results)
	}
}
