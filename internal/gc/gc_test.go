package gc

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"fleet/internal/jsonobject"
	"fleet/plan"
	"fleet/spec"
)

var now = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

func parse(t testing.TB, text string) *spec.Fleet {
	t.Helper()
	f, err := spec.Parse(spec.Source{Name: "fleet.yaml", Text: []byte("version: 1\nname: demo\n" + text)})
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// box returns a sandbox that was created a week ago and last used two days ago. Each of
// the labels is KEY=VALUE.
func box(t testing.TB, name, state string, labels ...string) *plan.Object {
	t.Helper()
	fields := map[string]json.RawMessage{}
	for k, v := range map[string]any{"cpu": 2, "memory": 4, "disk": 8, "autoStopInterval": 15, "autoDeleteInterval": -1} {
		fields[k], _ = json.Marshal(v)
	}
	attrs, err := spec.Tables[spec.SandboxKind].Read(jsonobject.Of(fields))
	if err != nil {
		t.Fatal(err)
	}
	o := &plan.Object{
		Object: spec.Object{Attrs: attrs, Labels: map[string]string{}}, ID: "id-" + name, Name: name, State: state, TargetState: state,
		Created: now.Add(-7 * 24 * time.Hour), LastActive: now.Add(-48 * time.Hour), Failed: state == "error",
	}
	for _, l := range labels {
		key, value, _ := strings.Cut(l, "=")
		o.Labels[key] = value
	}
	return o
}

// ours gives the sandbox the labels of the fleet.
func ours(o *plan.Object) *plan.Object {
	o.Labels[spec.FleetLabel], o.Labels[spec.KeyLabel] = "demo", o.Name
	return o
}

func with(o *plan.Object, change func(*plan.Object)) *plan.Object {
	change(o)
	return o
}

// story returns the plan as text, a line for each step that does something or has a
// reason.
func story(p *plan.Plan) string {
	var b strings.Builder
	for _, s := range p.Steps {
		switch {
		case s.Blocked != nil:
			fmt.Fprintf(&b, "%s %s: blocked (%s)\n", s.Action, s.Address, s.Blocked.Kind)
		case s.Action != plan.NoOp:
			fmt.Fprintf(&b, "%s %s: %s\n", s.Action, s.Address, s.Reason)
		case s.RetainedReason != "":
			fmt.Fprintf(&b, "keep %s: %s\n", s.Address, s.RetainedReason)
		}
	}
	return b.String()
}

func TestCollect(t *testing.T) {
	idle := Rule{Kind: spec.SandboxKind, Owner: OwnerFleet, IdleFor: time.Hour, Action: plan.Delete}
	stop := Rule{Kind: spec.SandboxKind, Owner: OwnerFleet, IdleFor: time.Hour, Action: plan.Stop}
	beat := Rule{Kind: spec.SandboxKind, Owner: OwnerFleet, HeartbeatLabel: "beat", HeartbeatMax: 10 * time.Minute, Action: plan.Stop}
	alien := Rule{Kind: spec.SandboxKind, Owner: OwnerNone, Names: []string{"scratch-*"}, Action: plan.Delete}
	keeper := ours(box(t, "keeper", "started", spec.ProtectLabel+"=true")) // so that never all go
	ago := func(d time.Duration) string { return now.Add(-d).Format(time.RFC3339) }
	for name, c := range map[string]struct {
		rule Rule
		opts Options
		box  *plan.Object
		want string
	}{
		"idle":             {idle, Options{}, ours(box(t, "a", "started")), "delete sandbox.a: idle for 1 h\n"},
		"not idle":         {Rule{Kind: spec.SandboxKind, Owner: OwnerFleet, IdleFor: 72 * time.Hour, Action: plan.Delete}, Options{}, ours(box(t, "a", "started")), ""},
		"protected":        {idle, Options{}, ours(box(t, "a", "started", spec.ProtectLabel+"=true")), "keep sandbox.a: spared: it is protected\n"},
		"leased":           {idle, Options{}, ours(box(t, "a", "started", "fleet-lease="+ago(-time.Hour))), "keep sandbox.a: spared: it is leased until 2026-11-23T13:00:00Z\n"},
		"lease over":       {idle, Options{}, ours(box(t, "a", "started", "fleet-lease="+ago(time.Hour))), "delete sandbox.a: idle for 1 h\n"},
		"lease unreadable": {idle, Options{}, ours(box(t, "a", "started", "fleet-lease=tomorrow")), "keep sandbox.a: spared: its lease is not a time: \"tomorrow\"\n"},
		"other lease":      {withLease(idle, "mine"), Options{}, ours(box(t, "a", "started", "mine="+ago(-time.Hour))), "keep sandbox.a: spared: it is leased until 2026-11-23T13:00:00Z\n"},
		"active": {
			Rule{Kind: spec.SandboxKind, Owner: OwnerFleet, States: []string{"started"}, Action: plan.Delete},
			Options{},
			with(ours(box(t, "a", "started")), func(o *plan.Object) { o.LastActive = now.Add(-time.Minute) }),
			"keep sandbox.a: spared: it was used 1 min ago\n",
		},
		"active in the future": {beat, Options{}, with(ours(box(t, "a", "started")), func(o *plan.Object) { o.LastActive = now.Add(time.Hour) }), "keep sandbox.a: spared: it was used 0 s ago\n"},
		"unknown activity":     {idle, Options{}, with(ours(box(t, "a", "started")), func(o *plan.Object) { o.LastActive = time.Time{} }), "keep sandbox.a: spared: the server does not report when it was last used\n"},
		"another fleet":        {idle, Options{}, box(t, "a", "started", spec.FleetLabel+"=other", spec.KeyLabel+"=a"), ""},
		"another tool":         {alien, Options{Unowned: true, AllowDestroy: 9}, box(t, "scratch-a", "started", "managed-by=terraform"), ""},
		"going":                {idle, Options{}, with(ours(box(t, "a", "destroying")), func(o *plan.Object) { o.TargetState = "destroyed" }), ""},
		"nobody's":             {alien, Options{Unowned: true, AllowDestroy: 1}, box(t, "scratch-a", "started"), "delete sandbox.scratch-a: called scratch-*\n"},
		"nobody's, no flag":    {alien, Options{AllowDestroy: 1}, box(t, "scratch-a", "started"), "delete sandbox.scratch-a: blocked (conflict)\n"},
		"nobody's, no number":  {alien, Options{Unowned: true}, box(t, "scratch-a", "started"), "delete sandbox.scratch-a: blocked (blast radius)\n"},
		"nobody's, other name": {alien, Options{Unowned: true, AllowDestroy: 1}, box(t, "a", "started"), ""},
		"stop":                 {stop, Options{}, ours(box(t, "a", "started")), "stop sandbox.a: idle for 1 h\n"},
		"stop what is stopped": {stop, Options{}, ours(box(t, "a", "stopped")), ""},
		"stop an ephemeral":    {stop, Options{}, with(ours(box(t, "a", "started")), ephemeral), "stop sandbox.a: blocked (illegal)\n"},
		"silent":               {beat, Options{}, ours(box(t, "a", "started", "beat="+ago(time.Hour))), "stop sandbox.a: no heartbeat for 10 min\n"},
		"never heard of":       {beat, Options{}, ours(box(t, "a", "started")), "stop sandbox.a: no heartbeat for 10 min\n"},
		"alive":                {beat, Options{}, ours(box(t, "a", "started", "beat="+ago(time.Minute))), ""},
		"odd heartbeat":        {beat, Options{}, ours(box(t, "a", "started", "beat=yes")), "keep sandbox.a: spared: its label beat is not a time: \"yes\"\n"},
		"no owner": {
			Rule{Kind: spec.SandboxKind, Owner: OwnerFleet, OwnerLabel: "owner", Action: plan.Archive},
			Options{},
			ours(box(t, "a", "stopped")), "archive sandbox.a: no owner\n",
		},
		"an owner": {Rule{Kind: spec.SandboxKind, Owner: OwnerFleet, OwnerLabel: "owner", Action: plan.Archive}, Options{}, ours(box(t, "a", "stopped", "owner=ada")), ""},
		"a label":  {Rule{Kind: spec.SandboxKind, Owner: OwnerFleet, Labels: map[string]string{"for": "ci-*"}, Action: plan.Delete}, Options{}, ours(box(t, "a", "error", "for=ci-7")), "delete sandbox.a: for is ci-*\n"},
	} {
		t.Run(name, func(t *testing.T) {
			c.opts.Now = now
			_, p := Collect(parse(t, "sandboxes: {}"), &plan.World{Objects: plan.Objects{spec.SandboxKind: {keeper, c.box}}}, []Rule{c.rule}, c.opts)
			got := strings.ReplaceAll(story(p), "keep sandbox.keeper: spared: it is protected\n", "")
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
			for _, s := range p.Steps {
				if s.Action != plan.NoOp && !s.RequiresUnused {
					t.Errorf("%s is not given up when it is used", s.Address)
				}
			}
		})
	}
}

func withLease(r Rule, label string) Rule {
	r.LeaseLabel = label
	return r
}

func ephemeral(o *plan.Object) {
	fields := map[string]json.RawMessage{"autoDeleteInterval": json.RawMessage("0")}
	attrs, _ := spec.Tables[spec.SandboxKind].Read(jsonobject.Of(fields))
	for a, v := range attrs.All() {
		o.Attrs = o.Attrs.With(a, v)
	}
}

// TestCollectDuplicates: of several with one key the fleet's own is no duplicate.
func TestCollectDuplicates(t *testing.T) {
	a, b := ours(box(t, "web", "started")), ours(box(t, "web-fork", "started"))
	b.Labels[spec.KeyLabel], b.Created = "web", b.Created.Add(time.Hour)
	rule := Rule{Kind: spec.SandboxKind, Owner: OwnerFleet, Duplicates: true, Action: plan.Delete}
	report, p := Collect(parse(t, "sandboxes: {web: {}}"), &plan.World{Objects: plan.Objects{spec.SandboxKind: {a, b}}}, []Rule{rule}, Options{Now: now})
	if got, want := story(p), "delete sandbox.web-fork: a duplicate\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if len(report.Duplicates) != 1 || report.Duplicates[0].Note != "carries the labels of sandbox.web" {
		t.Errorf("report %+v", report.Duplicates)
	}
}

