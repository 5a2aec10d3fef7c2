package apply_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync"
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

// A distance delays requests and responses, each by a different time.
type distance struct {
	next http.RoundTripper
	mu   sync.Mutex
	dice *rand.Rand
}

func (d *distance) RoundTrip(req *http.Request) (*http.Response, error) {
	time.Sleep(d.draw())
	res, err := d.next.RoundTrip(req)
	time.Sleep(d.draw())
	return res, err
}

func (d *distance) draw() time.Duration {
	d.mu.Lock()
	defer d.mu.Unlock()
	return time.Duration(d.dice.Int64N(int64(200 * time.Millisecond)))
}

// afar returns a client that reaches the emulator from far away.
func (d *daytona) afar(seed uint64) *client.Client {
	api, err := client.New(client.Config{URL: "http://localhost/api", Key: "k", RateShare: 100, Transport: &distance{next: inProcess{d.handler}, dice: rand.New(rand.NewPCG(seed, seed))}})
	if err != nil {
		d.t.Fatal(err)
	}
	return api
}

// exactly fails unless each sandbox, read alone, matches the spec in all attributes,
// even those that its labels have a fingerprint of.
func (d *daytona) exactly(f *spec.Fleet, when string) {
	d.t.Helper()
	p := d.plan(f, plan.Options{})
	for _, s := range p.Steps {
		if s.Address.Kind != spec.SandboxKind || s.Want == nil {
			continue
		}
		is, err := d.api.Sandbox(context.Background(), d.sandboxes()[s.Name].ID)
		if err != nil {
			d.t.Fatal(err)
		}
		attrs, err := spec.Tables[spec.SandboxKind].Read(is.Fields)
		if err != nil {
			d.t.Fatal(err)
		}
		for _, diff := range s.Want.Diff(spec.Object{Attrs: attrs, Labels: is.Labels, FullyRead: true}, p.Facts) {
			have, want := diff.Format()
			d.t.Fatalf("%s: %s of %s is %s, and the spec says %s; the plan sees nothing", when, diff.Attr.Key, s.Address, have, want)
		}
	}
}

// versions of one fleet that differ in all attributes that can be changed, in all ways
// in which they can be.
func versions(n int) string {
	return fmt.Sprintf(`
version: 1
name: shared
owns: {snapshots: ["base-*"], volumes: ["cache-*"]}
volumes: {cache: {name: cache-%[1]d}}
snapshots: {base: {name: base-%[1]d, image: "debian:%[1]d"}}
sandboxes:
  live: {count: 3, snapshot: daytona-small, auto_stop_interval: 3%[1]d, auto_archive_interval: 6%[1]d, labels: {version: "%[1]d"}}
  net: {count: 3, snapshot: daytona-small, network_allow_list: [10.%[1]d.0.0/16], domain_allow_list: [v%[1]d.example.com], auto_stop_interval: 3%[1]d}
  made: {count: 3, snapshot: base, env_vars: {V: "%[1]d"}, volumes: [{volume: cache, mount_path: /data}]}
  size: {count: 3, image: "debian:12", resources: {cpu: %[1]d, disk: %[2]d}}
  rolled: {count: 3, snapshot: daytona-small, env_vars: {V: "%[1]d"}, ready: {exec: check}, hooks: {after_create: {exec: warm}}, rollout: {max_unavailable: 2}}
  lazy: {count: 3, snapshot: daytona-small, state: %[3]s}
  of%[1]d: {count: 2, snapshot: daytona-small, auto_stop_interval: 0}
`, n, n+2, []string{"started", "stopped"}[n%2])
}

// TestConcurrent applies a fleet twice at the same time, from two places, to an empty
// organization and to an existing fleet, in one version and in two. Nothing is created
// twice or left over, and one more run makes the fleet match its version.
func TestConcurrent(t *testing.T) {
	for _, c := range []struct {
		name         string
		before, a, b int // versions; 0 for none
		apart        bool
	}{
		{name: "the same from nothing", a: 1, b: 1},
		{name: "two from nothing", a: 1, b: 2},
		{name: "the same over another", before: 1, a: 2, b: 2},
		{name: "two over another", before: 1, a: 2, b: 3},
		{name: "one back and one on", before: 2, a: 1, b: 3},
	} {
		t.Run(c.name, func(t *testing.T) {
			ends, longest := map[apply.Phase]int{}, time.Duration(0)
			for seed := range uint64(20 / thinned) {
				synctest.Test(t, func(t *testing.T) { longest = max(longest, together(t, c.before, c.a, c.b, seed, ends)) })
			}
			t.Logf("%d times two runs: %v; the longest took %s", 20/thinned, ends, longest)
		})
	}
}

