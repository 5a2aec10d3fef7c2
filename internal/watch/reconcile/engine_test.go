package reconcile_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"fleet/internal/emulator"
	"fleet/internal/journal"
	"fleet/internal/watch/policy"
)

// fleetOf returns a spec of n workers with a label.
func fleetOf(n int, team string) string {
	return fmt.Sprintf("version: 1\nname: w\nsandboxes:\n  w: {count: %d, snapshot: daytona-small, labels: {team: %q}}\n", n, team)
}

// settle waits until the watch is idle.
func settle() {
	time.Sleep(30 * time.Second)
	synctest.Wait()
}

// TestEventHeals: a sandbox that another client deletes is created again within a second
// of the event, and an idle hour takes one list.
func TestEventHeals(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		never := strings.Replace(fleetOf(3, "a"), "labels:", "auto_stop_interval: 0, labels:", 1) // the fleet is idle
		w := newWatched(t, settings{events: true, interval: time.Minute, spec: never, emulator: emulator.Options{Latency: 20 * time.Millisecond}})
		settle()
		if w.last().Outcome != journal.InSync && w.last().Outcome != journal.Changed || len(w.boxes()) != 3 {
			t.Fatalf("%+v", w.last())
		}
		w.send("DELETE", "/api/sandbox/"+w.boxes()[0].ID, "")
		time.Sleep(time.Second)
		if n := len(w.boxes()); n != 3 {
			t.Errorf("%d sandboxes a second after the event; last pass %+v", n, w.last())
		}
		settle()
		w.log()
		time.Sleep(time.Hour)
		synctest.Wait()
		lists := 0
		requests := w.log()
		for _, r := range requests {
			if r.Method == http.MethodGet && strings.HasPrefix(r.Path, "/sandbox/paginated") {
				lists++
			}
		}
		if lists != 1 || len(requests) > lists+5 {
			t.Errorf("an idle hour took %d requests: %v", len(requests), requests)
		}
	})
}

// TestEditOfOneLabel: an edit of labels plans on the last listing.
func TestEditOfOneLabel(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWatched(t, settings{events: true, interval: time.Minute, spec: fleetOf(1, "a"), emulator: emulator.Options{Latency: 20 * time.Millisecond}})
		settle()
		listed := w.last().ListedAt
		w.log()
		w.edit(fleetOf(1, "b"))
		time.Sleep(time.Second)
		p := w.last()
		if requests := w.log(); len(requests) > 5 || w.boxes()[0].Labels["team"] != "b" || p.Outcome != journal.Changed || !p.ListedAt.Equal(listed) {
			t.Errorf("%d requests: %v\n%+v", len(requests), requests, p)
		}
	})
}

// TestOutage: an API that is down is tried again with growing waits, raises an alarm, and
// its end is reported.
func TestOutage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWatched(t, settings{interval: time.Minute, spec: fleetOf(1, "a")})
		settle()
		w.send("POST", "/_emulator/faults", `{"kind":"status","status":401}`)
		before := w.last().Number
		time.Sleep(time.Hour)
		if n := w.last().Number - before; n > 80 || !slices.ContainsFunc(w.journal.State().Alarms, func(a journal.Alarm) bool { return a.Name == "reconciliation-failing" }) {
			t.Errorf("%d passes in an hour; alarms %+v", n, w.journal.State().Alarms)
		}
		w.send("DELETE", "/_emulator/faults", "")
		time.Sleep(10 * time.Minute)
		if alarms := w.journal.State().Alarms; len(alarms) > 0 || !slices.Contains(w.runner.notes, "Reconciling works again.") {
			t.Errorf("alarms %+v, notes %v", alarms, w.runner.notes)
		}
	})
}

// TestBrokenSpec: a broken spec keeps the last good one, raises an alarm, and its end is
// reported. Drift is healed meanwhile.
func TestBrokenSpec(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWatched(t, settings{interval: time.Minute, spec: fleetOf(2, "a")})
		settle()
		w.edit("version: 1\nname: w\nsandboxes: {w: {snapshto: x}}\n")
		settle()
		if alarms := w.journal.State().Alarms; len(alarms) != 1 || alarms[0].Name != "spec-invalid" {
			t.Fatalf("alarms: %+v", alarms)
		}
		w.send("DELETE", "/api/sandbox/"+w.boxes()[0].ID, "")
		time.Sleep(2 * time.Minute)
		if n := len(w.boxes()); n != 2 {
			t.Errorf("%d sandboxes", n)
		}
		w.edit(fleetOf(2, "a"))
		settle()
		if alarms := w.journal.State().Alarms; len(alarms) > 0 || !slices.Contains(w.runner.notes, "The spec is valid again, and in use.") {
			t.Errorf("alarms %+v, notes %v", alarms, w.runner.notes)
		}
	})
}

