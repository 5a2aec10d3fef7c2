package status

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"fleet/internal/state"
	"fleet/plan"
	"fleet/spec"
)

var now = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// fleetAndWorld returns a fleet with a group of for_each, a sandbox and a volume, and an
// organisation that has them, an unowned sandbox and one that is being deleted.
func fleetAndWorld(t *testing.T) (*spec.Fleet, *plan.World) {
	t.Helper()
	f, err := spec.Parse(spec.Source{Name: "fleet.yaml", Text: []byte(`version: 1
name: demo
volumes: {cache: {}}
sandboxes:
  web: {snapshot: s}
  missing: {snapshot: s}
  agent: {for_each: [eu-9, eu-10, us-1], snapshot: s}
`)})
	if err != nil {
		t.Fatal(err)
	}
	w := &plan.World{}
	add := func(name, key, state string, labels map[string]string) {
		if key != "" {
			labels[spec.FleetLabel], labels[spec.KeyLabel] = "demo", key
		}
		w.Add(spec.SandboxKind, &plan.Object{
			ID: "id-" + name, Name: name, State: state, TargetState: state, Object: spec.Object{Labels: labels},
			Created: now.Add(-48 * time.Hour), LastActive: now.Add(-time.Minute),
		})
	}
	add("agent-eu-10", "agent[eu-10]", "started", map[string]string{"team": "a"})
	add("web", "web", "stopped", map[string]string{"team": "b"})
	add("agent-us-1", "agent[us-1]", "error", map[string]string{"team": "a"})
	add("agent-eu-9", "agent[eu-9]", "started", map[string]string{})
	add("scratch", "", "started", map[string]string{"team": "a"})
	w.Add(spec.VolumeKind, &plan.Object{ID: "v", Name: "cache", State: "ready", TargetState: "ready"})
	w.Deleting = []*plan.Object{{
		ID: "d", Name: "old", State: state.Destroying,
		Object: spec.Object{Labels: map[string]string{spec.FleetLabel: "demo", spec.KeyLabel: "agent[eu-1]"}},
	}}
	return f, w
}

func parseSelectors(t *testing.T, parse func(string) (plan.Selector, error), texts string) []plan.Selector {
	t.Helper()
	var list []plan.Selector
	for _, text := range strings.Fields(texts) {
		s, err := parse(text)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, s)
	}
	return list
}

func TestSelection(t *testing.T) {
	f, w := fleetAndWorld(t)
	for _, tt := range []struct {
		targets, excludes, labels, states string
		all                               bool
		want                              string // names, or the start of an error
	}{
		{want: "cache old agent-eu-9 agent-eu-10 agent-us-1 web"},
		{all: true, want: "cache old agent-eu-9 agent-eu-10 agent-us-1 web scratch"},
		{targets: "sandbox.agent", want: "old agent-eu-9 agent-eu-10 agent-us-1"},
		{targets: "sandbox.agent[eu-9] volume.cache", want: "cache agent-eu-9"},
		{targets: "sandbox.*", all: true, want: "old agent-eu-9 agent-eu-10 agent-us-1 web"},
		{targets: "*", all: true, want: "cache old agent-eu-9 agent-eu-10 agent-us-1 web"},
		{targets: "team=a", all: true, want: "agent-eu-10 agent-us-1 scratch"},
		{targets: "sandbox.missing", want: ""},
		{excludes: "sandbox.agent[*]", want: "cache web"},
		{excludes: "*", all: true, want: "scratch"},
		{excludes: "team=a sandbox.web", all: true, want: "cache old agent-eu-9"},
		{labels: "team=a", want: "agent-eu-10 agent-us-1"},
		{labels: "team=a", all: true, want: "agent-eu-10 agent-us-1 scratch"},
		{labels: "!team", want: "old agent-eu-9"},
		{labels: "team team!=b", states: "started", all: true, want: "agent-eu-10 scratch"},
		{states: "started error", targets: "sandbox.agent", excludes: "sandbox.agent[us-1]", want: "agent-eu-9 agent-eu-10"},
		{states: "ready", want: "cache"},
		{targets: "sandbox.agnet", want: `error: --target sandbox.agnet: no such resource in the spec or in the fleet; did you mean "sandbox.agent"?`},
		{excludes: "sandbox.webb", want: `error: --exclude sandbox.webb: no such resource in the spec or in the fleet; did you mean "sandbox.web"?`},
	} {
		s := Selection{
			Targets: parseSelectors(t, plan.ParseSelector, tt.targets), Excludes: parseSelectors(t, plan.ParseSelector, tt.excludes),
			Labels: parseSelectors(t, plan.ParseLabelSelector, tt.labels), States: strings.Fields(tt.states),
		}
		rows, err := List(f, w, Options{All: tt.all, Now: now, Select: s})
		var names []string
		for _, r := range rows {
			names = append(names, r.Name)
		}
		got := strings.Join(names, " ")
		if err != nil {
			got = "error: " + err.Error()
		}
		if got != tt.want {
			t.Errorf("%+v lists %q", tt, got)
		}
		if limits := fmt.Sprint(tt.targets, tt.excludes, tt.labels, tt.states) != ""; s.IsSet() != limits {
			t.Errorf("%+v: IsSet is %v", tt, s.IsSet())
		}
	}
}

func TestCounts(t *testing.T) {
	f, w := fleetAndWorld(t)
	rows, err := List(f, w, Options{All: true})
	if err != nil {
		t.Fatal(err)
	}
	want := []Count{
		{Of: "sandbox", Total: 6, States: map[string]int{"destroying": 1, "error": 1, "started": 3, "stopped": 1}},
		{Of: "sandbox.agent", Total: 4, States: map[string]int{"destroying": 1, "error": 1, "started": 2}},
		{Of: "volume", Total: 1, States: map[string]int{"ready": 1}},
	}
	if diff := cmp.Diff(want, CountRows(rows)); diff != "" {
		t.Error(diff)
	}
	if none := CountRows(nil); none == nil || len(none) != 0 {
		t.Errorf("nothing counts as %v", none)
	}
}

// TestTimes: ages are by the server's clock, and never negative.
func TestTimes(t *testing.T) {
	f, w := fleetAndWorld(t)
	for _, tt := range []struct {
		now       time.Time
		age, idle int64
	}{{now, 48 * 3600, 60}, {now.Add(-49 * time.Hour), 0, 0}, {time.Time{}, 0, 0}} {
		rows, err := List(f, w, Options{Now: tt.now, Select: Selection{Targets: parseSelectors(t, plan.ParseSelector, "sandbox.web")}})
		if err != nil {
			t.Fatal(err)
		}
		if r := rows[0]; r.AgeSeconds != tt.age || r.IdleSeconds != tt.idle || r.Created.IsZero() {
			t.Errorf("at %v: %+v", tt.now, r)
		}
	}
}
