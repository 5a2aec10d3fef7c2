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

// TestRollout runs rollouts of two waves: tasks 0 and 1, and tasks 2 and 3. All are ready
// from the start, except those of late. Task 8 repairs a sandbox if repairs is set.
// Events: the end of a task ("done 1", "failed 1", "skipped 1"; with "!" its sandbox was
// disrupted), "pass 5s", "stop", "hold 1" for a late task, "join 9" for a rollback, and
// "join! 9" for one that disrupts a usable sandbox. What is decided after each event, by
// it or by Next, is compared.
func TestRollout(t *testing.T) {
	for _, c := range []struct {
		name    string
		plan    plan.Rollout
		repairs bool
		late    int // tasks up to this one are ready; 0 for all
		broken  int // tasks before this one have a sandbox that cannot be used
		events  string
		want    string
	}{
		{
			"waves follow each other",
			plan.Rollout{},
			false, 0, 0, "done! 0, done! 1, done! 2, done! 3",
			"admit[0,1]; ; admit[2,3]; ; ",
		},
		{
			"at most one is unavailable",
			plan.Rollout{MaxUnavailable: 1},
			false, 0, 0, "done! 0, done! 1, done! 2",
			"admit[0]; admit[1]; admit[2]; admit[3]",
		},
		{
			"a pause between waves",
			plan.Rollout{PauseSeconds: 60},
			false, 0, 0, "done! 0, done! 1, pass 59s, pass 1s",
			"admit[0,1]; ; pause:1m0s,wave=2,first=2; ; admit[2,3]",
		},
		{
			"a failure abandons the rollout",
			plan.Rollout{},
			false, 0, 0, "failed! 0, done! 1",
			"admit[0,1]; abandon; ",
		},
		{
			"failures up to max_failures are tolerated",
			plan.Rollout{Waves: []plan.Wave{{Steps: 2, MaxFailures: 1}, {Steps: 2}}},
			false, 0, 0, "failed! 0, done! 1",
			"admit[0,1]; ; admit[2,3]",
		},
		{
			"on_failure: continue",
			plan.Rollout{OnFailure: spec.ContinueRollout},
			false, 0, 0, "failed! 0, failed! 1",
			"admit[0,1]; ; admit[2,3]",
		},
		{
			"a canary ends it all the same",
			plan.Rollout{OnFailure: spec.ContinueRollout, Waves: []plan.Wave{{Steps: 2, Canary: true}, {Steps: 2}}},
			false, 0, 0, "failed! 0",
			"admit[0,1]; abandon",
		},
		{
			"the wave is rolled back once all of it has ended",
			plan.Rollout{OnFailure: spec.RollBack},
			false, 0, 0, "failed! 0, done! 1, join 9, done! 9",
			"admit[0,1]; abandon; rollback[0,1]; admit[9]; ",
		},
		{
			"a stopped run rolls nothing back",
			plan.Rollout{OnFailure: spec.RollBack},
			false, 0, 0, "failed! 0, stop, done! 1",
			"admit[0,1]; abandon; ; retain[1]",
		},
		{
			"what was changed before the stop is retained",
			plan.Rollout{OnFailure: spec.RollBack},
			false, 0, 0, "done! 0, failed! 1, stop",
			"admit[0,1]; ; abandon rollback[0,1]; ",
		},
		{
			"a broken sandbox counts as unavailable until it is repaired",
			plan.Rollout{MaxUnavailable: 1, Unavailable: 1, Members: 5},
			true, 0, 0, "done 8",
			"; admit[0]",
		},
		{
			"a repair that fails leaves the rollout stuck",
			plan.Rollout{MaxUnavailable: 1, Unavailable: 1, Members: 5},
			true, 0, 0, "failed 8",
			"; abandon",
		},
		{
			"a sandbox that was not touched is still available",
			plan.Rollout{MaxUnavailable: 1, OnFailure: spec.ContinueRollout},
			false, 0, 0, "failed 0",
			"admit[0]; admit[1]",
		},
		{
			"a sandbox that was touched is not",
			plan.Rollout{MaxUnavailable: 1, OnFailure: spec.ContinueRollout},
			false, 0, 0, "failed! 0",
			"admit[0]; abandon",
		},
		{
			"a task that never started has changed nothing",
			plan.Rollout{MaxUnavailable: 1},
			false, 0, 0, "skipped 1, done! 0",
			"admit[0]; ; admit[2]",
		},
		{
			"a broken sandbox of a wave takes none out of use",
			plan.Rollout{MaxUnavailable: 1, Unavailable: 1},
			false, 0, 1, "done! 0",
			"admit[0]; admit[1]",
		},
		{
			"a wave waits for tasks that are not ready",
			plan.Rollout{},
			false, 1, 0, "done! 0, hold 1",
			"admit[0]; ; admit[1]",
		},
		{
			"a wave is stuck only once all of its tasks are ready",
			plan.Rollout{MaxUnavailable: 1, Unavailable: 1},
			false, 1, 0, "pass 1s, hold 1",
			"; ; abandon",
		},
		{
			"a stopped run does not pause",
			plan.Rollout{PauseSeconds: 60},
			false, 0, 0, "stop, done! 0, done! 1",
			"admit[0,1]; ; ; admit[2,3]",
		},
		{
			"no pause before a wave that has ended",
			plan.Rollout{PauseSeconds: 60},
			false, 0, 0, "skipped 2, skipped 3, done! 0, done! 1, pass 1s",
			"admit[0,1]; ; ; ; ; ",
		},
		{
			"a stopped run without a failure retains nothing",
			plan.Rollout{OnFailure: spec.RollBack},
			false, 0, 0, "done! 0, stop, skipped 1",
			"admit[0,1]; ; ; admit[2,3]",
		},
		{
			"a rollout is abandoned once",
			plan.Rollout{},
			false, 0, 0, "failed! 0, failed! 1",
			"admit[0,1]; abandon; ",
		},
		{
			"a failure after the stop rolls nothing back",
			plan.Rollout{OnFailure: spec.RollBack},
			false, 0, 0, "stop, failed! 0, done! 1",
			"admit[0,1]; ; abandon; retain[1]",
		},
		{
			"a rollback that would leave too few is skipped",
			plan.Rollout{MaxUnavailable: 1, OnFailure: spec.RollBack},
			false, 0, 0, "failed! 0, join! 9",
			"admit[0]; abandon rollback[0]; skip[9]",
		},
		{
			"a pause before a wave with one task left",
			plan.Rollout{PauseSeconds: 60},
			false, 0, 0, "skipped 3, done! 0, done! 1, pass 60s",
			"admit[0,1]; ; ; pause:1m0s,wave=2,first=2; admit[2]",
		},
		{
			"a task that was not admitted does not count as in flight",
			plan.Rollout{OnFailure: spec.RollBack},
			false, 0, 0, "skipped 2, failed! 0, done! 1",
			"admit[0,1]; ; abandon; rollback[0,1]",
		},
		{
			"only the wave that failed is rolled back",
			plan.Rollout{OnFailure: spec.RollBack},
			false, 0, 0, "done! 0, done! 1, failed! 2, done! 3",
			"admit[0,1]; ; admit[2,3]; abandon; rollback[2,3]",
		},
		{
			"a rollback that was skipped does not count as in flight",
			plan.Rollout{MaxUnavailable: 1, OnFailure: spec.RollBack},
			false, 0, 0, "failed! 0, join! 9, skipped 9, join 7, join! 6",
			"admit[0]; abandon rollback[0]; skip[9]; ; admit[7]; ",
		},
		{
			"but not if another rollback may help",
			plan.Rollout{MaxUnavailable: 1, OnFailure: spec.RollBack},
			false, 0, 0, "failed! 0, join 8, join! 9, done 8, done! 9",
			"admit[0]; abandon rollback[0]; admit[8]; ; admit[9]; ",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.plan.Waves == nil {
				c.plan.Waves = []plan.Wave{{Steps: 2}, {Steps: 2}}
			}
			o := NewRollout(&c.plan)
			for id := range TaskID(4) {
				o.Join(id, Member{Wave: 1 + int(id)/2, Usable: int(id) >= c.broken})
				if c.late == 0 || int(id) < c.late {
					o.Hold(id)
				}
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
	verb, disrupted := strings.CutSuffix(verb, "!")
	switch verb {
	case "join":
		o.JoinRollback(id, disrupted)
		fallthrough
	case "hold":
		o.Hold(id)
		return ""
	}
	outcome := map[string]Outcome{"done": Done, "failed": Failed, "skipped": NotDone}[verb]
	return summary(o.End(id, outcome, disrupted))
}
