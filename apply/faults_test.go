package apply_test

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"fleet/apply"
	"fleet/client"
	"fleet/internal/emulator"
	"fleet/internal/observe"
	"fleet/plan"
	"fleet/spec"
)

// A trouble is something that can go wrong between fleet and the server.
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
	{name: "html", orders: []map[string]any{{"kind": "html", "status": 203}}}, // 200 would pass for an effect in the log
	{name: "reset before", orders: []map[string]any{{"kind": "reset-before"}}},
	{name: "reset after", orders: []map[string]any{{"kind": "reset-after"}}},
	{name: "hang", orders: []map[string]any{{"kind": "hang"}}},
	{name: "truncate", orders: []map[string]any{{"kind": "truncate"}}},
	{name: "runner fails", orders: []map[string]any{{"kind": "runner-fail", "message": "no space left on device"}}},
	{name: "list lag", org: map[string]any{"listLag": "2s"}},
	{name: "no capacity", orders: []map[string]any{{"method": "POST", "path": "/sandbox", "kind": "status", "status": 400, "message": "No available runners"}}},
	{name: "toolbox 502", orders: []map[string]any{{"path": "/toolbox", "kind": "status", "status": 502}}},
	{name: "toolbox hang", orders: []map[string]any{{"path": "/toolbox", "kind": "hang"}}},
	{name: "toolbox reset after", orders: []map[string]any{{"path": "/toolbox", "kind": "reset-after"}}},
	{name: "runner fails at changes", orders: []map[string]any{
		{"method": "POST", "path": "/sandbox/*/resize", "kind": "runner-fail"},
		{"method": "POST", "path": "/sandbox/*/start", "kind": "runner-fail", "message": "no space left"},
		{"method": "POST", "path": "/sandbox/*/stop", "kind": "runner-fail", "message": "not responding"},
	}},
	{name: "quota", orders: []map[string]any{{"method": "POST", "path": "/sandbox", "kind": "status", "status": 400, "message": "Total CPU limit exceeded. Maximum allowed: 3."}}},
}

// boxes is how many sandboxes the fleets of TestFaults have at most. There are three to
// four times as many steps.
var boxes = flag.Int("faults.boxes", 150, "sandboxes of the fleets that go through trouble")

// thinned selects one case out of this many from long tables.
var thinned = 1

// TestFaults executes plans on a server that fails a tenth of all requests. Nothing is
// created twice or left over, and every report is true. When the trouble is over, at
// most two runs make all match the spec.
func TestFaults(t *testing.T) {
	all := trouble{name: "all together", org: map[string]any{"listLag": "2s"}}
	for _, x := range troubles {
		all.orders = append(all.orders, x.orders...)
	}
	for i := 0; i < len(troubles); i += thinned {
		t.Run(troubles[i].name, func(t *testing.T) { survive(t, troubles[i], 0.10, 1) })
	}
	for seed := range uint64(max(3, 10/thinned)) {
		t.Run(fmt.Sprintf("%s, seed %d", all.name, seed), func(t *testing.T) { survive(t, all, 0.03, seed) })
	}
}

