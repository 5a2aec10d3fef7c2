package apply_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"fleet/apply"
	"fleet/internal/emulator"
	"fleet/plan"
	"fleet/spec"
)

// A trouble is what can go wrong between fleet and the server.
type trouble struct {
	name   string
	orders []map[string]any // faults of the emulator; "rate" and "seed" are filled in
	org    map[string]any   // settings of the organisation
}

var troubles = []trouble{
	{name: "500", orders: []map[string]any{{"kind": "status", "status": 500, "message": "An unexpected error occurred."}}},
	{name: "502", orders: []map[string]any{{"kind": "status", "status": 502}}},
	{name: "503 maintenance", orders: []map[string]any{{"kind": "status", "status": 503, "message": "Service is currently under maintenance. Please try again later."}}},
	{name: "429", orders: []map[string]any{{"kind": "status", "status": 429, "message": "ThrottlerException: Too Many Requests", "headers": map[string]string{"Retry-After-authenticated": "2"}}}},
	{name: "409 in transition", orders: []map[string]any{{"method": "DELETE", "path": "/sandbox", "kind": "status", "status": 409, "message": "Sandbox state change in progress"}}},
	{name: "html", orders: []map[string]any{{"kind": "html"}}},
	{name: "reset before", orders: []map[string]any{{"kind": "reset-before"}}},
	{name: "reset after", orders: []map[string]any{{"kind": "reset-after"}}},
	{name: "hang", orders: []map[string]any{{"kind": "hang"}}},
	{name: "truncate", orders: []map[string]any{{"kind": "truncate"}}},
	{name: "runner fails", orders: []map[string]any{{"kind": "runner-fail", "message": "no space left on device"}}},
	{name: "list lag", org: map[string]any{"listLag": "2s"}},
	{name: "no capacity", orders: []map[string]any{{"method": "POST", "path": "/sandbox", "kind": "status", "status": 400, "message": "No available runners"}}},
	{name: "quota", orders: []map[string]any{{"method": "POST", "path": "/sandbox", "kind": "status", "status": 400, "message": "Total CPU limit exceeded. Maximum allowed: 3."}}},
}

// TestFaults carries fleets out over a server that fails a tenth of all
// requests: nothing is made twice or left over, every report is true, and when
// the trouble is over, one run makes all as wanted.
func TestFaults(t *testing.T) {
	all := trouble{name: "all together"}
	for _, x := range troubles {
		all.orders = append(all.orders, x.orders...)
	}
	for _, x := range troubles {
		t.Run(x.name, func(t *testing.T) { survive(t, x, 0.10, 1) })
	}
	for seed := range uint64(5) {
		t.Run(fmt.Sprintf("%s, seed %d", all.name, seed), func(t *testing.T) { survive(t, all, 0.03, seed) })
	}
}

// stages are specs that follow each other: 100 creations, 100 changes, and 60
// deletions and replacements.
func stages() []string {
	base := `
version: 1
name: faults
volumes: {cache: {}}
snapshots: {base: {image: "debian:12"}}
sandboxes:
`
	return []string{
		base + "  worker: {count: 100, snapshot: base, auto_stop_interval: 30}\n",
		base + "  worker: {count: 100, snapshot: base, auto_stop_interval: 45, labels: {team: a}}\n",
		base + "  worker: {count: 50, snapshot: base, auto_stop_interval: 45, labels: {team: a}}\n  box: {count: 10, snapshot: base, env_vars: {A: \"1\"}}\n",
		base + "  worker: {count: 50, snapshot: base, auto_stop_interval: 45, labels: {team: a}}\n  box: {count: 10, snapshot: base, env_vars: {A: \"2\"}}\n",
	}
}