// TestApproval: what would destroy too much waits, is shown, and is done after an approval
// of exactly that plan.
func TestApproval(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWatched(t, settings{interval: time.Minute, spec: fleetOf(3, "a")})
		settle()
		w.edit(fleetOf(1, "a"))
		settle()
		s := w.journal.State()
		if len(w.boxes()) != 3 || w.last().Outcome != journal.Waiting || s.Plan == nil || s.Plan.NeedsApproval == "" {
			t.Fatalf("%+v %+v", w.last(), s.Plan)
		}
		if err := w.engine.Approve("sha256:other", "page"); err == nil {
			t.Error("another digest was approved")
		}
		if err := w.engine.Approve(s.Plan.Digest, "page"); err != nil {
			t.Fatal(err)
		}
		settle()
		if len(w.boxes()) != 1 || w.last().Outcome == journal.Waiting {
			t.Errorf("%d sandboxes; %+v", len(w.boxes()), w.last())
		}
		w.edit(fleetOf(3, "a"))
		settle()
		w.edit(fleetOf(1, "a"))
		settle()
		if len(w.boxes()) != 3 {
			t.Error("an approval was used twice")
		}
	})
}

// TestModes: observe changes nothing, repair deletes nothing.
func TestModes(t *testing.T) {
	for mode, want := range map[policy.Mode]int{policy.Observe: 0, policy.Repair: 2} {
		t.Run(string(mode), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWatched(t, settings{interval: time.Minute, spec: fleetOf(2, "a"), policy: policy.Policy{Mode: mode}})
				settle()
				w.edit(fleetOf(1, "a"))
				settle()
				if n := len(w.boxes()); n != want {
					t.Errorf("%d sandboxes, want %d", n, want)
				}
				if mode == policy.Observe && w.last().Outcome != journal.Observed {
					t.Errorf("%+v", w.last())
				}
			})
		})
	}
}

// TestPause: a paused fleet makes no pass, and reports the reason; a paused object is left alone.
func TestPause(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWatched(t, settings{interval: time.Minute, spec: fleetOf(2, "a")})
		settle()
		if err := w.engine.Pause("sandbox.gone", "page"); err == nil {
			t.Error("an unknown address was paused")
		}
		if err := w.engine.Pause("", "page"); err != nil {
			t.Fatal(err)
		}
		w.log()
		w.edit(fleetOf(2, "b"))
		time.Sleep(10 * time.Minute)
		if p := w.last(); p.Outcome != journal.Skipped || !strings.Contains(p.Reason, "paused by page") || len(w.log()) > 0 {
			t.Errorf("%+v", p)
		}
		if err := w.engine.Pause("sandbox.w[0]", "page"); err != nil {
			t.Fatal(err)
		}
		if err := w.engine.Resume("", "page"); err != nil {
			t.Fatal(err)
		}
		settle()
		teams := map[string]int{}
		for _, b := range w.boxes() {
			teams[b.Labels["team"]]++
		}
		if teams["a"] != 1 || teams["b"] != 1 {
			t.Errorf("teams: %v", teams)
		}
	})
}

// TestTwoWatches: two watches of one fleet make nothing twice and lose nothing, also if
// both heal the same drift at once.
func TestTwoWatches(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := settings{events: true, interval: time.Minute, spec: fleetOf(4, "a"), emulator: emulator.Options{
			APIVersion: emulator.Version220, Latency: 20 * time.Millisecond, Delays: emulator.Delays{Create: 300 * time.Millisecond, Delete: 200 * time.Millisecond},
		}}
		first := newWatched(t, s)
		s.server = first.server
		second := newWatched(t, s)
		settle()
		for i := range 10 {
			first.send("DELETE", "/api/sandbox/"+first.boxes()[i%4].ID, "")
			team := fmt.Sprint("team", i)
			first.edit(fleetOf(4, team))
			second.edit(fleetOf(4, team))
			time.Sleep(10 * time.Minute)
			synctest.Wait()
			names := map[string]string{}
			for _, b := range first.boxes() {
				names[b.Name] = b.Labels["team"]
			}
			if len(first.boxes()) != 4 || len(names) != 4 || slices.ContainsFunc(first.boxes(), func(b box) bool { return b.Labels["team"] != team }) {
				t.Fatalf("round %d: %+v; last passes %+v, %+v", i, first.boxes(), first.last(), second.last())
			}
		}
	})
}

