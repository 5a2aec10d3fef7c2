package admission

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"fleet/client"
	"fleet/spec"
)

var (
	badRequest = &client.Error{Class: client.BadRequest, Message: "no such snapshot"}
	otherBad   = &client.Error{Class: client.BadRequest, Message: "no such user"}
	noQuota    = &client.Error{Class: client.QuotaExceeded}
	noCapacity = &client.Error{Class: client.NoCapacity}
	serverDown = &client.Error{Class: client.ServerError}
	errFailed  = errors.New("it went into state error")
)

func root(key string) spec.Address { return spec.Address{Kind: spec.SandboxKind, Key: key} }

// newTrials returns two trials: tasks 0 to 2 share one create request, 3 and 4 another,
// and task 5 creates only and leads the second if creates is set.
func newTrials(creates bool) *Trials {
	ts := NewTrials()
	for id := range TaskID(3) {
		ts.Join(root("a"), Candidate{ID: id, Region: "eu"})
	}
	for id := TaskID(3); id < 5; id++ {
		ts.Join(root("b"), Candidate{ID: id, Region: "us"})
	}
	if creates {
		ts.Lead(root("b"), 5)
	}
	return ts
}

// TestTrials: what the end of a task decides about the others.
func TestTrials(t *testing.T) {
	rollout := &Rollout{}
	for _, c := range []struct {
		name    string
		creates bool     // task 5 leads the second trial
		started []TaskID // before the ends
		ends    []trialEnd
		want    string // after each end, separated by semicolons
		waiting string // tasks that wait at the end
	}{
		{"the first is done", false, nil, []trialEnd{{0, TrialEnd{Outcome: Done}}}, "release[1 2]", "4"},
		{"the first is refused", false, nil, []trialEnd{{0, TrialEnd{Outcome: Failed, Lost: true, Risky: true, Err: badRequest}}}, "skip[1 2]", "1 2 4"},
		{"the first fails before it risks anything", false, nil, []trialEnd{{0, TrialEnd{Outcome: Failed, Risky: true, Err: badRequest}}}, "release[1 2]", "2 4"},
		{"the first is interrupted", false, nil, []trialEnd{{0, TrialEnd{Outcome: NotDone}}}, "release[1 2]", "2 4"},
		{
			"a later refusal that would recur", false, nil,
			[]trialEnd{{0, TrialEnd{Outcome: Done}}, {1, TrialEnd{Outcome: Failed, Lost: true, Risky: true, Err: badRequest}}},
			"release[1 2]; skip[2]", "4",
		},
		{
			"a later failure of this sandbox only", false, nil,
			[]trialEnd{{0, TrialEnd{Outcome: Done}}, {1, TrialEnd{Outcome: Failed, Lost: true, Risky: true, Err: serverDown}}},
			"release[1 2]; ", "4",
		},
		{
			"the same cause twice concerns all", false, nil,
			[]trialEnd{{0, TrialEnd{Outcome: Failed, Lost: true, Risky: true, Err: serverDown}}, {3, TrialEnd{Outcome: Failed, Lost: true, Risky: true, Err: serverDown}}},
			"skip[1 2]; skip[4]", "1 2 4",
		},
		{
			"a success between the two", false, nil,
			[]trialEnd{{0, TrialEnd{Outcome: Failed, Lost: true, Risky: true, Err: serverDown}}, {3, TrialEnd{Outcome: Done}}, {4, TrialEnd{Outcome: Failed, Lost: true, Risky: true, Err: otherBad}}},
			"skip[1 2]; release[4]; skip[]", "1 2",
		},
		{"no quota in one region", false, nil, []trialEnd{{0, TrialEnd{Outcome: Failed, Lost: true, Risky: true, Err: noQuota, Region: "eu"}}}, "skip[1 2]", "1 2 4"},
		{"no quota in an unknown region", false, nil, []trialEnd{{0, TrialEnd{Outcome: Failed, Lost: true, Risky: true, Err: noQuota}}}, "skip[1 2] skip[3 4]", "1 2 4"},
		{"a creation finds no quota", true, nil, []trialEnd{{5, TrialEnd{Outcome: Failed, Lost: true, Err: noQuota}}}, "release[3 4]", "1 2 4"},
		{"a creation is refused", true, nil, []trialEnd{{5, TrialEnd{Outcome: Failed, Lost: true, Err: badRequest}}}, "skip[3 4]", "1 2 3 4"},
		{"its name is taken", true, nil, []trialEnd{{5, TrialEnd{Outcome: Failed, Lost: true, Err: errFailed, NameTaken: true}}}, "release[3 4]", "1 2 4"},
		{
			"a failure that the rollout tolerates skips the members of others", false, nil,
			[]trialEnd{{0, TrialEnd{Outcome: Failed, Lost: true, Risky: true, Err: errFailed, Tolerated: true, Rollout: rollout}}},
			"skip[1 2] release[1 2]", "4",
		},
		{
			"a task of no trial", false, nil,
			[]trialEnd{{9, TrialEnd{Outcome: Failed, Lost: true, Err: badRequest}}},
			"", "1 2 4",
		},
		{
			"what has started continues, and no task starts twice", false,
			[]TaskID{1},
			[]trialEnd{{0, TrialEnd{Outcome: Failed, Lost: true, Risky: true, Err: badRequest}}},
			"skip[2]", "2 4",
		},
		{
			"a member that was skipped is not tried next", false, nil,
			[]trialEnd{{1, TrialEnd{Outcome: NotDone}}, {0, TrialEnd{Outcome: NotDone}}},
			"; release[1 2]", "4",
		},
		{
			"a member that has started is not tried next", false,
			[]TaskID{1},
			[]trialEnd{{0, TrialEnd{Outcome: NotDone}}},
			"release[1 2]", "4",
		},
		{
			"another member fails before the first ends", false,
			[]TaskID{1},
			[]trialEnd{{1, TrialEnd{Outcome: Failed, Risky: true, Err: badRequest}}, {0, TrialEnd{Outcome: Done}}},
			"; release[1 2]", "4",
		},
		{
			"a trial that has failed never passes", false,
			[]TaskID{1},
			[]trialEnd{{0, TrialEnd{Outcome: Failed, Lost: true, Risky: true, Err: badRequest}}, {1, TrialEnd{Outcome: Done}}},
			"skip[2]; ", "2 4",
		},
		{
			"a first task that was retried and is done changes nothing then", false, nil,
			[]trialEnd{{3, TrialEnd{Outcome: Failed, Lost: true, Risky: true, Err: noQuota}}, {0, TrialEnd{Outcome: Done}}},
			"skip[0 1 2] skip[4]; ", "1 2 4",
		},
		{
			"after a later failure another member is tried", false, nil,
			[]trialEnd{{0, TrialEnd{Outcome: Done}}, {1, TrialEnd{Outcome: Failed, Lost: true, Risky: true, Err: serverDown}}, {2, TrialEnd{Outcome: Failed, Risky: true, Err: serverDown}}},
			"release[1 2]; ; ", "4",
		},
		{
			"a done member of a trial that has passed changes nothing", false, nil,
			[]trialEnd{{0, TrialEnd{Outcome: Done}}, {0, TrialEnd{Outcome: NotDone}}},
			"release[1 2]; ", "4",
		},
		{
			"a creation that risks nothing and was not sent", true, nil,
			[]trialEnd{{5, TrialEnd{Outcome: Failed, Err: noQuota}}},
			"release[3 4]", "1 2 4",
		},
		{
			"a creation finds no capacity", true, nil,
			[]trialEnd{{5, TrialEnd{Outcome: Failed, Lost: true, Err: noCapacity}}},
			"release[3 4]", "1 2 4",
		},
		{
			"a tolerated failure after the trial has passed", false, nil,
			[]trialEnd{{0, TrialEnd{Outcome: Done}}, {1, TrialEnd{Outcome: Failed, Lost: true, Risky: true, Err: badRequest, Tolerated: true}}},
			"release[1 2]; skip[2]", "4",
		},
		{
			"a tolerated failure before anything was lost", false, nil,
			[]trialEnd{{0, TrialEnd{Outcome: Failed, Risky: true, Err: errFailed, Tolerated: true}}},
			"release[1 2]", "2 4",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			ts := newTrials(c.creates)
			for id := range TaskID(5) {
				if _, waits := ts.Waits(id); waits {
					ts.Hold(id)
				}
			}
			for _, id := range c.started {
				ts.Start(id)
			}
			var got []string
			for _, e := range c.ends {
				ts.Start(e.id)
				e.Cause = e.Err
				d := ts.End(e.id, e.TrialEnd)
				var words []string
				for _, s := range d.Skip {
					words = append(words, fmt.Sprint("skip", s.Tasks))
				}
				if len(d.Release) > 0 {
					words = append(words, fmt.Sprint("release", d.Release))
				}
				got = append(got, strings.Join(words, " "))
			}
			if text := strings.Join(got, "; "); text != c.want {
				t.Errorf("got  %s\nwant %s", text, c.want)
			}
			var waiting []string
			for id := range TaskID(5) {
				if _, waits := ts.Waits(id); waits {
					waiting = append(waiting, fmt.Sprint(id))
				}
			}
			if text := strings.Join(waiting, " "); text != c.waiting {
				t.Errorf("%s wait, want %s", text, c.waiting)
			}
		})
	}
}

