package apply

import (
	"testing"
	"time"

	"fleet/apply/internal/admission"
	"fleet/apply/internal/schedule"
	"fleet/client"
	"fleet/plan"
)

// TestTrialUntangled checks that another task becomes the trial if the first waits for
// something and nothing else is left to do.
func TestTrialUntangled(t *testing.T) {
	r := tryOut(t, "x a//x b/a c/a")
	if r.breakDeadlock() {
		t.Error("a is replaced though x may go")
	}
	if got := r.starts(); got != "x" {
		t.Fatalf("%q start, want x", got)
	}
	if r.breakDeadlock() {
		t.Error("a is replaced though x works")
	}
	r.schedule.Returned(r.byAddress[boxAt("x")].number, time.Now(), schedule.Sample{})
	r.waits.tasks = []*task{r.byAddress[boxAt("x")]}
	if r.breakDeadlock() {
		t.Error("a is replaced though x is waited for")
	}
	r.waits.tasks = nil
	paused := admission.NewRollout(&plan.Rollout{Waves: []plan.Wave{{}, {Steps: 1}}, PauseSeconds: 60})
	paused.Join(99, admission.Member{Wave: 2})
	paused.Next(time.Now(), r.trials.Waits)
	r.rollouts = []*admission.Rollout{paused}
	if r.breakDeadlock() {
		t.Error("a is replaced though a rollout pauses")
	}
	r.rollouts = nil
	if !r.breakDeadlock() {
		t.Error("a is not replaced")
	}
	if r.breakDeadlock() {
		t.Error("b is replaced, though it may go")
	}
	r.expect("untangled", "b", "", "")
	r.done("b")
	if r.starts(); r.breakDeadlock() {
		t.Error("a trial that has passed is replaced")
	}
}

// TestSupersededCreation checks that a creation that lost its place as the trial does not
// wait for the member that took it: it risks no sandbox, and no end of the trial would
// ever start it.
func TestSupersededCreation(t *testing.T) {
	// a waits for y, and y for the other creation e, which waits for b.
	r := tryOut(t, "a//y b/a c/a e//b y/e", func(s *plan.Step) {
		if key := s.Address.Key; key == "a" || key == "e" {
			s.Action, s.ID, s.Have, s.Ops = plan.Create, "", nil, []plan.Op{{Verb: plan.DoCreate}}
		}
	})
	if !r.breakDeadlock() {
		t.Fatal("no member takes the place of a")
	}
	r.expect("the member", "b", "", "")
	r.fails("b", 1, refused(client.BadRequest))
	r.expect("of the other trial", "y", "c e", "")
	r.done("y")
	r.expect("after all that it waits for", "a", "c e", "")
	r.done("a")
	if r.unfinished != 0 {
		t.Errorf("%d tasks never end", r.unfinished)
	}
}