func survive(t *testing.T, x trouble, rate float64, seed uint64) {
	synctest.Test(t, func(t *testing.T) {
		d := newDaytona(t, emulator.Options{Delays: emulator.Delays{Create: 300 * time.Millisecond, Delete: 500 * time.Millisecond}})
		defer d.close()
		var done, failed, runs int
		for i, text := range stages() {
			f := parse(t, text)
			for run := range 2 {
				d.order(x, rate, seed*100+uint64(10*i+run))
				world, err := apply.Observe(t.Context(), d.api, f, plan.Options{})
				var r *apply.Report
				if err == nil { // else it was told, and nothing was sent
					r = d.run(plan.Compute(f, world, plan.Options{AllowDestroy: 1000}))
				}
				d.send("DELETE", "/_emulator/faults", nil)
				d.send("POST", "/_emulator/organization", map[string]any{"listLag": "0s"})
				if r != nil {
					d.truthful(r, i)
					runs, done, failed = runs+1, done+r.Count(apply.Done), failed+len(r.Results)-r.Count(apply.Done)
				}
			}
			d.converges(t, f, i)
			d.noMore(f, i)
		}
		t.Logf("%d of 8 runs could plan; %d steps done, %d not; %+v", runs, done, failed, d.api.Stats())
	})
}

// order sets the trouble up.
func (d *daytona) order(x trouble, rate float64, seed uint64) {
	for i, o := range x.orders {
		fault := map[string]any{"rate": rate, "seed": seed*100 + uint64(i)}
		for k, v := range o {
			fault[k] = v
		}
		d.send("POST", "/_emulator/faults", fault)
	}
	if x.org != nil {
		d.send("POST", "/_emulator/organization", x.org)
	}
}

// converges makes sure that at most two runs without trouble make all as
// wanted: what failed half-way may have to be recovered first.
func (d *daytona) converges(t *testing.T, f *spec.Fleet, stage int) {
	d.t.Helper()
	for range 2 {
		time.Sleep(15 * time.Second) // what the trouble left under way ends, and so do the server's caches
		p := d.plan(f, plan.Options{AllowDestroy: 1000})
		if p.Empty() {
			return
		}
		if r := d.run(p); !r.OK() {
			t.Logf("stage %d, a run without trouble:\n%s%s", stage, outcome(r), story(p))
		}
	}
	if p := d.plan(f, plan.Options{}); !p.Empty() {
		d.t.Fatalf("stage %d does not converge:\n%s", stage, story(p))
	}
}

type remote struct {
	ID, Name, State, DesiredState string
	Labels                        map[string]string
}

// sandboxes is what there is, by name, past all caches and lags.
func (d *daytona) sandboxes() map[string]remote {
	d.t.Helper()
	found := map[string]remote{}
	for page := 1; ; page++ {
		var list struct {
			Items      []remote
			TotalPages int
		}
		answer := d.send("GET", fmt.Sprintf("/api/sandbox/paginated?limit=200&page=%d", page), nil)
		if err := json.Unmarshal(answer, &list); err != nil {
			d.t.Fatal(err)
		}
		for _, s := range list.Items {
			if s.DesiredState != "destroyed" && !strings.HasPrefix(s.Name, "DESTROYED_") {
				found[s.Name] = s
			}
		}
		if page >= list.TotalPages {
			return found
		}
	}
}

// noMore fails when there is a duplicate or an orphan.
func (d *daytona) noMore(f *spec.Fleet, stage int) {
	d.t.Helper()
	there := d.sandboxes()
	for _, r := range f.Of(spec.SandboxKind) {
		s, ok := there[r.Name()]
		if !ok || s.Labels[spec.KeyLabel] != r.Key {
			d.t.Fatalf("stage %d: %s is missing, or %q is another's: %v", stage, r.Address, r.Name(), s)
		}
		delete(there, r.Name())
	}
	if len(there) > 0 {
		d.t.Fatalf("stage %d leaves orphans: %v", stage, there)
	}
}

// truthful compares a report with what there is: what it calls done is.
func (d *daytona) truthful(r *apply.Report, stage int) {
	d.t.Helper()
	there := d.sandboxes()
	for _, x := range r.Results {
		if x.Outcome != apply.Done || x.Step.Address.Kind != spec.SandboxKind {
			continue
		}
		s, ok := there[x.Step.Name]
		switch {
		case x.Step.Action == plan.Delete && ok:
			d.t.Fatalf("stage %d: %s is reported as deleted, and is there: %v", stage, x.Step.Address, s)
		case x.Step.Action != plan.Delete && (!ok || s.ID != x.ID || s.State != "started"):
			d.t.Fatalf("stage %d: %s is reported as done with id %s, and there is: %v", stage, x.Step.Address, x.ID, s)
		}
	}
}
