package metrics

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"go.uber.org/goleak"

	"fleet/internal/journal"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var start = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// A clock advances by one second at each reading.
type clock struct{ now time.Time }

func (c *clock) read() time.Time { c.now = c.now.Add(time.Second); return c.now }

// watched returns a journal in which everything has happened that a metric counts.
func watched() *journal.Journal {
	c := &clock{start}
	j := journal.New(c.read, journal.Head{Fleet: "demo", Environment: "prod", Server: "https://app.daytona.io/api", Mode: "enforce", Version: "1.2.3"})
	j.SetHead(func(h *journal.Head) {
		h.Pushes, h.NextPass, h.OtherWatch, h.Waiting = "connected", start.Add(time.Hour), "labels of another run", 2
	})
	j.Begin("start", "0123abc")
	j.Planned(&journal.Plan{Digest: "sha256:1", NeedsApproval: "it deletes 1 sandbox", Steps: []journal.Step{
		{Address: "sandbox.web", Action: "create"}, {Address: "sandbox.worker[0]", Action: "delete"}, {Address: "snapshot.base", Action: "update"},
	}}, func(*journal.Pass) {})
	j.Step(journal.Step{Address: "sandbox.web", Action: "create", Phase: "working"})
	j.Step(journal.Step{Address: "sandbox.web", Action: "create", Phase: "done"})
	j.Step(journal.Step{Address: "snapshot.base", Action: "update", Phase: "failed"})
	j.SetObjects([]journal.Object{
		{Address: "sandbox.web", State: "started"},
		{Address: "sandbox.worker[0]", State: "stopped", Drift: "stopped", Paused: true},
		{Address: "sandbox.worker[1]"},
		{Address: "snapshot.base", State: "error", Failed: true},
		{Address: "volume.data", State: "a new state"},
	})
	j.End(func(p *journal.Pass) {
		p.Outcome, p.Requests, p.Limited = journal.Failed, 12, 3
		p.RequestsByClass = map[string]int{"sandbox-list": 4, "authenticated": 6}
	})
	j.Begin("file change: fleet.yaml", "")
	j.End(func(p *journal.Pass) { p.Outcome = journal.Waiting })
	j.Skip("interval", "outside of the sync windows until 22:00")
	j.Raise("spec-invalid", "fleet.yaml:1:1: no")
	j.Raise("spec-invalid", "fleet.yaml:2:1: no")
	j.Raise("flapping sandbox.web", "changed back 4 times")
	j.Raise("flapping sandbox.api", "changed back 4 times")
	j.Clear("flapping sandbox.api")
	j.SetPaused("", true, "page")
	return j
}

// scrape returns the metrics of a collector as text, by series.
func scrape(t *testing.T, c *Collector) map[string]string {
	t.Helper()
	w := httptest.NewRecorder()
	c.Handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	if w.Code != 200 {
		t.Fatalf("the scrape fails: %s", w.Body)
	}
	series := map[string]string{}
	for line := range strings.Lines(w.Body.String()) {
		if name, value, ok := strings.Cut(strings.TrimSpace(line), "} "); ok && !strings.HasPrefix(line, "#") {
			series[name+"}"] = value
		} else if name, value, ok := strings.Cut(strings.TrimSpace(line), " "); ok && name != "#" {
			series[name] = value
		}
	}
	return series
}

