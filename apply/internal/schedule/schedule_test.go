package schedule

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"fleet/plan"
	"fleet/spec"
)

// A run drives a schedule by a script of events, in fake time.
type run struct {
	t     *testing.T
	s     *Schedule
	names map[string]TaskID
	now   time.Time
	log   []string
}

// step carries out one event and records the tasks that start, or that can never
// start, because of it.
func (r *run) step(event string) {
	verb, name, _ := strings.Cut(event, " ")
	id := r.names[name]
	switch verb {
	case "start":
		r.s.Enqueue(id)
	case "admit":
		r.s.Admit(id)
	case "wait": // the worker returns the task, which continues later
		r.s.Returned(id, r.now, Sample{Verb: plan.DoCreate, Start: r.now})
	case "resume":
		r.s.Enqueue(id)
	case "freed":
		r.s.SetTurn(id, 1, r.now)
	case "refused": // by the quota
		r.s.Returned(id, r.now, Sample{Verb: plan.DoCreate, Start: r.now})
		r.log = append(r.log, fmt.Sprintf("wait=%t", r.s.RefuseQuota(id, r.now)))
	case "granted":
		r.s.GrantQuota(id)
	case "pass":
		d, err := time.ParseDuration(name)
		if err != nil {
			r.t.Fatal(err)
		}
		r.now = r.now.Add(d)
	case "done", "failed":
		if r.s.tasks[id].started {
			r.s.Returned(id, r.now, Sample{Verb: plan.DoCreate, Start: r.now})
		}
		for _, next := range r.s.End(id, verb == "done") {
			if verb == "done" {
				r.s.Enqueue(next)
			} else {
				r.log = append(r.log, "never "+r.name(next))
			}
		}
	default:
		r.t.Fatalf("unknown event %q", event)
	}
	for {
		id, ok := r.s.Next(r.now)
		if !ok {
			return
		}
		r.log = append(r.log, r.name(id))
	}
}

func (r *run) name(id TaskID) string {
	for name, other := range r.names {
		if other == id {
			return name
		}
	}
	return "?"
}

var (
	sandbox = Slot{Kind: spec.SandboxKind}
	risky   = Slot{Kind: spec.SandboxKind, Risks: true}
	inEU    = Slot{Kind: spec.SandboxKind, Region: "eu"}
	volume  = Slot{Kind: spec.VolumeKind}
	creates = []Turn{{Class: plan.CreateRequests}}
	deletes = []Turn{{plan.LifecycleRequests, true}, {plan.CreateRequests, false}}
	stops   = []Turn{{plan.LifecycleRequests, true}}
)

// A node is a task of a table, with the names of the tasks that it waits for.
type node struct {
	name  string
	after string
	slot  Slot
	turns []Turn
}

func newRun(t *testing.T, limits *Limits, nodes []node) *run {
	r := &run{t: t, s: New(limits), names: map[string]TaskID{}, now: time.Unix(0, 0)}
	for i, n := range nodes {
		r.names[n.name] = TaskID(i)
	}
	for i, n := range nodes {
		task := Task{Order: i, Slot: n.slot, Turns: n.turns}
		for _, dependency := range strings.Fields(n.after) {
			task.After = append(task.After, r.names[dependency])
		}
		r.s.Add(task)
	}
	r.s.Connect()
	return r
}

