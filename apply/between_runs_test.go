package apply_test

import (
	"fmt"
	"maps"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"fleet/client"
	"fleet/internal/emulator"
	"fleet/plan"
	"fleet/spec"
)

// A machine runs one command after the other, each with a client of its own. The clients
// share a memory of their writes, as commands on one machine do.
type machine struct {
	d     *daytona
	kept  []client.Write
	watch *client.Client // shared by all runs; nil if each has its own
}

// run observes, plans, checks that nothing is blocked, and executes the plan.
func (m *machine) run(t *testing.T, f *spec.Fleet, opts plan.Options) *plan.Plan {
	t.Helper()
	api := m.watch
	if api == nil {
		writes := &client.Writes{OnWrite: func(w client.Write) { m.kept = append(m.kept, w) }}
		writes.Add(m.kept...)
		api = m.d.clientOf(writes)
	}
	before := m.d.api
	m.d.api = api
	defer func() { m.d.api = before }()
	p := m.d.plan(f, opts)
	if r := m.d.run(p); !r.OK() || len(p.Blocked()) > 0 {
		t.Errorf("%s%s", story(p), outcome(r))
	}
	return p
}

// clientOf returns a client of the emulator with a memory of writes.
func (d *daytona) clientOf(writes *client.Writes) *client.Client {
	d.t.Helper()
	sharding := client.ShardLong
	if writes != nil { // commands that end read all lists in shards
		sharding = client.ShardAll
	}
	api, err := client.New(client.Config{URL: "http://localhost/api", Key: "k", RateShare: 100, Transport: inProcess{d}, Writes: writes, Sharding: sharding})
	if err != nil {
		d.t.Fatal(err)
	}
	return api
}

// TestBetweenRuns runs commands right after each other while the list lags. After each
// the objects match its spec, and the next plan of the same spec is empty.
func TestBetweenRuns(t *testing.T) {
	of := func(n int, env, more string) string {
		return fmt.Sprintf("version: 1\nname: lag\nsandboxes: {w: {count: %d, snapshot: daytona-small, env_vars: {R: %q}%s}}\n", n, env, more)
	}
	const none = "version: 1\nname: lag\n"
	stories := map[string][]string{
		"destroyed and made again": {of(3, "1", ""), none, of(3, "1", "")},
		"scaled down and up":       {of(3, "1", ""), of(2, "1", ""), of(3, "1", "")},
		"scaled up and down":       {of(2, "1", ""), of(3, "1", ""), of(2, "1", "")},
		"replaced twice":           {of(3, "1", ""), of(3, "2", ""), of(3, "3", "")},
		"replaced and back":        {of(3, "1", ""), of(3, "2", ""), of(3, "1", "")},
		"surged twice":             {of(3, "1", ", rollout: {surge: true}"), of(3, "2", ", rollout: {surge: true}"), of(3, "3", ", rollout: {surge: true}")},
		"changed in place":         {of(3, "1", ", labels: {a: b}"), of(3, "1", ", labels: {a: c}, auto_stop_interval: 7"), of(3, "1", ", auto_stop_interval: 9")},
		"stopped and started":      {of(3, "1", ", state: started"), of(3, "1", ", state: stopped"), of(3, "1", ", state: started")},
		"many changed in place":    {of(40, "1", ", labels: {a: b}"), of(40, "1", ", labels: {a: c}"), of(40, "2", ", labels: {a: c}")},
		"many made again":          {of(40, "1", ""), none, of(40, "1", ""), of(30, "1", ""), of(40, "2", "")},
	}
	n := 0
	for _, name := range slices.Sorted(maps.Keys(stories)) {
		for _, version := range []string{emulator.Version220, emulator.Version205, emulator.Version190} {
			for _, lag := range []string{"500ms", "2s", "5s"} {
				for _, watching := range []bool{false, true} {
					if n++; n%thinned != 0 {
						continue
					}
					t.Run(fmt.Sprintf("%s/%s/%s/watch %t", name, version, lag, watching), func(t *testing.T) {
						synctest.Test(t, func(t *testing.T) { betweenRuns(t, stories[name], version, lag, watching) })
					})
				}
			}
		}
	}
}

func betweenRuns(t *testing.T, specs []string, version, lag string, watching bool) {
	d := newDaytona(t, emulator.Options{
		APIVersion: version, Latency: 20 * time.Millisecond,
		Delays: emulator.Delays{Create: 300 * time.Millisecond, Stop: 200 * time.Millisecond, Start: 200 * time.Millisecond, Delete: 200 * time.Millisecond},
	})
	defer d.close()
	d.send("POST", "/_emulator/organization", map[string]any{"listLag": lag})
	m := &machine{d: d}
	if watching {
		m.watch = d.clientOf(nil)
	}
	opts := plan.Options{AllowDestroy: 1000}
	for i, text := range specs {
		f := parse(t, text)
		m.run(t, f, opts)
		if want, is := namesOf(f), slices.Sorted(maps.Keys(d.sandboxes())); !slices.Equal(unsurged(is), want) {
			t.Errorf("after run %d there are %v, want %v", i+1, is, want)
		}
		if again := m.run(t, f, opts); !again.Empty() {
			t.Errorf("planned again after run %d:\n%s", i+1, story(again))
		}
	}
}

// namesOf returns the sandbox names of a fleet, sorted.
func namesOf(f *spec.Fleet) []string {
	names := []string{}
	for _, r := range f.OfKind(spec.SandboxKind) {
		names = append(names, r.Name())
	}
	slices.Sort(names)
	return names
}

// unsurged returns names without the suffix that a surge adds.
func unsurged(names []string) []string {
	list := make([]string, len(names))
	for i, name := range names {
		list[i] = spec.BaseName(name)
	}
	slices.Sort(list)
	return list
}

// TestLostBetweenRuns replaces sandboxes while the responses to creations are lost and
// lists lag. The created sandboxes have to be found, and the next run has nothing to do.
func TestLostBetweenRuns(t *testing.T) {
	for _, version := range []string{emulator.Version220, emulator.Version205} {
		for _, lag := range []string{"500ms", "2s", "5s"} {
			t.Run(version+"/"+lag, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) { lostBetweenRuns(t, version, lag) })
			})
		}
	}
}

func lostBetweenRuns(t *testing.T, version, lag string) {
	d := newDaytona(t, emulator.Options{
		APIVersion: version, Latency: 20 * time.Millisecond,
		Delays: emulator.Delays{Create: 300 * time.Millisecond, Delete: 200 * time.Millisecond},
	})
	defer d.close()
	d.send("POST", "/_emulator/organization", map[string]any{"listLag": lag})
	m := &machine{d: d}
	for _, release := range []string{"1", "2", "3"} {
		d.send("POST", "/_emulator/faults", map[string]any{"method": "POST", "path": "/sandbox", "count": 2, "kind": "reset-after"})
		f := parse(t, fmt.Sprintf("version: 1\nname: lost\nsandboxes: {w: {count: 3, snapshot: daytona-small, env_vars: {R: %q}}}\n", release))
		m.run(t, f, plan.Options{})
		if n := len(d.sandboxes()); n != 3 {
			t.Errorf("release %s: there are %d sandboxes, want 3", release, n)
		}
		if again := m.run(t, f, plan.Options{}); !again.Empty() {
			t.Errorf("release %s, planned again:\n%s", release, story(again))
		}
	}
}