type trialEnd struct {
	id TaskID
	TrialEnd
}

// TestBreakDeadlock: if the first task cannot start, a member that can takes its place.
func TestBreakDeadlock(t *testing.T) {
	ts := newTrials(false)
	ts.Hold(1)
	released, ok := ts.BreakDeadlock(func(id TaskID) bool { return id == 1 || id == 3 })
	if first, _ := ts.Waits(0); !ok || first != 1 || len(released) != 1 {
		t.Errorf("task %d is first, released %v, %t", first, released, ok)
	}
	if _, ok := ts.BreakDeadlock(func(TaskID) bool { return false }); ok {
		t.Error("no task can start, and one was elected")
	}
}

// TestSkipReason: the reason names the task that failed, and how that concerns the one
// that is skipped.
func TestSkipReason(t *testing.T) {
	ts := newTrials(false)
	end := func(id TaskID, err error) string {
		ts.Start(id)
		e := TrialEnd{Address: root("x"), Outcome: Failed, Lost: true, Risky: true, Err: err, Cause: err}
		if err == nil {
			e = TrialEnd{Outcome: Done}
		}
		var reasons []string
		for _, s := range ts.End(id, e).Skip {
			reasons = append(reasons, s.Reason.Error())
		}
		return strings.Join(reasons, "; ")
	}
	const prefix = "not started, and its sandbox is untouched: sandbox.x, "
	if got := end(3, badRequest); got != prefix+"which was tried first with the same create request, failed: "+badRequest.Error() {
		t.Errorf("the first task: %s", got)
	}
	end(0, nil)
	if got := end(1, otherBad); got != prefix+"which was tried before, was refused: "+otherBad.Error() {
		t.Errorf("a later task: %s", got)
	}
}

