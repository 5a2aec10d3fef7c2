package progress

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"fleet/apply"
	"fleet/plan"
)

// progress returns the output without a terminal.
func progress(total int, events ...apply.Event) string {
	var b strings.Builder
	p := New(&b, Options{Total: total})
	for _, e := range events {
		p.Event(e)
	}
	p.Close()
	return b.String()
}

func TestProgressWithoutTerminal(t *testing.T) {
	same(t, "lines", progress(3, aRun()...), strings.Join([]string{
		"+ sandbox.web created (1.5s)",
		"x failed sandbox.db: the build failed",
		"x skipped sandbox.side: sandbox.db was not done", "",
	}, "\n"))
}

func TestProgressOfEveryAction(t *testing.T) {
	for _, action := range plan.Actions() {
		s := step("web", action)
		text := progress(1, ended(s, apply.Done, nil))
		if want := fmt.Sprintf("%c %s ", s.Action, s.Address); !strings.HasPrefix(text, want) || strings.Contains(text, "  (") {
			t.Errorf("%s is told as %q", s.Action, text)
		}
	}
}

func TestProgressOfLongErrors(t *testing.T) {
	got := progress(1, ended(step("web", plan.Create), apply.Failed, errors.New("the build failed:\nstep 3")))
	same(t, "line", got, "x failed sandbox.web: the build failed\n")
}

func TestProgressOfUnknownErrors(t *testing.T) {
	same(t, "line", progress(1, ended(step("web", plan.Create), apply.Interrupted, nil)), "x interrupted sandbox.web: unknown reason\n")
}

// Logs of builds are shown as they come, or with the builds that fail.
func TestProgressOfBuilds(t *testing.T) {
	web := step("web", plan.Create)
	events := []apply.Event{working(web, plan.DoCreate)}
	for i := range 3 {
		events = append(events, apply.Event{Phase: apply.Logged, Step: web, Text: fmt.Sprintf("line %d", i)})
	}
	var b strings.Builder
	p := New(&b, Options{Total: 2, Logs: true})
	for _, e := range events {
		p.Event(e)
	}
	p.Close()
	golden(t, "logs.txt", b.String())
	same(t, "of a good build", progress(1, append(events, ended(web, apply.Done, nil))...), "+ sandbox.web created (1.5s)\n")
	failed := progress(1, append(events, ended(web, apply.Failed, errors.New("the build failed")))...)
	for i := range 3 {
		if !strings.Contains(failed, fmt.Sprintf("line %d\n", i)) {
			t.Errorf("line %d is not told:\n%s", i, failed)
		}
	}
}

func TestProgressStops(t *testing.T) {
	web, db := step("web", plan.Create), step("db", plan.Create)
	drain := func(s *plan.Step) apply.Event {
		return apply.Event{Phase: apply.Draining, Step: s, Verb: plan.DoCreate, Err: apply.ErrStopped}
	}
	same(t, "lines", progress(2, working(web, plan.DoCreate), working(db, plan.DoCreate), drain(web), drain(db), ended(web, apply.Done, nil)), strings.Join([]string{
		"Stopping: no more steps are started; waiting for running steps. Press Ctrl-C again to exit at once.",
		"  create sandbox.web",
		"  create sandbox.db",
		"+ sandbox.web created (1.5s)", "",
	}, "\n"))
}

// TestStoppedStepsAreFolded: a Ctrl-C does not print a line for each of hundreds of steps.
func TestStoppedStepsAreFolded(t *testing.T) {
	var events []apply.Event
	for i := range 500 {
		s := step(fmt.Sprintf("worker[%d]", 499-i), plan.Create)
		if i%250 > 2 {
			events = append(events, ended(s, apply.Skipped, apply.ErrStopped))
		}
	}
	reason := errors.New("sandbox.base failed")
	events = append(events, ended(step("web", plan.Create), apply.Skipped, reason), ended(step("tail", plan.Create), apply.Skipped, apply.ErrStopped))
	for _, i := range []int{498, 248, 499, 249, 497, 247} {
		s := step(fmt.Sprintf("worker[%d]", i), plan.Create)
		events = append(events, apply.Event{Phase: apply.Draining, Step: s, Verb: plan.DoCreate, Err: apply.ErrStopped})
	}
	for i := range 8 {
		events = append(events, ended(step(fmt.Sprintf("s%d", i), plan.Create), apply.Interrupted, apply.ErrStopped))
	}
	same(t, "lines", progress(510, events...), strings.Join([]string{
		"x skipped sandbox.worker[0..246,250..496]: " + apply.ErrStopped.Error(),
		"x skipped sandbox.tail: " + apply.ErrStopped.Error(),
		"x skipped sandbox.web: sandbox.base failed",
		"Stopping: no more steps are started; waiting for running steps. Press Ctrl-C again to exit at once.",
		"  create sandbox.worker[247..249,497..499]",
		"x interrupted sandbox.s0, sandbox.s1, sandbox.s2, sandbox.s3, sandbox.s4, sandbox.s5, sandbox.s6, sandbox.s7: " + apply.ErrStopped.Error(), "",
	}, "\n"))
}