// stages are specs that follow each other, of n sandboxes in all. From one to the next
// there are creations, changes in place and of labels, resizes, starts and stops,
// replacements and deletions. Some of them are in waves, with readiness probes, hooks
// and rollbacks.
func stages(n int) []string {
	const head = `
version: 1
name: faults
owns: {snapshots: ["base-*"], volumes: ["cache-*"]}
volumes: {cache: {name: cache-%[1]d}}
snapshots: {base: {name: base-%[1]d, image: "debian:%[1]d"}}
sandboxes:
`
	const worker = `
  worker:
    count: %d
    snapshot: base
    env_vars: {RELEASE: "%d"}
    labels: {team: %s}
    auto_stop_interval: %d
    ready: {exec: check, retries: 5, interval: 1s, timeout: 5s}
    hooks: {after_create: {exec: warm, timeout: 10s}}
    rollout: {canary: 1, waves: [20%%, 100%%], max_unavailable: 25%%, max_failures: 50%%}
`
	const roll = `
  roll:
    count: %d
    snapshot: daytona-small
    env_vars: {RELEASE: "%d"}
    labels: {team: %s}
    auto_stop_interval: %d
    rollout: {waves: [50%%, 100%%], max_unavailable: 50%%, on_failure: rollback}
`
	const box = `
  box: {count: %d, image: "debian:12", resources: {cpu: %d, disk: %d}, auto_stop_interval: 0, network_block_all: %t}
`
	const lazy = `
  lazy: {count: %d, snapshot: daytona-small, state: %s, auto_stop_interval: 0}
`
	const plain = `
  plain: {count: %d, snapshot: daytona-small, volumes: [{volume: cache, mount_path: /data}], auto_stop_interval: 0}
`
	stage := func(release int, parts ...string) string { return fmt.Sprintf(head, release) + strings.Join(parts, "") }
	tenth := n / 10
	return []string{
		stage(1, fmt.Sprintf(worker, 3*tenth, 1, "a", 3000), fmt.Sprintf(roll, tenth, 1, "a", 3000), fmt.Sprintf(box, 2*tenth, 1, 3, false), fmt.Sprintf(lazy, 2*tenth, "stopped"), fmt.Sprintf(plain, 2*tenth)),
		stage(1, fmt.Sprintf(worker, 3*tenth, 1, "b", 4000), fmt.Sprintf(roll, tenth, 2, "a", 3000), fmt.Sprintf(box, 2*tenth, 2, 3, true), fmt.Sprintf(lazy, 2*tenth, "started"), fmt.Sprintf(plain, 2*tenth)),
		stage(2, fmt.Sprintf(worker, 3*tenth, 2, "b", 4000), fmt.Sprintf(roll, tenth, 2, "b", 4000), fmt.Sprintf(box, 2*tenth, 2, 4, true), fmt.Sprintf(lazy, 2*tenth, "archived"), fmt.Sprintf(plain, tenth)),
		stage(2, fmt.Sprintf(worker, 4*tenth, 3, "c", 4000), fmt.Sprintf(roll, tenth, 3, "c", 4000), fmt.Sprintf(box, tenth, 3, 4, false), fmt.Sprintf(plain, 2*tenth)),
	}
}

// A survival is one fleet on its way through trouble.
type survival struct {
	*daytona
	trouble
	rate  float64
	seed  uint64
	runs  int
	ends  map[apply.Phase]int
	blind int // times that the trouble prevented planning
	late  int // stages that needed the second run after the trouble
}

func survive(t *testing.T, x trouble, rate float64, seed uint64) {
	synctest.Test(t, func(t *testing.T) {
		const some = 500 * time.Millisecond
		version := emulator.Version205
		if x.org["listLag"] != nil { // the older ones have a list that never lags
			version = emulator.Version220
		}
		sharding := map[uint64]client.Sharding{0: client.ShardLong, 1: client.ShardAll}[seed%2]
		d := newShardedDaytona(t, emulator.Options{APIVersion: version, Delays: emulator.Delays{
			Create: some, Delete: some, Start: some, Stop: some, Archive: some, Resize: some, Restore: some, Build: 2 * some,
			SnapshotPull: 2 * some, SnapshotRemove: 2 * some, VolumeCreate: 2 * some, VolumeDelete: 2 * some, Network: some / 5,
		}}, sharding)
		defer d.close()
		s := &survival{daytona: d, trouble: x, rate: rate, seed: seed, ends: map[apply.Phase]int{}}
		needed := map[string]int{} // creations, by name
		for i, text := range stages(*boxes) {
			f := parse(t, text)
			for _, step := range d.plan(f, plan.Options{AllowDestroy: 10_000}).Steps {
				if step.Address.Kind == spec.SandboxKind && (step.Action == plan.Create || step.Action == plan.Replace) {
					needed[step.Name]++
				}
			}
			for run := range 2 {
				s.run(f, i, seed*100+uint64(10*i+run))
			}
			s.late += d.converges(t, f, i)
			d.noMore(f, i)
		}
		s.onlyOnce(needed)
		t.Logf("%d runs, %d steps done, %d failed, %d skipped, %d rolled back; planned without trouble %d times; %d of 4 stages needed a second run after it; %+v",
			s.runs, s.ends[apply.Done], s.ends[apply.Failed], s.ends[apply.Skipped], s.ends[apply.RolledBack], s.blind, s.late, d.api.Stats())
	})
}