// TestWindow: changes wait for the sync window, and none is started after its end.
func TestWindow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		opens, err := policy.ParseWindow("UTC 0 2 * * * for 1m", time.Now())
		if err != nil {
			t.Fatal(err)
		}
		s := settings{interval: time.Minute, spec: fleetOf(60, "a"), policy: policy.Policy{Windows: policy.Windows{opens}}}
		s.emulator.Delays.Create, s.parallelism = 20*time.Second, 4
		w := newWatched(t, s)
		time.Sleep(90*time.Minute + 10*time.Second)
		if n := len(w.boxes()); n != 0 || w.last().Outcome != journal.Waiting {
			t.Fatalf("%d sandboxes before the window opens; %+v", n, w.last())
		}
		events, _, _ := w.journal.Since(0)
		asks := slices.ContainsFunc(events, func(e journal.Event) bool { return e.Kind == journal.ApprovalNeeded })
		if p := w.journal.State().Plan; asks || p == nil || p.NeedsApproval != "" {
			t.Errorf("a plan that waits for a window asks for approval: %+v", p)
		}
		time.Sleep(29 * time.Minute)
		start := time.Now().Truncate(24 * time.Hour).Add(2 * time.Hour)
		time.Sleep(3 * time.Hour)
		late := 0
		for _, b := range w.boxes() {
			if b.CreatedAt.After(start.Add(time.Minute)) {
				late++
			}
		}
		if n := len(w.boxes()); n == 0 || late > 0 {
			t.Errorf("%d sandboxes, %d of them created after the end of the window", n, late)
		}
	})
}

// TestReplacementAtTheEndOfTheWindow: what was started in a sync window is finished.
func TestReplacementAtTheEndOfTheWindow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		opens, err := policy.ParseWindow("UTC 0 2 * * * for 1m", time.Now())
		if err != nil {
			t.Fatal(err)
		}
		s := settings{interval: time.Minute, spec: fleetOf(3, "a"), policy: policy.Policy{Windows: policy.Windows{opens}}}
		s.emulator.Delays.Delete, s.allowDestroy = 2*time.Minute, 10
		w := newWatched(t, s)
		time.Sleep(3 * time.Hour)
		w.edit(strings.Replace(fleetOf(3, "a"), "daytona-small", "daytona-medium", 1))
		time.Sleep(23*time.Hour + 10*time.Minute) // ten minutes after the next window
		if n := len(w.boxes()); n != 3 {
			t.Errorf("%d sandboxes after the window; %+v", n, w.last())
		}
	})
}

// TestMixedPlan: what waits does not make what was done a failure, and the approval of the
// rest is for the plan that is shown afterwards.
func TestMixedPlan(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWatched(t, settings{interval: time.Hour, spec: fleetOf(3, "a")})
		settle()
		w.edit(fleetOf(2, "b"))
		settle()
		s := w.journal.State()
		if w.last().Outcome != journal.Waiting || len(s.Alarms) > 0 || s.Plan == nil {
			t.Fatalf("%+v; alarms %+v", w.last(), s.Alarms)
		}
		if err := w.engine.Approve(s.Plan.Digest, "page"); err != nil {
			t.Fatal(err)
		}
		settle()
		if n := len(w.boxes()); n != 2 {
			t.Errorf("%d sandboxes after the approval; %+v", n, w.last())
		}
	})
}

// TestEventsWhileAStepWaits: a step that waits does not make each event list everything.
func TestEventsWhileAStepWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWatched(t, settings{events: true, interval: time.Minute, spec: fleetOf(3, "a")})
		settle()
		w.edit(fleetOf(2, "a"))
		settle()
		w.log()
		for range 10 {
			w.send("POST", "/api/sandbox/"+w.boxes()[0].ID+"/stop", "")
			settle()
			w.send("POST", "/api/sandbox/"+w.boxes()[0].ID+"/start", "")
			settle()
		}
		lists := 0
		for _, r := range w.log() {
			if strings.HasPrefix(r.Path, "/sandbox/paginated") {
				lists++
			}
		}
		if lists > 1 {
			t.Errorf("%d lists", lists)
		}
	})
}