// A run that ends because of a failure does not mention Ctrl-C.
func TestProgressStopsAfterFailure(t *testing.T) {
	web := step("web", plan.Create)
	drained := apply.Event{Phase: apply.Draining, Step: web, Verb: plan.DoCreate}
	same(t, "lines", progress(1, working(web, plan.DoCreate), drained), strings.Join([]string{
		"Stopping: no more steps are started; waiting for running steps.",
		"  create sandbox.web", "",
	}, "\n"))
}

func TestProgressOfBlockedSteps(t *testing.T) {
	kept := with(step("kept", plan.Delete), blocked(plan.Protected, "it is protected", ""))
	same(t, "lines", progress(1, ended(kept, apply.Skipped, errors.New("blocked"))), "")
}

// While no step ends, lines list the running steps.
func TestHeartbeat(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var b strings.Builder
		p := New(&b, Options{Total: 40})
		for i := range 5 {
			p.Event(working(step(fmt.Sprintf("worker[%d]", i), plan.Create), plan.DoCreate))
		}
		time.Sleep(20 * time.Second)
		p.Event(ended(step("worker[0]", plan.Create), apply.Done, nil))
		time.Sleep(25 * time.Second)
		p.Event(apply.Event{Phase: apply.Pausing, Step: step("web[1]", plan.Replace), Text: "10m0s between two waves"})
		time.Sleep(41 * time.Second)
		p.Event(ended(step("worker[2]", plan.Create), apply.Failed, errors.New("no")))
		time.Sleep(31 * time.Second)
		p.Close()
		same(t, "lines", b.String(), strings.Join([]string{
			"+ sandbox.worker[0] created (1.5s)",
			"sandbox.web waits for 10m0s between two waves",
			"1 of 40 done, 4 in flight: sandbox.worker[1] create for 50s, sandbox.worker[2] create for 50s, sandbox.worker[3] create for 50s and 1 more; sandbox.web waits for 10m0s between two waves",
			"1 of 40 done, 4 in flight: sandbox.worker[1] create for 1m20s, sandbox.worker[2] create for 1m20s, sandbox.worker[3] create for 1m20s and 1 more; sandbox.web waits for 10m0s between two waves",
			"x failed sandbox.worker[2]: no",
			"1 of 40 done, 1 failed, 3 in flight: sandbox.worker[1] create for 1m56s, sandbox.worker[3] create for 1m56s, sandbox.worker[4] create for 1m56s; sandbox.web waits for 10m0s between two waves",
			"",
		}, "\n"))
	})
}

// What ended and is rolled back later has ended once.
func TestProgressOfRollbacks(t *testing.T) {
	c := newProgressState(3, time.Time{})
	web := step("web", plan.Replace)
	for _, e := range []apply.Event{
		working(web, plan.DoCreate), ended(web, apply.Done, nil),
		working(web, plan.DoDelete), ended(web, apply.RolledBack, nil),
	} {
		c.addEvent(e, time.Time{})
	}
	same(t, "counts", [3]int{c.endedCount(), c.counts[apply.Done], c.counts[apply.RolledBack]}, [3]int{1, 0, 1})
	same(t, "line", progress(3, ended(web, apply.RolledBack, nil)), "x rolled back sandbox.web: restored to its previous state\n")
}

// A writer that panics, as the last barrier may.
type bomb struct{}

func (bomb) Write([]byte) (int, error) { panic("cannot write") }

// A panic of the goroutine is repeated by Close.
func TestProgressPanics(t *testing.T) {
	p := New(bomb{}, Options{Total: 1})
	p.Event(ended(step("web", plan.Create), apply.Done, nil))
	p.Event(ended(step("db", plan.Create), apply.Done, nil))
	defer func() { same(t, "panic", recover(), any("cannot write")) }()
	p.Close()
}