// run plans and applies during the trouble, and checks that the report is true. If no
// plan can be made during the trouble, which changes nothing, it is made without.
func (s *survival) run(f *spec.Fleet, stage int, seed uint64) {
	s.t.Helper()
	time.Sleep(15 * time.Second) // changes in progress end, and the server's caches expire
	was := s.all()
	s.order(s.trouble, s.rate, seed)
	world, err := observe.Observe(context.Background(), s.api, observe.Scope{Fleet: f, Plan: &plan.Options{}})
	if err != nil {
		s.lift()
		s.blind++
		world, err = observe.Observe(context.Background(), s.api, observe.Scope{Fleet: f, Plan: &plan.Options{}})
		s.order(s.trouble, s.rate, seed+50)
	}
	if err != nil {
		s.t.Fatal(err)
	}
	p := mustCompute(s.t, f, world, plan.Options{AllowDestroy: 10_000})
	r := s.daytona.run(p)
	s.lift()
	s.runs++
	for _, x := range r.Results {
		s.ends[x.Outcome]++
	}
	s.truthful(r, f, was, fmt.Sprintf("stage %d", stage))
}

// lift ends the trouble.
func (d *daytona) lift() {
	d.t.Helper()
	d.send("DELETE", "/_emulator/faults", nil)
	d.send("POST", "/_emulator/organization", map[string]any{"listLag": "0s"})
}

// onlyOnce fails if an object was created more often than the specs require. Rollbacks
// and failures of a runner add one creation each.
func (s *survival) onlyOnce(needed map[string]int) {
	s.t.Helper()
	created := map[string]int{}
	all, _ := s.log()
	for _, r := range all {
		if r.Method == http.MethodPost && r.Path == "/sandbox" && r.Status == 200 {
			var body struct{ Name string }
			_ = json.Unmarshal([]byte(r.Body), &body)
			created[body.Name]++
		}
	}
	fails := slices.ContainsFunc(s.orders, func(o map[string]any) bool { return o["kind"] == "runner-fail" })
	for name, n := range created {
		group, _, _ := strings.Cut(name, "-")
		again := group == "roll" || fails && (group == "box" || group == "lazy")
		if n != needed[name] && !again {
			s.t.Fatalf("%s was created %d times, and was to be %d times", name, n, needed[name])
		}
	}
}

// order starts the trouble.
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

// converges fails unless at most two runs without trouble make all match the spec: an
// object that failed half-way may have to be recovered first. It returns 1 if the second
// run was needed.
func (d *daytona) converges(t *testing.T, f *spec.Fleet, stage int) (late int) {
	d.t.Helper()
	for run := range 2 {
		time.Sleep(15 * time.Second) // changes in progress end, and the server's caches expire
		p := d.plan(f, plan.Options{AllowDestroy: 10_000})
		if p.Empty() {
			return late
		}
		late = run
		if r := d.run(p); !r.OK() {
			t.Logf("stage %d, a run without trouble:\n%s%s", stage, outcome(r), story(p))
		}
	}
	if p := d.plan(f, plan.Options{}); !p.Empty() {
		d.t.Fatalf("stage %d does not converge:\n%s", stage, story(p))
	}
	return late
}

type remote struct {
	ID, Name, State, DesiredState string
	Labels                        map[string]string
}

// sandboxes returns the sandboxes by name, past all caches and lags.
func (d *daytona) sandboxes() map[string]remote {
	d.t.Helper()
	found := map[string]remote{}
	var list []remote
	if err := json.Unmarshal(d.send("GET", "/_emulator/sandboxes", nil), &list); err != nil {
		d.t.Fatal(err)
	}
	for _, s := range list {
		if s.DesiredState != "destroyed" && !strings.HasPrefix(s.Name, "DESTROYED_") {
			found[s.Name] = s
		}
	}
	return found
}

