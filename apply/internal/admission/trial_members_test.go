package admission

import (
	"fmt"
	"strings"
	"testing"
)

// A trialScript drives one trial with members 0 to 5 by a script of events, and compares
// what is decided after each.
type trialScript struct {
	t *testing.T
	*Trials
}

// newTrialScript returns a script of a trial whose members are all ready. Those in the
// rollout are the first ones.
func newTrialScript(t *testing.T, rollout *Rollout, inRollout int) trialScript {
	s := trialScript{t, NewTrials()}
	for id := range TaskID(6) {
		c := Candidate{ID: id}
		if int(id) < inRollout {
			c.Rollout = rollout
		}
		s.Join(root("a"), c)
	}
	for id := range TaskID(6) {
		if _, waits := s.Waits(id); waits {
			s.Hold(id)
		}
	}
	s.Start(0)
	return s
}

// ends reports the end of a task, and compares the decision and the tasks that wait
// afterwards.
func (s trialScript) ends(id TaskID, e TrialEnd, want, waiting string) {
	s.t.Helper()
	if e.Cause = e.Err; e.Outcome == Failed {
		e.Lost, e.Risky = true, true
	}
	if got := trialSummary(s.End(id, e)); got != want {
		s.t.Errorf("task %d: got %q, want %q", id, got, want)
	}
	var ids []string
	for id := range TaskID(6) {
		if _, waits := s.Waits(id); waits {
			ids = append(ids, fmt.Sprint(id))
		}
	}
	if got := strings.Join(ids, " "); got != waiting {
		s.t.Errorf("after task %d: %q wait, want %q", id, got, waiting)
	}
}

// trialSummary writes a decision as words, in the order in which it is carried out.
func trialSummary(d TrialDecision) string {
	var words []string
	for _, s := range d.Skip {
		words = append(words, fmt.Sprint("skip", s.Tasks))
	}
	if len(d.Release) > 0 {
		words = append(words, fmt.Sprint("release", d.Release))
	}
	if len(d.Requeue) > 0 {
		words = append(words, fmt.Sprint("requeue", d.Requeue))
	}
	return strings.Join(words, " ")
}

// TestNoTrial: a task of no trial waits for none.
func TestNoTrial(t *testing.T) {
	ts := newTrials(false)
	for _, id := range []TaskID{0, 9} { // the first of a trial, and a task of none
		if first, waits := ts.Waits(id); waits || first != 0 {
			t.Errorf("task %d waits: %t, for %d", id, waits, first)
		}
	}
}

// TestMembersThatEnded: members that ended before they started are not skipped again and
// not tried.
func TestMembersThatEnded(t *testing.T) {
	s := newTrialScript(t, nil, 0)
	s.ends(1, TrialEnd{Outcome: NotDone}, "", "1 2 3 4 5")
	s.ends(0, TrialEnd{Outcome: NotDone}, "release[1 2 3 4 5]", "1 3 4 5")
	s.Start(2)
	s.ends(3, TrialEnd{Outcome: NotDone}, "", "1 3 4 5")
	s.ends(2, TrialEnd{Outcome: Failed, Err: badRequest}, "skip[4 5]", "1 3 4 5")
}

// TestInterruptedTrial: a first task that was interrupted decides nothing, even if its
// sandbox is lost.
func TestInterruptedTrial(t *testing.T) {
	s := newTrialScript(t, nil, 0)
	s.ends(0, TrialEnd{Outcome: NotDone, Lost: true, Err: badRequest}, "release[1 2 3 4 5]", "2 3 4 5")
}

// TestTriedAgain: after a passing failure of a trial that had passed, the next member is
// tried alone, and only its end decides. Those that run continue.
func TestTriedAgain(t *testing.T) {
	s := newTrialScript(t, nil, 0)
	s.ends(0, TrialEnd{Outcome: Done}, "release[1 2 3 4 5]", "")
	s.Start(1)
	s.Start(2)
	s.ends(5, TrialEnd{Outcome: NotDone}, "", "")
	s.ends(1, TrialEnd{Outcome: Failed, Err: serverDown}, "requeue[4]", "4 5")
	s.ends(2, TrialEnd{Outcome: Done}, "", "4 5")
	s.Hold(4)
	s.Start(3)
	s.ends(3, TrialEnd{Outcome: Done}, "release[4]", "")
}

// TestToleratedTrial: a failure that its rollout tolerates skips the tasks outside of the
// rollout. The trial has passed for the others, and a later refusal skips them.
func TestToleratedTrial(t *testing.T) {
	rollout := &Rollout{}
	s := newTrialScript(t, rollout, 4)
	s.ends(0, TrialEnd{Outcome: Failed, Err: errFailed, Rollout: rollout, Tolerated: true}, "skip[4 5] release[1 2 3 4 5]", "")
	for id := TaskID(4); id < 6; id++ {
		s.ends(id, TrialEnd{Outcome: NotDone}, "", "")
	}
	s.Start(1)
	s.ends(1, TrialEnd{Outcome: Failed, Err: badRequest, Rollout: rollout}, "skip[2 3]", "")
}

// TestSupersededCreation: a creation whose place a member took waits for none, and decides
// nothing more if it fails.
func TestSupersededCreation(t *testing.T) {
	ts := newTrials(true)
	if _, ok := ts.BreakDeadlock(func(id TaskID) bool { return id < 5 }); !ok {
		t.Fatal("no member takes the place of the creation")
	}
	ts.Start(3)
	if _, waits := ts.Waits(5); waits {
		t.Error("the creation waits")
	}
	if got := trialSummary(ts.End(5, TrialEnd{Outcome: Failed, Err: noQuota, Cause: noQuota})); got != "" {
		t.Errorf("got %q", got)
	}
	if first, waits := ts.Waits(4); !waits || first != 3 {
		t.Errorf("task 4 waits: %t, for %d", waits, first)
	}
}

// TestShortageElsewhere: a shortage stops the trial in which it was met, in any
// region, and those of the same region.
func TestShortageElsewhere(t *testing.T) {
	ts := newTrials(false)
	ts.Start(0)
	d := ts.End(0, TrialEnd{Address: root("x"), Outcome: Failed, Lost: true, Risky: true, Err: noQuota, Cause: noQuota, Region: "us"})
	if got := trialSummary(d); got != "skip[1 2] skip[3 4]" {
		t.Fatalf("got %q", got)
	}
	for i, want := range []string{"which was tried first with the same create request, failed: ", "which was tried before, was refused: "} {
		if got := d.Skip[i].Reason.Error(); !strings.Contains(got, "sandbox.x, "+want) {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

// TestLaterDeadlock: a trial that has passed hides no other one that cannot continue.
func TestLaterDeadlock(t *testing.T) {
	ts := newTrials(false)
	ts.Start(0)
	ts.End(0, TrialEnd{Outcome: Done})
	if _, ok := ts.BreakDeadlock(func(id TaskID) bool { return id == 4 }); !ok {
		t.Error("no member of the second trial was elected")
	}
}
