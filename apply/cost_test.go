package apply_test

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"fleet/internal/emulator"
	"fleet/plan"
)

// fleetOf returns a fleet of n equal sandboxes with a snapshot, a volume and a region,
// so that all kinds are listed.
func fleetOf(n int, more string) string {
	return fmt.Sprintf(`
version: 1
name: cost
target: us
volumes: {cache: {}}
snapshots: {base: {image: "debian:12"}}
sandboxes:
  worker:
    count: %d
    snapshot: base
    auto_stop_interval: 30
    env_vars: {A: "1"}
    volumes: [{volume: cache, mount_path: /data}]
%s`, n, more)
}

// TestCost counts requests: rate limits, time and other users of the organization pay
// for them.
func TestCost(t *testing.T) {
	const n = 1000
	synctest.Test(t, func(t *testing.T) {
		d := newDaytona(t, emulator.Options{
			Latency: 20 * time.Millisecond,
			Delays:  emulator.Delays{Create: 300 * time.Millisecond, Stop: time.Second, Delete: time.Second},
		})
		defer d.close()
		f := parse(t, fleetOf(n, ""))
		if r := d.run(d.plan(f, plan.Options{})); !r.OK() {
			t.Fatal(outcome(r))
		}
		d.counts(t, "planning and creating 1,000", n*105/100)

		if p := d.plan(f, plan.Options{}); !p.Empty() {
			t.Fatal(story(p))
		}
		d.counts(t, "planning for 1,000 that are as wanted", n/200+4)

		for _, c := range []struct {
			name, more string
			most       int
		}{
			{"1,000 intervals", "    auto_archive_interval: 60\n", n * 102 / 100},
			{"1,000 labels", "    auto_archive_interval: 60\n    labels: {team: a}\n", n * 205 / 100},
		} {
			f := parse(t, fleetOf(n, c.more))
			p := d.plan(f, plan.Options{})
			if r := d.run(p); !r.OK() || p.Counts().Change != n {
				t.Fatal(c.name, outcome(r), p.Counts())
			}
			d.counts(t, c.name, c.most)
		}

		p := d.plan(parse(t, "version: 1\nname: cost\n"), plan.Options{AllowDestroy: n})
		if r := d.run(p); !r.OK() || p.Counts().Destroy != n {
			t.Fatal(outcome(r), p.Counts())
		}
		d.counts(t, "1,000 deletions", n*21/10)
	})
}

// counts fails if more requests were sent than allowed.
func (d *daytona) counts(t *testing.T, what string, most int) {
	t.Helper()
	all, writing := d.log()
	t.Logf("%s: %d requests, %d of them writing", what, len(all), len(writing))
	if len(all) > most {
		byKind := map[string]int{}
		for _, r := range all {
			byKind[fmt.Sprintf("%s %.9s %d", r.Method, r.Path, r.Status)]++
		}
		t.Errorf("%s: %d requests, want at most %d: %v", what, len(all), most, byKind)
	}
}