// TestScrape records on every instrument and scrapes: a clash of names or labels shows
// only then.
func TestScrape(t *testing.T) {
	got := scrape(t, New(watched()))
	want := map[string]string{
		`fleet_watch_info{environment="prod",fleet="demo",mode="enforce",server="https://app.daytona.io/api",version="1.2.3"}`: "1",
		`fleet_watch_revision_info{revision="0123abc"}`:                                "1",
		`fleet_watch_passes_total{cause="start",outcome="failed"}`:                     "1",
		`fleet_watch_passes_total{cause="start",outcome="in sync"}`:                    "0",
		`fleet_watch_passes_total{cause="file change",outcome="waiting"}`:              "1",
		`fleet_watch_passes_total{cause="interval",outcome="skipped"}`:                 "1",
		`fleet_watch_passes_skipped_total{reason="outside of the sync windows until"}`: "1",
		`fleet_watch_pass_duration_seconds_count`:                                      "2",
		`fleet_watch_steps_total{action="create",kind="sandbox",result="done"}`:        "1",
		`fleet_watch_steps_total{action="update",kind="snapshot",result="failed"}`:     "1",
		`fleet_watch_drift{action="create",kind="sandbox"}`:                            "0",
		`fleet_watch_drift{action="delete",kind="sandbox"}`:                            "1",
		`fleet_watch_drift{action="update",kind="snapshot"}`:                           "1",
		`fleet_watch_objects{kind="sandbox",state="started"}`:                          "1",
		`fleet_watch_objects{kind="sandbox",state="stopped"}`:                          "1",
		`fleet_watch_objects{kind="sandbox",state="absent"}`:                           "1",
		`fleet_watch_objects{kind="snapshot",state="error"}`:                           "1",
		`fleet_watch_objects{kind="volume",state="other"}`:                             "1",
		`fleet_watch_objects_drifted{kind="sandbox"}`:                                  "1",
		`fleet_watch_objects_failed{kind="snapshot"}`:                                  "1",
		`fleet_watch_objects_paused{kind="sandbox"}`:                                   "1",
		`fleet_watch_requests_total{class="sandbox-list"}`:                             "4",
		`fleet_watch_requests_total{class="authenticated"}`:                            "6",
		`fleet_watch_requests_total{class="other"}`:                                    "2",
		`fleet_watch_requests_rate_limited_total`:                                      "3",
		`fleet_watch_triggers_waiting`:                                                 "2",
		`fleet_watch_approvals_waiting`:                                                "1",
		`fleet_watch_paused`:                                                           "1",
		`fleet_watch_pass_running`:                                                     "0",
		`fleet_watch_events_connected`:                                                 "1",
		`fleet_watch_other_watch`:                                                      "1",
		`fleet_watch_alarms{alarm="spec-invalid"}`:                                     "1",
		`fleet_watch_alarms{alarm="flapping"}`:                                         "1",
		`fleet_watch_alarms_raised_total{alarm="spec-invalid"}`:                        "1",
		`fleet_watch_alarms_raised_total{alarm="flapping"}`:                            "2",
	}
	for series, value := range want {
		if got[series] != value {
			t.Errorf("%s is %q, want %q", series, got[series], value)
		}
	}
	for _, name := range []string{"start", "last_success", "next_pass"} {
		if got["fleet_watch_"+name+"_timestamp_seconds"] == "" {
			t.Errorf("the time of %s is missing", name)
		}
	}
	recorded := map[string]bool{}
	for series := range got {
		name, _, _ := strings.Cut(series, "{")
		recorded[name] = true
	}
	for _, name := range names(New(watched())) {
		if !recorded[name] && !recorded[name+"_count"] {
			t.Errorf("nothing is recorded on %s", name)
		}
	}
}

var describedName = regexp.MustCompile(`fqName: "([^"]+)"`)

// names returns the names of the metrics that a collector describes.
func names(c *Collector) (list []string) {
	to := make(chan *prometheus.Desc, 100)
	c.Describe(to)
	close(to)
	for d := range to {
		list = append(list, describedName.FindStringSubmatch(d.String())[1])
	}
	return list
}

// TestLint checks the names and the help of the metrics by the rules of Prometheus.
func TestLint(t *testing.T) {
	r := prometheus.NewPedanticRegistry()
	r.MustRegister(New(watched()))
	problems, err := testutil.GatherAndLint(r)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range problems {
		t.Errorf("%s: %s", p.Metric, p.Text)
	}
}

// TestEmpty scrapes before the first pass: nothing is there yet that could be wrong.
func TestEmpty(t *testing.T) {
	got := scrape(t, New(journal.New(time.Now, journal.Head{})))
	for series, value := range map[string]string{"fleet_watch_last_success_timestamp_seconds": "0", "fleet_watch_approvals_waiting": "0", `fleet_watch_passes_total{cause="start",outcome="failed"}`: "0"} {
		if got[series] != value {
			t.Errorf("%s is %q, want %q", series, got[series], value)
		}
	}
	for _, name := range []string{"fleet_watch_events_connected", "fleet_watch_next_pass_timestamp_seconds"} {
		if value, there := got[name]; there {
			t.Errorf("%s is %s", name, value)
		}
	}
}