// TestCollectOthers: snapshots and volumes go by name, and not while they are used.
func TestCollectOthers(t *testing.T) {
	old := func(name, state string) *plan.Object {
		return &plan.Object{ID: "id-" + name, Name: name, State: state, TargetState: state, Created: now.Add(-time.Hour * 999)}
	}
	user := ours(box(t, "web", "started"))
	used, _ := spec.Tables[spec.SandboxKind].Read(jsonobject.Of(map[string]json.RawMessage{"snapshot": json.RawMessage(`"ci-used"`)}))
	for a, v := range used.All() {
		user.Attrs = user.Attrs.With(a, v)
	}
	w := &plan.World{
		Objects: plan.Objects{
			spec.SandboxKind:  {user},
			spec.SnapshotKind: {old("ci-1", "active"), old("ci-used", "active"), old("ci-spec", "active"), with(old("ci-shared", "active"), func(o *plan.Object) { o.Shared = true })},
			spec.VolumeKind:   {old("ci-data", "ready"), with(old("ci-new", "ready"), func(o *plan.Object) { o.LastActive = now.Add(-time.Minute) })},
		},
	}
	rules := []Rule{
		{Kind: spec.SnapshotKind, Owner: OwnerFleet, Names: []string{"ci-*"}, OlderThan: time.Hour, Action: plan.Delete},
		{Kind: spec.VolumeKind, Owner: OwnerFleet, Names: []string{"ci-*"}, Action: plan.Delete},
	}
	_, p := Collect(parse(t, "snapshots: {ci-spec: {image: \"a:1\"}}"), w, rules, Options{Now: now, Unowned: true, AllowDestroy: 2})
	want := `delete snapshot.ci-1: called ci-*, older than 1 h
keep snapshot.ci-spec: spared: the spec declares it
keep snapshot.ci-used: spared: sandbox "web" is made from it
delete volume.ci-data: called ci-*
keep volume.ci-new: spared: it was used 1 min ago
`
	if diff := cmp.Diff(want, story(p)); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// TestCollectGuards: the blast radius is that of every plan.
func TestCollectGuards(t *testing.T) {
	w := &plan.World{}
	for i := range 30 {
		w.Add(spec.SandboxKind, ours(box(t, fmt.Sprintf("s%d", i), map[bool]string{true: "error", false: "started"}[i < 11])))
	}
	rule := Rule{Kind: spec.SandboxKind, Owner: OwnerFleet, States: []string{"error"}, Action: plan.Delete}
	for allowed, blocked := range map[int]int{0: 11, 10: 11, 11: 0} {
		_, p := Collect(parse(t, "sandboxes: {}"), w, []Rule{rule}, Options{Now: now, AllowDestroy: allowed})
		if len(p.Blocked()) != blocked {
			t.Errorf("with %d allowed, %d are blocked, want %d", allowed, len(p.Blocked()), blocked)
		}
	}
}

func TestStuck(t *testing.T) {
	for name, c := range map[string]struct {
		state, next string
		since       time.Duration
		want        bool
	}{
		"settled":       {"started", "started", 99 * time.Hour, false},
		"starting":      {"starting", "started", 4 * time.Minute, false},
		"starting long": {"starting", "started", 6 * time.Minute, true},
		"building":      {"building_snapshot", "started", 59 * time.Minute, false},
		"removing long": {"removing", "removing", time.Hour, true},
		"failed":        {"error", "error", time.Hour, false},
		"new state":     {"yodelling", "started", 16 * time.Minute, true},
	} {
		o := &plan.Object{State: c.state, TargetState: c.next, Created: now.Add(-c.since), Failed: c.state == "error"}
		if _, stuck := Stuck(o, now); stuck != c.want {
			t.Errorf("%s: %v, want %v", name, stuck, c.want)
		}
	}
}
