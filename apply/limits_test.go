package apply_test

import (
	"testing"
	"testing/synctest"
	"time"

	"fleet/client"
	"fleet/internal/emulator"
	"fleet/plan"
)

// TestRateLimit creates more than the server's rate limit permits at once. All objects
// are created, as fast as the limit permits, and hardly a request is refused.
func TestRateLimit(t *testing.T) {
	const n, limit, window = 100, 20, 2 * time.Second
	synctest.Test(t, func(t *testing.T) {
		d := newDaytona(t, emulator.Options{Delays: emulator.Delays{Create: 100 * time.Millisecond}})
		defer d.close()
		d.send("POST", "/_emulator/organization", map[string]any{
			"rateLimits": map[string]any{"sandbox-create": map[string]any{"limit": limit, "ttl": window.Seconds()}},
		})
		var err error
		d.api, err = client.New(client.Config{URL: "http://localhost/api", Key: "k", RateShare: 100, Transport: inProcess{d.handler}})
		if err != nil {
			t.Fatal(err)
		}
		f := parse(t, fleetOf(n, ""))
		p := d.plan(f, plan.Options{})
		r := d.run(p)
		if !r.OK() {
			t.Fatal(outcome(r))
		}
		stats := d.api.Stats()
		all, _ := d.log()
		ideal := n / limit * window
		t.Logf("%d requests, %d turned away, %s for ideally %s", len(all), stats.RateLimited, r.Duration, ideal)
		if stats.RateLimited*100 > 2*len(all) {
			t.Errorf("%d of %d requests were turned away", stats.RateLimited, len(all))
		}
		// The clock is that of the synctest bubble: nothing here depends on the machine.
		if r.Duration > ideal*11/10 {
			t.Errorf("it took %s, and ideally takes %s", r.Duration, ideal)
		}
	})
}