func together(t *testing.T, before, a, b int, seed uint64, ends map[apply.Phase]int) (took time.Duration) {
	const some = 400 * time.Millisecond
	d := newDaytona(t, emulator.Options{
		APIVersion: []string{emulator.Version190, emulator.Version205}[seed%2],
		Delays: emulator.Delays{
			Create: some, Delete: some, Stop: some, Start: some, Resize: some, Build: some,
			SnapshotPull: some, SnapshotRemove: some, VolumeCreate: some, VolumeDelete: some,
		},
	})
	defer d.close()
	if before > 0 {
		d.settled(versions(before))
		time.Sleep(15 * time.Second)
	}
	opts := plan.Options{AllowDestroy: 100}
	fleets := []*spec.Fleet{parse(t, versions(a)), parse(t, versions(b))}
	reports := make([]*apply.Report, 2)
	told := []*endings{newEndings(), newEndings()}
	plans := make([]*plan.Plan, 2)
	var both sync.WaitGroup
	for i, f := range fleets {
		both.Go(func() {
			api := d.afar(2*seed + uint64(i))
			world, err := observe.Observe(context.Background(), api, observe.Scope{Fleet: f, Plan: &opts})
			if err != nil {
				t.Error(err)
				return
			}
			plans[i] = mustCompute(t, f, world, opts)
			reports[i] = apply.Run(context.Background(), api, plans[i], apply.Options{Parallelism: 6}, told[i].note)
		})
	}
	both.Wait()
	time.Sleep(15 * time.Second)
	for i, r := range reports {
		if r.Duration > time.Minute {
			t.Errorf("seed %d: it took %s:\n%s", seed, r.Duration, outcome(r))
		}
		for _, x := range r.Results {
			ends[x.Outcome]++
		}
		took = max(took, r.Duration)
		if broken := told[i].broken(plans[i], r); broken != "" {
			t.Errorf("seed %d: %s", seed, broken)
		}
	}
	when := fmt.Sprintf("seed %d:\n%s%s", seed, outcome(reports[0]), outcome(reports[1]))
	if a == b { // else each may undo what the other did
		for _, r := range reports {
			d.truthful(r, fleets[0], d.all(), when)
		}
	}
	there := map[string]int{}
	for _, s := range d.sandboxes() {
		there[s.Labels[spec.KeyLabel]]++
	}
	for key, n := range there {
		if n > 1 {
			t.Errorf("seed %d: there are %d of %s", seed, n, key)
		}
	}
	if r := d.run(d.plan(fleets[0], opts)); !r.OK() {
		t.Logf("%s\nthe third run:\n%s", when, outcome(r))
	}
	time.Sleep(15 * time.Second)
	if p := d.plan(fleets[0], opts); !p.Empty() {
		t.Errorf("%s\nafter the third run there is to do:\n%s", when, story(p))
	}
	d.noMore(fleets[0], int(seed))
	// Older lists show no network settings. Only the fingerprint does then and, without
	// compare-and-swap, the label may be that of the apply that lost.
	if seed%2 == 1 {
		d.exactly(fleets[0], when)
	}
	return took
}

// TestLatePlan executes a plan after another one was executed. What it reports as done
// is true although the plan is older.
func TestLatePlan(t *testing.T) {
	for _, c := range []struct{ before, a, b int }{{0, 1, 1}, {0, 1, 2}, {1, 2, 2}, {1, 2, 3}, {2, 1, 3}} {
		for _, version := range []string{emulator.Version190, emulator.Version205} {
			t.Run(fmt.Sprintf("%d, %d and %d on %s", c.before, c.a, c.b, version), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					d := newDaytona(t, emulator.Options{APIVersion: version})
					defer d.close()
					if c.before > 0 {
						d.settled(versions(c.before))
						time.Sleep(15 * time.Second)
					}
					opts := plan.Options{AllowDestroy: 100}
					f := parse(t, versions(c.b))
					late := d.plan(f, opts)
					d.run(d.plan(parse(t, versions(c.a)), opts))
					time.Sleep(15 * time.Second)
					was := d.all()
					r := d.run(late)
					time.Sleep(15 * time.Second)
					d.truthful(r, f, was, outcome(r))
					t.Logf("%d done, others:\n%s", r.Count(apply.Done), outcome(r))
					d.run(d.plan(f, opts))
					time.Sleep(15 * time.Second)
					if p := d.plan(f, opts); !p.Empty() {
						t.Errorf("it does not converge:\n%s", story(p))
					}
					d.noMore(f, 0)
					d.exactly(f, "in the end")
				})
			})
		}
	}
}
