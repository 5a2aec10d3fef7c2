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
)

// atOnce returns how many creations were in flight at once at most, by the server's log,
// counting only those whose body holds a text.
func (d *daytona) atOnce(text string) int {
	d.t.Helper()
	var entries []struct {
		Method, Path, Body string
		Came, Answered     time.Time
	}
	if err := json.Unmarshal(d.send("GET", "/_emulator/log", nil), &entries); err != nil {
		d.t.Fatal(err)
	}
	most := 0
	for _, e := range entries {
		n := 0
		for _, other := range entries {
			if other.Method+other.Path == "POST/sandbox" && strings.Contains(other.Body, text) && !other.Came.After(e.Came) && other.Answered.After(e.Came) {
				n++
			}
		}
		most = max(most, n)
	}
	return most
}

// TestBounds checks that the limits of the spec are kept and used up, and that a step at
// a limit delays no step that is not.
func TestBounds(t *testing.T) {
	for _, c := range []struct {
		bounds, text string
		want         int
		bound        bool // and not more
		longest      time.Duration
	}{
		{"{max: 7}", "", 7, true, 2 * time.Second},
		{"{sandboxes: 5}", "", 5, true, 4 * time.Second},
		{"{regions: {eu: 3}}", `"target":"eu"`, 3, true, 4 * time.Second},
		{"{regions: {eu: 3}}", `"target":"us"`, 10, false, 4 * time.Second},
		{"{per_snapshot: {base: 2}}", `"snapshot":"the-base"`, 2, true, 6 * time.Second},
		{"{per_snapshot: {the-base: 2}}", `"snapshot":"daytona-small"`, 10, false, 6 * time.Second},
	} {
		t.Run(c.bounds+c.text, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				d := newDaytona(t, emulator.Options{Delays: emulator.Delays{Create: 300 * time.Millisecond}})
				defer d.close()
				f := parse(t, fmt.Sprintf(`
version: 1
name: bounds
parallelism: %s
snapshots: {base: {name: the-base, image: "debian:12"}}
sandboxes:
  eu: {count: 10, snapshot: daytona-small, target: eu}
  us: {count: 10, snapshot: daytona-small, target: us}
  base: {count: 10, snapshot: base, target: us}
`, c.bounds))
				p := d.plan(f, plan.Options{})
				d.log()
				r := apply.Run(t.Context(), d.api, p, apply.Options{}, func(apply.Event) {})
				if !r.OK() {
					t.Fatal(outcome(r))
				}
				if n := d.atOnce(c.text); n < c.want || n > c.want && c.bound {
					t.Errorf("%d at once, want %d", n, c.want)
				}
				if r.Duration > c.longest {
					t.Errorf("it took %s, want at most %s", r.Duration, c.longest)
				}
			})
		})
	}
}
