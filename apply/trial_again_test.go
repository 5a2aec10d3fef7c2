package apply

import (
	"testing"
	"time"

	"fleet/client"
	"fleet/plan"
	"fleet/spec"
)

// startsNext gives only the task that starts next to a worker, as if no other were free.
func (r tryout) startsNext(want string) {
	r.t.Helper()
	number, ok := r.schedule.Next(time.Now())
	if !ok {
		r.t.Fatalf("no task starts, want %s", want)
	}
	s := r.tasks[number]
	s.start = time.Now()
	r.trials.Start(number)
	if got := s.step.Address.Key; got != want {
		r.t.Fatalf("%s starts, want %s", got, want)
	}
}

// TestTrialAgainHoldsTheQueue checks that tasks that were queued when their trial had
// passed wait again if another member has to be tried, so that only that one is risked.
func TestTrialAgainHoldsTheQueue(t *testing.T) {
	r := tryOut(t, "a b/a c/a d/a e/a f/a")
	r.starts()
	r.done("a")
	r.startsNext("b")
	r.end(r.byAddress[boxAt("f")], Skipped, ErrStopped)
	r.fails("b", 1, refused(client.Busy))
	r.expect("the next member alone", "c", "f", "")
	r.done("c")
	r.expect("after it has passed", "d e", "f", "")

	r = tryOut(t, "a b/a c/a d/a e/a")
	r.starts()
	r.done("a")
	r.startsNext("b")
	r.fails("b", 1, refused(client.Busy))
	r.startsNext("c")
	r.fails("c", 1, refused(client.Busy))
	r.expect("the next one fails, too", "", "d e", "sandbox.c, which was tried first")
}

// TestTrialAgainWithinARollout checks that a task that waits for its trial again leaves
// its place in the rollout to the member that is tried.
func TestTrialAgainWithinARollout(t *testing.T) {
	of := waves(2, spec.ContinueRollout, 5)
	r := tryOut(t, "x a b/a c/a/x d/a e/a", func(s *plan.Step) {
		if s.Address.Key != "x" {
			s.Rollout, s.Wave = of, 1
		}
	})
	r.admitRollouts()
	if got := r.starts(); got != "x a" {
		t.Fatalf("%q start at first, want x and a", got)
	}
	r.done("a")
	r.admitRollouts() // b and d; c is not ready
	r.startsNext("b")
	r.done("x")
	r.byAddress[boxAt("b")].work.Disrupted = true
	r.fails("b", 1, refused(client.Busy))
	for _, want := range []string{"c", "e", "d"} { // one at a time: b stays unavailable
		r.admitRollouts()
		r.expect("after the failure", want, "", "")
		r.done(want)
	}
	if r.unfinished != 0 {
		t.Errorf("%d tasks are left", r.unfinished)
	}
}
