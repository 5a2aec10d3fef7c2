package apply

import (
	"errors"
	"strings"
	"testing"
	"time"

	"fleet/apply/internal/applytest"

	"fleet/client"
	"fleet/plan"
	"fleet/spec"
)

// A tryout is a run whose tasks are ended by the test.
type tryout struct {
	*loop
	t *testing.T
}

// tryOut prepares a run of replacements, each with the trial that its text names after a
// slash and, after another slash, the step that it waits for, as in "a x b/a/x".
func tryOut(t *testing.T, text string, change ...func(*plan.Step)) tryout {
	t.Helper()
	want := applytest.Resources(t)["sandbox.plain"]
	p := &plan.Plan{}
	for _, word := range strings.Fields(text) {
		key, trial, _ := strings.Cut(word, "/")
		trial, after, waits := strings.Cut(trial, "/")
		s := &plan.Step{
			Address: boxAt(key), Action: plan.Replace, ID: "id-of-" + key, Have: applytest.InRegion(""), Want: want,
			Ops: []plan.Op{{Verb: plan.DoDelete}, {Verb: plan.DoCreate}},
		}
		if trial != "" {
			s.TrialStep = boxAt(trial)
		}
		if waits {
			s.After = []spec.Address{boxAt(after)}
		}
		for _, f := range change {
			f(s)
		}
		p.Steps = append(p.Steps, s)
	}
	return newTryout(t, p, func(Event) {})
}

// newTryout prepares a run of a plan without a server.
func newTryout(t *testing.T, p *plan.Plan, notify func(Event)) tryout {
	p.Facts.Regions = map[string]string{"eu": "r1", "us": "r2"}
	l := newLoop(nil, p, Options{Parallelism: 99}, notify)
	l.start()
	return tryout{l, t}
}

func boxAt(key string) spec.Address { return spec.Address{Kind: spec.SandboxKind, Key: key} }

// starts gives all that may start to workers, and returns their keys.
func (r tryout) starts() string {
	var keys []string
	for number, ok := r.schedule.Next(time.Now()); ok; number, ok = r.schedule.Next(time.Now()) {
		s := r.tasks[number]
		s.start = time.Now()
		r.trials.Start(number)
		keys = append(keys, s.step.Address.Key)
	}
	return strings.Join(keys, " ")
}

// fails ends a task with an error at one of its operations: 0 is the deletion.
func (r tryout) fails(key string, at int, err error) {
	s := r.byAddress[boxAt(key)]
	s.work.OpIndex = at
	r.end(s, Failed, err)
}

func (r tryout) done(key string) { r.end(r.byAddress[boxAt(key)], Done, nil) }

// skipped returns the keys of the steps that were skipped, and one reason.
func (r tryout) skipped() (keys, reason string) {
	var list []string
	for _, s := range r.planTasks() {
		if s.result.Outcome == Skipped {
			list = append(list, s.step.Address.Key)
			reason = s.result.Err.Error()
		}
	}
	return strings.Join(list, " "), reason
}

func (r tryout) expect(what, starts, skipped, reason string) {
	r.t.Helper()
	if got := r.starts(); got != starts {
		r.t.Errorf("%s: %q start, want %q", what, got, starts)
	}
	got, why := r.skipped()
	if got != skipped || !strings.Contains(why, reason) {
		r.t.Errorf("%s: %q are skipped, want %q: %s", what, got, skipped, why)
	}
}

// TestTrialDecides checks what happens to the others after the first task of a request
// has ended.
func TestTrialDecides(t *testing.T) {
	const failed = "not started, and its sandbox is untouched: sandbox.a, which was tried first with the same create request, failed: "
	for name, c := range map[string]struct {
		end                     func(r tryout)
		starts, skipped, reason string
	}{
		"done":                          {func(r tryout) { r.done("a") }, "b c", "", ""},
		"its creation was refused":      {func(r tryout) { r.fails("a", 1, refused(client.Busy)) }, "", "b c", failed},
		"its deletion was refused":      {func(r tryout) { r.fails("a", 0, refused(client.Forbidden)) }, "b", "", ""},
		"its deletion may have begun":   {func(r tryout) { r.fails("a", 0, refused(client.Unreachable)) }, "", "b c", failed},
		"it was interrupted":            {func(r tryout) { r.end(r.byAddress[boxAt("a")], Interrupted, ErrStopped) }, "b", "", ""},
		"it was skipped":                {func(r tryout) { r.end(r.byAddress[boxAt("a")], Skipped, errors.New("x")) }, "b", "a", "x"},
		"it was interrupted after that": {func(r tryout) { s := r.byAddress[boxAt("a")]; s.work.OpIndex = 1; r.end(s, Interrupted, ErrStopped) }, "b", "", ""},
	} {
		r := tryOut(t, "a b/a c/a")
		if got := r.starts(); got != "a" {
			t.Fatalf("%s: %q start at first, want a", name, got)
		}
		c.end(r)
		r.expect(name, c.starts, c.skipped, c.reason)
	}
}

// TestTrialIsFollowed checks that the next task becomes the trial if the first proves
// nothing, that it then decides, and that the first of the others is the trial if the
// planned one is not part of the run.
func TestTrialIsFollowed(t *testing.T) {
	r := tryOut(t, "a b/a c/a d/a")
	r.starts()
	r.fails("a", 0, refused(client.Forbidden))
	r.expect("after the first", "b", "", "")
	r.end(r.byAddress[boxAt("c")], Skipped, errors.New("x"))
	r.expect("after another one", "", "c", "x")
	r.done("b")
	r.expect("after the second", "d", "c", "x")

	r = tryOut(t, "b/a c/a d/a")
	r.expect("without the plan's", "b", "", "")
	r.done("b")
	r.expect("after the first there is", "c d", "", "")
}