// TestCardinality fills every label with as many values as a large fleet and a hostile
// server can have.
func TestCardinality(t *testing.T) {
	c := &clock{start}
	j := journal.New(c.read, journal.Head{Fleet: "demo\xff"})
	metrics := New(j)
	for i := range 5000 {
		n := fmt.Sprintf("%c%c%c", 'a'+i%26, 'a'+i/26%26, 'a'+i/676%26)
		j.Begin(n+": fleet.yaml", n)
		address := fmt.Sprintf("%s.worker[%d]", n, i)
		j.Step(journal.Step{Address: address, Action: n, Phase: "done"})
		j.Step(journal.Step{Address: address, Action: n, Phase: n})
		j.Raise(n+" "+address, n)
		j.End(func(p *journal.Pass) { p.Outcome, p.RequestsByClass = journal.Outcome(n), map[string]int{n: 1} })
		j.Skip(n, n+"\xff")
		if i%100 == 0 {
			scrape(t, metrics)
		}
	}
	var objects []journal.Object
	var steps []journal.Step
	for i := range 5000 {
		address := fmt.Sprintf("kind%d.worker[%d]", i, i)
		objects = append(objects, journal.Object{Address: address, State: fmt.Sprintf("state %d\xff\n", i), Drift: "x"})
		steps = append(steps, journal.Step{Address: address, Action: fmt.Sprint(i)})
	}
	j.SetObjects(objects)
	j.Begin("start", "")
	j.Planned(&journal.Plan{Steps: steps}, func(*journal.Pass) {})
	perMetric := map[string]int{}
	for series := range scrape(t, metrics) {
		if name, _, _ := strings.Cut(series, "{"); strings.HasPrefix(name, "fleet_") {
			perMetric[name]++
		}
	}
	for name, n := range perMetric {
		if n > 3*(maxValues+2) {
			t.Errorf("%s has %d series", name, n)
		}
	}
	if n := slices.Max(slices.Collect(maps.Values(perMetric))); n < 10 {
		t.Errorf("the test fills no label: %v", perMetric)
	}
}

// TestGone checks that series stay, with 0, if what they count is gone: an alert on
// them would not end otherwise.
func TestGone(t *testing.T) {
	j := watched()
	c := New(j)
	scrape(t, c)
	j.SetObjects(nil)
	j.Clear("spec-invalid")
	j.Begin("start", "4567def")
	j.Planned(nil, func(*journal.Pass) {})
	j.SetHead(func(h *journal.Head) { h.Mode = "observe" })
	got := scrape(t, c)
	for series, want := range map[string]string{
		`fleet_watch_objects{kind="sandbox",state="started"}`: "0", `fleet_watch_drift{action="delete",kind="sandbox"}`: "0",
		`fleet_watch_alarms{alarm="spec-invalid"}`: "0", `fleet_watch_approvals_waiting`: "0", `fleet_watch_pass_running`: "1",
		`fleet_watch_revision_info{revision="4567def"}`: "1", `fleet_watch_revision_info{revision="0123abc"}`: "",
		`fleet_watch_info{environment="prod",fleet="demo",mode="enforce",server="https://app.daytona.io/api",version="1.2.3"}`: "",
	} {
		if got[series] != want {
			t.Errorf("%s is %q, want %q", series, got[series], want)
		}
	}
}

// TestEventsConnection checks the states of the connection: an alert on a server that
// offers no events would never end.
func TestEventsConnection(t *testing.T) {
	for state, want := range map[string]string{"": "", "connected": "1", "connecting": "0", "reconnecting since 12:00": "0", "not offered by this server: 404": ""} {
		j := journal.New(time.Now, journal.Head{Pushes: state})
		if got := scrape(t, New(j))["fleet_watch_events_connected"]; got != want {
			t.Errorf("%q: %q, want %q", state, got, want)
		}
	}
}

// TestEveryPassIsCounted lets more happen between two scrapes than a journal remembers.
func TestEveryPassIsCounted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j := journal.New(time.Now, journal.Head{})
		c := New(j)
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() { c.Follow(ctx); close(done) }()
		const n = 3000
		for range n {
			j.Begin("interval", "")
			j.Step(journal.Step{Address: "sandbox.web", Action: "start", Phase: "done"})
			time.Sleep(time.Minute)
			j.End(func(p *journal.Pass) { p.Outcome = journal.Changed })
		}
		synctest.Wait()
		got := scrape(t, c)
		for _, series := range []string{`fleet_watch_passes_total{cause="interval",outcome="changed"}`, `fleet_watch_steps_total{action="start",kind="sandbox",result="done"}`, `fleet_watch_pass_duration_seconds_bucket{le="60"}`} {
			if got[series] != fmt.Sprint(n) {
				t.Errorf("%s is %s, want %d", series, got[series], n)
			}
		}
		cancel()
		<-done
	})
}