// TestNext goes through what decides which task starts next.
func TestNext(t *testing.T) {
	for _, c := range []struct {
		name   string
		limits Limits
		nodes  []node
		events string // separated by commas; each starts as many tasks as may start
		want   string // what starts, in order, separated by semicolons after each event
	}{
		{
			"the order of the plan",
			Limits{maxWorkers: 1},
			[]node{{"a", "", sandbox, creates}, {"b", "", sandbox, creates}, {"c", "", sandbox, creates}},
			"start c, start b, start a, done c, done a",
			"c; ; ; a; b",
		},
		{
			"the longest chain of dependents first",
			Limits{maxWorkers: 1},
			[]node{{"x", "", sandbox, creates}, {"a", "", sandbox, creates}, {"b", "", sandbox, creates}, {"c", "b", sandbox, creates}, {"d", "c", sandbox, creates}},
			"start x, start a, start b, done x, done b, done c, done a",
			"x; ; ; b; c; a; d",
		},
		{
			"a task waits for all that it depends on",
			Limits{maxWorkers: 9},
			[]node{{"a", "", sandbox, creates}, {"b", "", sandbox, creates}, {"c", "a b", sandbox, creates}},
			"start a, start b, done a, done b",
			"a; b; ; c",
		},
		{
			"a failure stops the dependents only",
			Limits{maxWorkers: 1},
			[]node{{"a", "", sandbox, creates}, {"b", "a", sandbox, creates}, {"c", "", sandbox, creates}},
			"start a, start c, failed a",
			"a; ; never b c",
		},
		{
			"a task that waits holds no worker but its slot",
			Limits{maxWorkers: 1, regions: map[string]int{"eu": 1}},
			[]node{{"a", "", inEU, creates}, {"b", "", inEU, creates}, {"c", "", sandbox, creates}},
			"start a, start b, start c, wait a, done c, resume a, done a",
			"a; ; ; c; ; a; b",
		},
		{
			"a limit holds up nothing else",
			Limits{maxWorkers: 9, perKind: map[spec.Kind]int{spec.VolumeKind: 1}},
			[]node{{"v", "", volume, creates}, {"w", "", volume, creates}, {"a", "", sandbox, creates}},
			"start v, start w, start a, done v",
			"v; ; a; w",
		},
		{
			"tasks that risk a sandbox count until they end",
			Limits{maxWorkers: 2},
			[]node{{"a", "", risky, creates}, {"b", "", risky, creates}, {"c", "", risky, creates}},
			"start a, start b, start c, wait a, wait b, resume a, done a",
			"a; b; ; ; ; a; c",
		},
		{
			"what ends in the queue never starts",
			Limits{maxWorkers: 1},
			[]node{{"a", "", sandbox, creates}, {"b", "", sandbox, creates}, {"c", "", sandbox, creates}},
			"start a, start b, start c, failed b, done a",
			"a; ; ; ; c",
		},
		{
			"no task frees quota",
			Limits{maxWorkers: 9},
			[]node{{"a", "", sandbox, creates}, {"b", "", sandbox, creates}},
			"start a, start b, refused a",
			"a; b; wait=false",
		},
		{
			"a task that frees quota is running",
			Limits{maxWorkers: 9},
			[]node{{"a", "", sandbox, creates}, {"b", "", sandbox, stops}},
			"start a, start b, refused a",
			"a; b; wait=true",
		},
		{
			"a task that has freed its quota frees no more",
			Limits{maxWorkers: 9},
			[]node{{"a", "", sandbox, creates}, {"b", "", sandbox, deletes}},
			"start a, start b, freed b, pass 10s, refused a",
			"a; b; ; ; wait=false",
		},
		{
			"quota of another kind does not help",
			Limits{maxWorkers: 9},
			[]node{{"a", "", sandbox, creates}, {"v", "", volume, stops}},
			"start a, start v, refused a",
			"a; v; wait=false",
		},
		{
			"while a sandbox waits for quota no other is risked",
			Limits{maxWorkers: 9},
			[]node{{"a", "", sandbox, creates}, {"b", "", sandbox, stops}, {"r", "", risky, deletes}},
			"start a, start b, refused a, start r, resume a, granted a, done b",
			"a; b; wait=true; ; a; r; ",
		},
		{
			"a task that waits for the refused one frees nothing for it",
			Limits{maxWorkers: 9},
			[]node{{"a", "", sandbox, creates}, {"b", "a", sandbox, stops}},
			"start a, refused a",
			"a; wait=false",
		},
		{
			"a server may count what was freed for a while",
			Limits{maxWorkers: 9},
			[]node{{"a", "", sandbox, creates}, {"b", "", sandbox, stops}, {"c", "", sandbox, creates}},
			"start b, freed b, done b, start a, pass 9s, refused a, start c, pass 1s, refused c",
			"b; ; ; a; ; wait=true; c; ; wait=false",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newRun(t, &c.limits, c.nodes)
			var got []string
			for _, event := range strings.Split(c.events, ", ") {
				r.log = nil
				r.step(event)
				got = append(got, strings.Join(r.log, " "))
			}
			if text := strings.Join(got, "; "); text != c.want {
				t.Errorf("got  %s\nwant %s", text, c.want)
			}
		})
	}
}

// TestHeldTask: a task that its rollout has not admitted frees no quota.
func TestHeldTask(t *testing.T) {
	r := newRun(t, &Limits{maxWorkers: 9}, []node{{"a", "", sandbox, creates}, {"b", "", sandbox, stops}})
	r.s.Hold(r.names["b"])
	r.step("start a")
	r.step("refused a")
	r.step("resume a")
	r.s.Hold(r.names["b"])
	r.step("admit b")
	r.step("refused a")
	if got := strings.Join(r.log, " "); got != "a wait=false a b wait=true" {
		t.Error(got)
	}
}

// TestIdle: a schedule is idle while all of its tasks wait, have ended or are held.
func TestIdle(t *testing.T) {
	r := newRun(t, &Limits{maxWorkers: 1}, []node{{"a", "", sandbox, creates}, {"b", "", sandbox, creates}})
	check := func(want bool, after string) {
		t.Helper()
		if got := r.s.Idle(); got != want {
			t.Errorf("idle is %t after %s, want %t", got, after, want)
		}
	}
	check(true, "nothing")
	r.step("start a")
	check(false, "a start")
	r.step("wait a")
	check(true, "a worker returned")
	r.step("resume a")
	r.step("start b")
	r.step("failed b")
	r.step("done a")
	check(true, "all ended")
}

// TestNewLimits: limits of the spec are found by region id and by snapshot name.
func TestNewLimits(t *testing.T) {
	p := &plan.Plan{
		Parallelism: spec.Parallelism{Max: 7, Regions: map[string]int{"eu": 3}, PerSnapshot: map[string]int{"base": 2}},
		Steps:       []*plan.Step{{Address: spec.Address{Kind: spec.SnapshotKind, Key: "base"}, Name: "the-base"}},
	}
	p.Facts.Regions = map[string]string{"eu": "region-1"}
	l := NewLimits(p, 0)
	if l.MaxWorkers() != 7 || l.fixed {
		t.Errorf("%d workers, fixed %t", l.MaxWorkers(), l.fixed)
	}
	got := l.of(Slot{Kind: spec.SandboxKind, Region: "region-1", Snapshot: "the-base"})
	if len(got) != 2 || got[limitKey{"region", "region-1"}] != 3 || got[limitKey{"snapshot", "the-base"}] != 2 {
		t.Errorf("%v", got)
	}
	if l := NewLimits(p, 2); l.MaxWorkers() != 2 || !l.fixed {
		t.Errorf("the caller sets 2: %d workers, fixed %t", l.MaxWorkers(), l.fixed)
	}
}
