package apply_test

import (
	"testing"
	"testing/synctest"
	"time"

	"fleet/apply"
	"fleet/internal/emulator"
	"fleet/plan"
)

// TestEndlessCreations waits for sandboxes that never become ready. The longer it takes,
// the fewer requests poll them, and one list polls all.
func TestEndlessCreations(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDaytona(t, emulator.Options{Latency: 20 * time.Millisecond, Delays: emulator.Delays{Create: time.Hour}})
		defer d.close()
		f := parse(t, "version: 1\nname: stuck\nsandboxes: {worker: {count: 10, snapshot: daytona-small, timeouts: {create: 5m}}}\n")
		r := d.run(d.plan(f, plan.Options{}))
		if r.Count(apply.Failed) != 10 {
			t.Fatalf("%d of 10 failed: %s", r.Count(apply.Failed), outcome(r))
		}
		d.counts(t, "5 minutes of waiting for 10 creations", 400)

		p := d.plan(f, plan.Options{}) // creations in progress are waited for; nothing matches the spec yet
		if n := p.Counts().Waiting; n != 10 {
			t.Errorf("the next plan waits for %d of 10: %s", n, story(p))
		}
	})
}
