package admission

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"fleet/plan"
	"fleet/spec"
)

// noTrials is for rollouts whose tasks wait for no trial.
func noTrials(TaskID) (TaskID, bool) { return 0, false }

// summary writes a decision as words, in the order in which it is carried out.
func summary(d Decision) string {
	var words []string
	list := func(name string, ids []TaskID) {
		if len(ids) > 0 {
			words = append(words, name+strings.ReplaceAll(fmt.Sprint(ids), " ", ","))
		}
	}
	if d.Pause != nil {
		words = append(words, fmt.Sprintf("pause:%s,wave=%d,first=%d", d.Pause.Length, d.Pause.Wave, d.Pause.First))
	}
	list("rollback", d.RollBack)
	list("admit", d.Admit)
	list("retain", d.Retained)
	list("skip", d.Skip)
	if d.Abandon != nil {
		words = append(words, "abandon")
	}
	return strings.Join(words, " ")
}

// TestRollout runs rollouts of two waves with two tasks each, and a task of wave 0 if
// repairs is set. Events: end of a task ("done 1", "failed 1", "skipped 1"; with "!"
// its sandbox was disrupted), "pass 5s", "stop", and "join 9" for a rollback. What is
// decided after each event, by the end or by Next, is compared.
func TestRollout(t *testing.T) {
	for _, c := range []struct {
		name    string
		plan    plan.Rollout
		repairs bool
		events  string
		want    string
	}{
		{
			"waves follow each other",
			plan.Rollout{},
			false, "done! 0, done! 1, done! 2, done! 3",
			"admit[0,1]; ; admit[2,3]; ; ",
		},
		{
			"at most one is unavailable",
			plan.Rollout{MaxUnavailable: 1},
			false, "done! 0, done! 1, done! 2",
			"admit[0]; admit[1]; admit[2]; admit[3]",
		},
		{
			"a pause between waves",
			plan.Rollout{PauseSeconds: 60},
			false, "done! 0, done! 1, pass 59s, pass 1s",
			"admit[0,1]; ; pause:1m0s,wave=2,first=2; ; admit[2,3]",
		},
		{
			"a failure abandons the rollout",
			plan.Rollout{},
			false, "failed! 0, done! 1",
			"admit[0,1]; abandon; ",
		},
		{
			"failures up to max_failures are tolerated",
			plan.Rollout{Waves: []plan.Wave{{Steps: 2, MaxFailures: 1}, {Steps: 2}}},
			false, "failed! 0, done! 1",
			"admit[0,1]; ; admit[2,3]",
		},
		{
			"on_failure: continue",
			plan.Rollout{OnFailure: spec.ContinueRollout},
			false, "failed! 0, failed! 1",
			"admit[0,1]; ; admit[2,3]",
		},
		{
			"a canary ends it all the same",
			plan.Rollout{OnFailure: spec.ContinueRollout, Waves: []plan.Wave{{Steps: 2, Canary: true}, {Steps: 2}}},
			false, "failed! 0",
			"admit[0,1]; abandon",
		},
		{
			"the wave is rolled back once all of it has ended",
			plan.Rollout{OnFailure: spec.RollBack},
			false, "failed! 0, done! 1, join 9, done! 9",
			"admit[0,1]; abandon; rollback[0,1]; admit[9]; ",
		},
		{
			"a stopped run rolls nothing back",
			plan.Rollout{OnFailure: spec.RollBack},
			false, "failed! 0, stop, done! 1",
			"admit[0,1]; abandon; ; retain[1]",
		},
		{
			"what was changed before the stop is retained",
			plan.Rollout{OnFailure: spec.RollBack},
			false, "done! 0, failed! 1, stop",
			"admit[0,1]; ; abandon rollback[0,1]; ",
		},
		{
			"a broken sandbox counts as unavailable until it is repaired",
			plan.Rollout{MaxUnavailable: 1, Unavailable: 1, Members: 5},
			true, "done 8",
			"; admit[0]",
		},
		{
			"a repair that fails leaves the rollout stuck",
			plan.Rollout{MaxUnavailable: 1, Unavailable: 1, Members: 5},
			true, "failed 8",
			"; abandon",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.plan.Waves == nil {
				c.plan.Waves = []plan.Wave{{Steps: 2}, {Steps: 2}}
			}
			o := NewRollout(&c.plan)
			for id := range TaskID(4) {
				o.Join(id, Member{Wave: 1 + int(id)/2, Usable: true})
				o.Hold(id)
			}
			if c.repairs {
				o.Join(8, Member{})
			}
			now := time.Unix(0, 0)
			got := []string{summary(o.Next(now, noTrials))}
			for _, event := range strings.Split(c.events, ", ") {
				decided := apply(t, o, event, &now)
				if next := summary(o.Next(now, noTrials)); decided != "" && next != "" {
					decided += " " + next
				} else {
					decided += next
				}
				got = append(got, decided)
			}
			if text := strings.Join(got, "; "); text != c.want {
				t.Errorf("got  %s\nwant %s", text, c.want)
			}
		})
	}
}

// apply carries out one event of TestRollout.
func apply(t *testing.T, o *Rollout, event string, now *time.Time) string {
	t.Helper()
	verb, rest, _ := strings.Cut(event, " ")
	if verb == "stop" {
		return summary(o.Stop())
	}
	if verb == "pass" {
		d, err := time.ParseDuration(rest)
		if err != nil {
			t.Fatal(err)
		}
		*now = now.Add(d)
		return ""
	}
	var id TaskID
	if _, err := fmt.Sscan(rest, &id); err != nil {
		t.Fatal(err)
	}
	if verb == "join" {
		o.JoinRollback(id, false)
		o.Hold(id)
		return ""
	}
	verb, disrupted := strings.CutSuffix(verb, "!")
	outcome := map[string]Outcome{"done": Done, "failed": Failed, "skipped": NotDone}[verb]
	return summary(o.End(id, outcome, disrupted))
}

// TestHeldByTrial: a task that waits for a trial is not admitted, and a rollout that
// only waits for the trial of another group is not stuck.
func TestHeldByTrial(t *testing.T) {
	o := NewRollout(&plan.Rollout{Waves: []plan.Wave{{Steps: 2}}})
	for id := range TaskID(2) {
		o.Join(id, Member{Wave: 1, Usable: true})
		o.Hold(id)
	}
	waiting := true
	trialOf := func(TaskID) (TaskID, bool) { return 7, waiting }
	if got := summary(o.Next(time.Time{}, trialOf)); got != "" {
		t.Errorf("before the trial: %s", got)
	}
	waiting = false
	if got := summary(o.Next(time.Time{}, trialOf)); got != "admit[0,1]" {
		t.Errorf("after the trial: %s", got)
	}
}
