package apply_test

import (
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"fleet/apply"
	"fleet/internal/emulator"
	"fleet/plan"
	"fleet/spec"
)

// TestMakespan checks that creations are as fast as the number of parallel ones permits,
// and cost hardly more than a request each. If the server responds at once, lists show
// when they are ready.
func TestMakespan(t *testing.T) {
	const n = 1000
	const latency, create = 20 * time.Millisecond, 300 * time.Millisecond
	for _, c := range []struct {
		from     string
		most     int // requests
		parallel int
	}{
		{"snapshot: daytona-small", n * 102 / 100, 10},
		{"snapshot: daytona-small", n * 102 / 100, 50},
		{"snapshot: daytona-small", n * 102 / 100, 250},
		{"image: debian:12", n * 125 / 100, 10},
		{"image: debian:12", n * 125 / 100, 50},
		{"image: debian:12", n * 125 / 100, 250},
		{"snapshot: daytona-small", n * 102 / 100, 0},
	} {
		t.Run(fmt.Sprintf("%s, %d at once", c.from, c.parallel), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				d := newDaytona(t, emulator.Options{Latency: latency, Delays: emulator.Delays{Create: create, Build: create}})
				defer d.close()
				p := d.plan(parse(t, fmt.Sprintf("version: 1\nname: many\nsandboxes: {worker: {count: %d, %s}}\n", n, c.from)), plan.Options{})
				d.log()
				r := apply.Run(t.Context(), d.api, p, apply.Options{Parallelism: c.parallel}, func(apply.Event) {})
				if !r.OK() {
					t.Fatal(outcome(r))
				}
				all, _ := d.log()
				at := c.parallel
				if at == 0 {
					at = apply.MaxParallelism
				}
				ideal := time.Duration((n+at-1)/at) * (latency + create)
				t.Logf("%d requests, %s for ideally %s", len(all), r.Duration.Round(time.Millisecond), ideal)
				if len(all) > c.most {
					t.Errorf("%d requests, want at most %d", len(all), c.most)
				}
				// The clock is that of the synctest bubble: nothing here depends on the
				// machine.
				if limit := ideal * 110 / 100; r.Duration > limit {
					t.Errorf("it took %s, want at most %s", r.Duration, limit)
				}
			})
		})
	}
}

// TestMakespanOfReplacements checks that a trial adds the time of one replacement to
// that of the others, which all start when it has passed.
func TestMakespanOfReplacements(t *testing.T) {
	const n, latency, create, remove = 200, 20 * time.Millisecond, 300 * time.Millisecond, 700 * time.Millisecond
	text := func(user string) string {
		return fmt.Sprintf("version: 1\nname: many\nsandboxes: {worker: {count: %d, snapshot: daytona-small, os_user: %s}}\n", n, user)
	}
	for _, parallel := range []int{10, 50} {
		synctest.Test(t, func(t *testing.T) {
			d := newDaytona(t, emulator.Options{Latency: latency, Delays: emulator.Delays{Create: create, Delete: remove}})
			defer d.close()
			if r := d.run(d.plan(parse(t, text("dev")), plan.Options{})); !r.OK() {
				t.Fatal(outcome(r))
			}
			p := d.plan(parse(t, text("root")), plan.Options{AllowDestroy: n})
			r := apply.Run(t.Context(), d.api, p, apply.Options{Parallelism: parallel}, func(apply.Event) {})
			if !r.OK() {
				t.Fatal(outcome(r))
			}
			i := slices.IndexFunc(r.Results, func(x apply.Result) bool { return x.Step.TrialStep == (spec.Address{}) })
			trial := r.Results[i]
			for j, x := range r.Results {
				if i != j && x.Start.Before(trial.Start.Add(trial.Duration)) {
					t.Errorf("%s starts before the trial has passed", x.Step.Address)
				}
			}
			ideal := trial.Duration * time.Duration(1+(n-1+parallel-1)/parallel)
			t.Logf("the trial took %s, and all took %s for ideally %s", trial.Duration, r.Duration, ideal)
			if limit := ideal * 120 / 100; r.Duration > limit {
				t.Errorf("it took %s, want at most %s", r.Duration, limit)
			}
		})
	}
}
