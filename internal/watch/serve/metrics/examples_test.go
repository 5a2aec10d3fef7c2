package metrics

import (
	"encoding/json"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"
)

const examples = "../../../../examples/watch/"

// expression parts: names of metrics, and names of labels in matchers, groupings and
// templates.
var (
	metricIn  = regexp.MustCompile(`\bfleet_watch_\w+`)
	groupedIn = regexp.MustCompile(`\b(?:by|on|without|ignoring)\s*\(([^)]*)\)`)
	matchedIn = regexp.MustCompile(`(\w+)\s*(?:=~|!=|!~|=)\s*"`)
	shownIn   = regexp.MustCompile(`\$labels\.(\w+)|{{(\w+)}}`)
)

// known labels of every series besides those of its metric.
var scraped = []string{"job", "instance", "le"}

// recordedSeries returns the labels of each metric after everything was recorded.
func recordedSeries(t *testing.T) map[string][]string {
	t.Helper()
	labels := map[string][]string{}
	for series := range scrape(t, New(watched())) {
		name, rest, _ := strings.Cut(series, "{")
		for _, m := range matchedIn.FindAllStringSubmatch(rest, -1) {
			labels[name] = append(labels[name], m[1])
		}
		labels[name] = append(labels[name], scraped...)
	}
	return labels
}

// checkExpression checks that the metrics of an expression exist and have the labels
// that it and its texts use.
func checkExpression(t *testing.T, place, expr string, series map[string][]string, texts ...string) {
	t.Helper()
	var have []string
	for _, name := range metricIn.FindAllString(expr, -1) {
		if series[name] == nil {
			t.Errorf("%s: there is no metric %s", place, name)
		}
		have = append(have, series[name]...)
	}
	var used []string
	for _, m := range groupedIn.FindAllStringSubmatch(expr, -1) {
		used = append(used, strings.FieldsFunc(m[1], func(r rune) bool { return r == ',' || r == ' ' })...)
	}
	for _, m := range matchedIn.FindAllStringSubmatch(expr, -1) {
		used = append(used, m[1])
	}
	for _, m := range shownIn.FindAllStringSubmatch(strings.Join(texts, " "), -1) {
		used = append(used, m[1]+m[2])
	}
	for _, label := range used {
		if !slices.Contains(have, label) && !slices.Contains(scraped, label) {
			t.Errorf("%s: no metric of %q has the label %s", place, expr, label)
		}
	}
}

// TestAlerts checks the alert rules against the metrics that exist.
func TestAlerts(t *testing.T) {
	text, err := os.ReadFile(examples + "alerts.yml")
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Groups []struct {
			Rules []struct {
				Alert, Expr, For    string
				Labels, Annotations map[string]string
			}
		}
	}
	if err := yaml.Unmarshal(text, &file); err != nil {
		t.Fatal(err)
	}
	series, n := recordedSeries(t), 0
	for _, g := range file.Groups {
		for _, r := range g.Rules {
			n++
			if r.Labels["severity"] == "" || r.Annotations["summary"] == "" || r.Expr == "" {
				t.Errorf("%s is incomplete", r.Alert)
			}
			checkExpression(t, r.Alert, r.Expr, series, slices.Collect(maps.Values(r.Annotations))...)
		}
	}
	if n < 10 {
		t.Errorf("%d rules", n)
	}
}

// TestDashboard checks the expressions of the dashboard against the metrics that exist,
// and that no metric is missing.
func TestDashboard(t *testing.T) {
	text, err := os.ReadFile(examples + "dashboard.json")
	if err != nil {
		t.Fatal(err)
	}
	var board struct {
		Panels []struct {
			ID      int
			Title   string
			GridPos struct{ X, Y, W, H int }
			Targets []struct{ Expr, LegendFormat string }
		}
	}
	if err := json.Unmarshal(text, &board); err != nil {
		t.Fatal(err)
	}
	series, ids := recordedSeries(t), map[int]bool{}
	for _, p := range board.Panels {
		if ids[p.ID] || p.GridPos.X+p.GridPos.W > 24 || len(p.Targets) == 0 {
			t.Errorf("%s has an id that is used, no target, or a place outside of the grid", p.Title)
		}
		ids[p.ID] = true
		for _, target := range p.Targets {
			checkExpression(t, p.Title, target.Expr, series, target.LegendFormat)
		}
	}
	shown := metricIn.FindAllString(string(text), -1)
	for _, name := range names(New(watched())) {
		if !slices.ContainsFunc(shown, func(s string) bool { return strings.TrimSuffix(s, "_bucket") == name }) && !unshown[name] {
			t.Errorf("no panel shows %s", name)
		}
	}
}

// unshown are metrics for other uses than the dashboard.
var unshown = map[string]bool{
	"fleet_watch_start_timestamp_seconds": true, "fleet_watch_next_pass_timestamp_seconds": true,
	"fleet_watch_objects_drifted": true, "fleet_watch_objects_paused": true,
}

// TestDocumented checks that docs/watch.md has a row for each metric.
func TestDocumented(t *testing.T) {
	text, err := os.ReadFile("../../../../docs/watch.md")
	if err != nil {
		t.Fatal(err)
	}
	documented := metricIn.FindAllString(string(text), -1)
	existing := names(New(watched()))
	for _, name := range existing {
		if !slices.Contains(documented, name) {
			t.Errorf("docs/watch.md does not describe %s", name)
		}
	}
	for _, name := range documented {
		if !slices.Contains(existing, name) {
			t.Errorf("docs/watch.md describes %s, which does not exist", name)
		}
	}
}
