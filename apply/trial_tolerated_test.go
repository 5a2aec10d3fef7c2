package apply

import (
	"testing"

	"fleet/client"
	"fleet/plan"
	"fleet/spec"
)

// TestTrialInARollout checks that a sandbox that was created and failed is left to its
// rollout, which may continue, as long as the trial has not passed: tasks outside of the
// rollout do not start.
func TestTrialInARollout(t *testing.T) {
	failsToStart := func(r tryout, key string) {
		r.byAddress[boxAt(key)].work.ID = "new-id"
		r.fails(key, 1, refused(client.FailedToStart))
	}
	for name, c := range map[string]struct {
		end             func(r tryout)
		starts, skipped string
	}{
		"created, and failed": {func(r tryout) { failsToStart(r, "a") }, "b", "c"},
		"not created":         {func(r tryout) { r.byAddress[boxAt("a")].work.ID = ""; r.fails("a", 1, refused(client.BadRequest)) }, "", "b c d"},
		"interrupted": {func(r tryout) {
			s := r.byAddress[boxAt("a")]
			s.work.ID, s.work.OpIndex = "new-id", 1
			r.end(s, Interrupted, ErrStopped)
		}, "b", ""},
		"another one after the trial": {func(r tryout) {
			r.done("a")
			r.admitRollouts()
			if got := r.starts(); got != "b c" {
				r.t.Errorf("%q start after the trial, want b and c", got)
			}
			failsToStart(r, "b")
		}, "", "d"},
	} {
		of := waves(0, spec.ContinueRollout, 3)
		r := tryOut(t, "x a b/a c/a d/a/x", func(s *plan.Step) {
			if key := s.Address.Key; key == "a" || key == "b" || key == "d" {
				s.Rollout, s.Wave = of, 1
			}
		})
		r.admitRollouts()
		if got := r.starts(); got != "x a" {
			t.Fatalf("%s: %q start at first, want x and a", name, got)
		}
		c.end(r)
		r.admitRollouts()
		r.expect(name, c.starts, c.skipped, "")
	}
}