// noMore fails if there is a duplicate or an orphan.
func (d *daytona) noMore(f *spec.Fleet, stage int) {
	d.t.Helper()
	there := d.sandboxes()
	for _, r := range f.OfKind(spec.SandboxKind) {
		s, ok := there[r.Name()]
		if !ok || s.Labels[spec.KeyLabel] != r.Key {
			d.t.Fatalf("stage %d: %s is missing, or %q is another's: %v", stage, r.Address, r.Name(), s)
		}
		delete(there, r.Name())
	}
	if len(there) > 0 {
		d.t.Fatalf("stage %d leaves orphans: %v", stage, there)
	}
	world, err := observe.Observe(context.Background(), d.api, observe.Scope{Fleet: f})
	if err != nil {
		d.t.Fatal(err)
	}
	for _, kind := range []spec.Kind{spec.SnapshotKind, spec.VolumeKind} {
		for _, o := range world.Objects[kind] {
			if !o.Shared && !o.Deleting() && f.ByName(kind)[o.Name] == nil {
				d.t.Fatalf("stage %d leaves the %s %q in state %s", stage, kind, o.Name, o.State)
			}
		}
	}
}

// all returns everything that is known of the sandboxes by name, past all caches and
// lags.
func (d *daytona) all() map[string]map[string]any {
	d.t.Helper()
	found := map[string]map[string]any{}
	var list []map[string]any
	if err := json.Unmarshal(d.send("GET", "/_emulator/sandboxes", nil), &list); err != nil {
		d.t.Fatal(err)
	}
	for _, s := range list {
		if name, _ := s["name"].(string); s["desiredState"] != "destroyed" && !strings.HasPrefix(name, "DESTROYED_") {
			found[name] = s
		}
	}
	return found
}

// restorable returns, as text, the part of a sandbox that a rollback restores.
func restorable(s map[string]any) string {
	s = maps.Clone(s)
	for _, key := range []string{"id", "createdAt", "updatedAt", "lastActivityAt", "toolboxProxyUrl", "runnerId", "backupState", "backupCreatedAt"} {
		delete(s, key)
	}
	text, _ := json.Marshal(s)
	return string(text)
}

// truthful compares a report with the server: objects of steps that are done match the
// spec, and those of steps that never started or were rolled back are unchanged.
func (d *daytona) truthful(r *apply.Report, f *spec.Fleet, was map[string]map[string]any, when string) {
	d.t.Helper()
	is := d.all()
	next := map[spec.Address]*plan.Step{}
	for _, s := range d.plan(f, plan.Options{AllowDestroy: 10_000}).Steps {
		next[s.Address] = s
	}
	for _, x := range r.Results {
		name, sandbox := x.Step.Name, x.Step.Address.Kind == spec.SandboxKind
		id, _ := is[name]["id"].(string)
		left := next[x.Step.Address]
		switch {
		case (x.Err == nil) != (x.Outcome == apply.Done):
			d.t.Fatalf("%s: %s is %s: %v", when, x.Step.Address, x.Outcome, x.Err)
		case x.Outcome == apply.Done && left != nil && left.Action != plan.NoOp:
			d.t.Fatalf("%s: %s of %s is reported as done, and is still to be done: %s %v\n%v", when, x.Step.Action, x.Step.Address, left.Reason, left.Changes, is[name])
		case !sandbox:
		case x.Outcome == apply.Done && x.Step.Action == plan.Delete && is[name] != nil && is[name]["id"] == x.ID:
			d.t.Fatalf("%s: %s is reported as deleted, and is there: %v", when, x.Step.Address, is[name])
		case x.Outcome == apply.Done && x.Step.Action != plan.Delete && id != x.ID:
			d.t.Fatalf("%s: %s is reported as done with id %s, and there is: %v", when, x.Step.Address, x.ID, is[name])
		case x.Outcome == apply.Skipped && (restorable(is[name]) != restorable(was[name]) || is[name]["id"] != was[name]["id"]):
			d.t.Fatalf("%s: %s is reported as skipped, and was\n%v\nand is\n%v", when, x.Step.Address, was[name], is[name])
		case x.Outcome == apply.RolledBack && restorable(is[name]) != restorable(was[name]):
			d.t.Fatalf("%s: %s is reported as rolled back, and was\n%v\nand is\n%v", when, x.Step.Address, was[name], is[name])
		}
	}
}