// TestIncreasedUsage: a creation that finds no quota stops replacements that need more of
// it than they free.
func TestIncreasedUsage(t *testing.T) {
	ts := NewTrials()
	ts.Join(root("a"), Candidate{ID: 0, IncreasesUsage: true})
	ts.Lead(root("a"), 5)
	d := ts.End(5, TrialEnd{Outcome: Failed, Lost: true, Err: noQuota, Cause: noQuota})
	if len(d.Skip) != 1 || len(d.Skip[0].Tasks) != 1 {
		t.Errorf("got %v", d)
	}
}

// TestNoDeadlock: trials that have passed or failed need no other first task.
func TestNoDeadlock(t *testing.T) {
	ts := newTrials(false)
	ts.Start(0)
	ts.End(0, TrialEnd{Outcome: Done})
	ts.Start(3)
	ts.End(3, TrialEnd{Outcome: Failed, Lost: true, Risky: true, Err: badRequest, Cause: badRequest})
	if released, ok := ts.BreakDeadlock(func(id TaskID) bool { return id == 1 || id == 4 }); ok {
		t.Errorf("a task was elected, and %v released", released)
	}
	ts = newTrials(false)
	if _, ok := ts.BreakDeadlock(func(id TaskID) bool { return id < 2 }); ok {
		t.Error("the first task can start, and another one was elected")
	}
}
