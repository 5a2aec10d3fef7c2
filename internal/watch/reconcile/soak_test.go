package reconcile_test

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"regexp"
	"runtime"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"fleet/internal/emulator"
	"fleet/internal/journal"
	"fleet/internal/watch/serve/metrics"
)

const (
	soakTime  = 30 * 24 * time.Hour
	soakBoxes = 20
)

// TestMonth watches a fleet for a simulated month, in which its spec is edited, others
// change and delete its sandboxes, sandboxes stop by themselves, the API fails, lists lag
// and events get lost. Nothing leaks, no passes overlap, no sandbox is made twice, and
// every pass is counted.
func TestMonth(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWatched(t, settings{
			events: true, interval: 5 * time.Minute, spec: soakSpec(0),
			emulator: emulator.Options{
				APIVersion: emulator.Version220, Latency: 20 * time.Millisecond,
				Delays: emulator.Delays{Create: 300 * time.Millisecond, Stop: 200 * time.Millisecond, Delete: 200 * time.Millisecond},
				Faults: []string{"event-loss rate=0.1", "event-double rate=0.1", "event-late 2s", "event-shuffle rate=0.1"},
			},
		})
		counted := metrics.New(w.journal)
		go counted.Follow(t.Context())
		w.send("POST", "/_emulator/organization", `{"listLag":"500ms"}`)
		dice := rand.New(rand.NewPCG(1, 2))
		var early usage
		for start, n := time.Now(), 1; time.Since(start) < soakTime; n++ {
			time.Sleep(time.Duration(1+dice.IntN(9)) * time.Minute)
			w.disturb(dice, n)
			w.log() // which would be the largest part of the memory
			if early == (usage{}) && time.Since(start) > 24*time.Hour {
				early = measure()
			}
		}
		w.send("DELETE", "/_emulator/faults", "")
		w.edit(soakSpec(0))
		time.Sleep(2 * time.Hour)
		synctest.Wait()
		w.checkEnd(early, counted.Handler())
	})
}

func soakSpec(n int) string {
	return fmt.Sprintf(`
version: 1
name: w
sandboxes:
  edited: {snapshot: daytona-small, labels: {edit: "%d"}}
  w: {count: %d, snapshot: daytona-small, auto_stop_interval: 60}
`, n, soakBoxes-1)
}

// disturb does one of the things that happen to a fleet.
func (w *watched) disturb(dice *rand.Rand, n int) {
	boxes := w.boxes()
	switch dice.IntN(12) {
	case 0, 1, 2, 3:
		w.edit(soakSpec(n))
	case 4:
		w.edit("version: 1\nname: w\nsandboxes: {w: {snapshto: x}}\n")
	case 5:
		if len(boxes) > 0 {
			w.send("DELETE", "/api/sandbox/"+boxes[dice.IntN(len(boxes))].ID, "")
		}
	case 6:
		if len(boxes) > 0 {
			w.send("POST", "/api/sandbox/"+boxes[dice.IntN(len(boxes))].ID+"/autostop/7", "")
		}
	case 7:
		if len(boxes) > 0 {
			w.send("POST", "/api/sandbox/"+boxes[dice.IntN(len(boxes))].ID+"/stop", "")
		}
	case 8:
		w.send("POST", "/_emulator/faults", `{"kind":"status","status":503,"count":20}`)
	case 9:
		w.send("POST", "/_emulator/faults", `{"method":"POST","path":"/sandbox","kind":"reset-after","count":1}`)
	case 10:
		w.network.Break()
	}
}

// usage is what the process uses.
type usage struct {
	goroutines int
	heap       uint64 // bytes that are reachable
}

func measure() usage {
	synctest.Wait()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return usage{runtime.NumGoroutine(), m.HeapAlloc}
}

// checkEnd checks what holds at the end of the month.
func (w *watched) checkEnd(early usage, scraped http.Handler) {
	w.t.Helper()
	late := measure()
	if late.goroutines > early.goroutines+5 || late.heap > early.heap+early.heap/2+8<<20 {
		w.t.Errorf("after a day %+v, after a month %+v", early, late)
	}
	if w.runner.overlap {
		w.t.Error("passes overlapped")
	}
	names := map[string]int{}
	for _, b := range w.boxes() {
		names[b.Name]++
	}
	if len(names) != soakBoxes {
		w.t.Errorf("%d sandboxes", len(names))
	}
	for name, n := range names {
		if n > 1 {
			w.t.Errorf("%s exists %d times", name, n)
		}
	}
	if p := w.last(); p.Outcome != journal.InSync && p.Outcome != journal.Changed {
		w.t.Errorf("last pass: %+v; alarms: %+v", p, w.journal.State().Alarms)
	}
	rec := httptest.NewRecorder()
	scraped.ServeHTTP(rec, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	total := 0.0
	for _, m := range regexp.MustCompile(`(?m)^fleet_watch_passes_total\{[^}]*\} (\S+)$`).FindAllStringSubmatch(rec.Body.String(), -1) {
		n, _ := strconv.ParseFloat(m[1], 64)
		total += n
	}
	if passes := w.last().Number; passes < 1000 || int(total) != passes {
		w.t.Errorf("%v passes are counted of %d", total, passes)
	}
	w.t.Logf("%d passes; after a day %+v, after a month %+v", w.last().Number, early, late)
}