// TestTrialAfterItPassed checks what a failure means after the trial: the others
// continue unless they would be refused for the same reason.
func TestTrialAfterItPassed(t *testing.T) {
	const refusal = "not started, and its sandbox is untouched: sandbox.b, which was tried before, was refused: "
	for name, c := range map[string]struct {
		err     error
		at      int
		starts  string
		skipped string
		reason  string
	}{
		"content":                {refused(client.BadRequest), 1, "", "c d", refusal},
		"passing":                {refused(client.Busy), 1, "c", "", ""},
		"nothing was lost by it": {refused(client.BadRequest), 0, "c d", "", ""},
	} {
		r := tryOut(t, "x a b/a c/a/x d/a/x")
		if got := r.starts(); got != "x a" {
			t.Fatalf("%s: %q start at first, want x and a", name, got)
		}
		r.done("a")
		if got := r.starts(); got != "b" {
			t.Fatalf("%s: %q start, want b", name, got)
		}
		r.fails("b", c.at, c.err)
		r.done("x")
		r.expect(name, c.starts, c.skipped, c.reason)
		if c.starts == "c" {
			r.done("c")
			r.expect(name+", and the next trial is done", "d", "", "")
		}
	}
}

// TestTrialOfOthersAfterARefusal checks which other trials a refusal stops: all, if it
// concerns the organization, or if two of them met the same one and none succeeded in
// between.
func TestTrialOfOthersAfterARefusal(t *testing.T) {
	for name, c := range map[string]struct {
		end     func(r tryout)
		skipped string
	}{
		"the organization": {func(r tryout) { r.fails("a", 1, refused(client.Suspended)) }, "a2 b2 c2"},
		"a request":        {func(r tryout) { r.fails("a", 1, refused(client.NotFound)) }, "a2"},
		"the same twice": {func(r tryout) {
			r.fails("a", 1, refused(client.NotFound))
			r.fails("b", 1, refused(client.NotFound))
		}, "a2 b2 c2"},
		"two things": {func(r tryout) {
			r.fails("a", 1, refused(client.NotFound))
			r.fails("b", 1, refused(client.BadRequest))
		}, "a2 b2"},
		"the same, with a success between": {func(r tryout) {
			r.fails("a", 1, refused(client.NotFound))
			r.done("c")
			r.fails("b", 1, refused(client.NotFound))
		}, "a2 b2"},
	} {
		r := tryOut(t, "a a2/a b b2/b c c2/c")
		r.starts()
		c.end(r)
		if got, _ := r.skipped(); got != c.skipped {
			t.Errorf("%s: %q are skipped, want %q", name, got, c.skipped)
		}
	}
}

// TestTrialOfEachRequest checks that steps that share no request do not wait for each
// other.
func TestTrialOfEachRequest(t *testing.T) {
	r := tryOut(t, "x y z")
	r.expect("alone", "x y z", "", "")
}

// TestTrialOfAnotherRegion checks that a shortage stops the trials of its region, and a
// suspension all.
func TestTrialOfAnotherRegion(t *testing.T) {
	all := applytest.Resources(t)
	for class, want := range map[client.ErrorClass]string{client.QuotaExceeded: "a2 b2", client.NoCapacity: "a2 b2", client.Suspended: "a2 b2 c2"} {
		r := tryOut(t, "a a2/a b b2/b c c2/c", func(s *plan.Step) {
			s.Want = all["sandbox.eu"]
			if strings.HasPrefix(s.Address.Key, "c") {
				s.Want = all["sandbox.us"]
			}
		})
		r.starts()
		r.fails("a", 1, refused(class))
		if got, _ := r.skipped(); got != want {
			t.Errorf("%s: %q are skipped, want %q", class, got, want)
		}
	}
}

// TestTrialThatFailsTwice checks that the same cause within one request does not concern
// others.
func TestTrialThatFailsTwice(t *testing.T) {
	r := tryOut(t, "x a b/a c/a/x d/a/y y y2/y")
	r.starts()
	r.done("a")
	r.expect("after the trial", "b", "", "")
	r.done("x")
	r.starts()
	r.fails("b", 1, refused(client.ServerError))
	r.fails("c", 1, refused(client.ServerError))
	r.expect("after two failures", "", "d", "sandbox.c, which was tried first")
}

// TestTrialOfAnotherRequestIsNamed checks the reason of steps that the refusal of
// another request stops.
func TestTrialOfAnotherRequestIsNamed(t *testing.T) {
	r := tryOut(t, "a b b2/b")
	r.starts()
	r.fails("a", 1, refused(client.Suspended))
	r.expect("suspended", "", "b2", "sandbox.a, which was tried before, was refused: ")
}

// TestTrialIsFollowedByWhatIsLeft checks that a task that has ended does not become the
// trial.
func TestTrialIsFollowedByWhatIsLeft(t *testing.T) {
	r := tryOut(t, "a b/a c/a")
	r.starts()
	r.end(r.byAddress[boxAt("b")], Skipped, errors.New("x"))
	r.fails("a", 0, refused(client.Forbidden))
	r.expect("the next but one", "c", "b", "x")
}

// refused returns the error of a request that the server refused.
func refused(class client.ErrorClass) error { return &client.Error{Class: class, Message: "no"} }
