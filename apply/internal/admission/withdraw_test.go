package admission

import (
	"testing"
	"time"

	"fleet/plan"
)

// TestWithdraw: a task whose admission is withdrawn leaves its place to another one, and
// is admitted again when there is a place.
func TestWithdraw(t *testing.T) {
	for usable, want := range map[bool][]string{
		true:  {"admit[0]", "admit[1]", "", "admit[0]"},
		false: {"admit[0,1]", "", "admit[0]", ""}, // one that cannot be used needs no place
	} {
		o := NewRollout(&plan.Rollout{Waves: []plan.Wave{{Steps: 2}}, MaxUnavailable: 1})
		for id := range TaskID(2) {
			o.Join(id, Member{Wave: 1, Usable: usable || id == 1})
			o.Hold(id)
		}
		next := func(i int) {
			t.Helper()
			if got := summary(o.Next(time.Time{}, noTrials)); got != want[i] {
				t.Errorf("usable %t, step %d: got %q, want %q", usable, i, got, want[i])
			}
		}
		next(0)
		if !o.Withdraw(0) || o.Withdraw(0) || !o.AwaitsAdmission(0) {
			t.Errorf("usable %t: an admission is withdrawn once", usable)
		}
		next(1)
		o.Hold(0)
		next(2)
		o.End(1, Done, true)
		next(3)
	}
}

// TestWithdrawnIsNotInFlight: a rollout whose only admitted task was withdrawn is stuck if
// no sandbox may be taken out of use.
func TestWithdrawnIsNotInFlight(t *testing.T) {
	o := NewRollout(&plan.Rollout{Waves: []plan.Wave{{Steps: 1}}, MaxUnavailable: 1})
	o.Join(0, Member{Wave: 1, Usable: true})
	o.Hold(0)
	o.Next(time.Time{}, noTrials)
	o.Withdraw(0)
	o.Hold(0)
	o.unavailable++
	if got := summary(o.Next(time.Time{}, noTrials)); got != "abandon" {
		t.Errorf("got %q", got)
	}
}
