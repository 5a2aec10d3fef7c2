package render

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"fleet/apply"
	"fleet/plan"
	"fleet/spec"
)

// mixed is how a run ended in which a bit of everything happened.
func mixed() *apply.Report {
	return &apply.Report{Took: 83 * time.Second, Interrupted: true, Results: []apply.Result{
		{Step: step("web", plan.Create), Outcome: apply.Done, ID: "id-of-web", Took: 1500 * time.Millisecond},
		{Step: step("db", plan.Update), Outcome: apply.Failed, ID: "id-of-db", Err: errors.New("the build failed:\nstep 3\nstep 4"), Took: time.Second},
		{Step: step("side", plan.Create), Outcome: apply.Skipped, Err: errors.New("sandbox.db was not done")},
		{Step: step("slow", plan.Archive), Outcome: apply.Interrupted, ID: "id-of-slow"},
		{Step: with(step("kept", plan.Delete), blocked(plan.Protected, "it is protected", "lift it")), Outcome: apply.Skipped, Err: errors.New("blocked")},
	}}
}

func reportText(r *apply.Report, s Style) string {
	var b strings.Builder
	Report(&b, r, s)
	return b.String()
}

func TestReport(t *testing.T) {
	golden(t, "report.txt", reportText(mixed(), Style{}))
	golden(t, "report.color.txt", reportText(mixed(), Style{Color: true}))
	good := mixed()
	good.Results = good.Results[:1]
	good.Took = 1234 * time.Millisecond
	same(t, "all done", reportText(good, Style{}), "Done: 1 done in 1.2s.\n")
	same(t, "nothing done", reportText(&apply.Report{}, Style{}), "Done: 0 done in 0.0s.\n")
	onlyBlocked := &apply.Report{Results: mixed().Results[4:]}
	same(t, "what the plan told is only counted", reportText(onlyBlocked, Style{}), "Done: 0 done, 1 skipped in 0.0s.\n")
}

func TestShortTimes(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "0.0s", 40 * time.Millisecond: "0.0s", 1500 * time.Millisecond: "1.5s",
		10 * time.Second: "10s", 59600 * time.Millisecond: "1m0s", 90 * time.Minute: "1h30m0s",
	} {
		same(t, d.String(), short(d), want)
	}
}

func TestJSON(t *testing.T) {
	var b strings.Builder
	p := everything()
	p.Steps[4].After = []spec.Address{p.Steps[3].Address}
	p.Steps[4].Ops[1].Call = &spec.Call{Method: "POST", Path: "public/true", Body: map[string]any{"x": "secret"}, Attrs: []string{"public"}}
	p.Steps[4].Drift = plan.InPlace
	if err := PlanJSON(&b, p); err != nil {
		t.Fatal(err)
	}
	golden(t, "plan.json", b.String())
	b.Reset()
	if err := ReportJSON(&b, p, mixed()); err != nil {
		t.Fatal(err)
	}
	golden(t, "report.json", b.String())
}

// Programs walk lists: an empty one is a list, too.
func TestEmptyJSON(t *testing.T) {
	for name, write := range map[string]func(*strings.Builder) error{
		"results": func(b *strings.Builder) error { return ReportJSON(b, plural(), &apply.Report{}) },
		"steps":   func(b *strings.Builder) error { return PlanJSON(b, plural()) },
	} {
		t.Run(name, func(t *testing.T) {
			var b strings.Builder
			if err := write(&b); err != nil {
				t.Fatal(err)
			}
			var fields map[string]json.RawMessage
			if err := json.Unmarshal([]byte(b.String()), &fields); err != nil {
				t.Fatal(err)
			}
			same(t, name, string(fields[name]), "[]")
		})
	}
}

func TestInvalidPlan(t *testing.T) {
	if err := PlanJSON(&strings.Builder{}, plural(step("a", 0))); err == nil {
		t.Error("a step that does not say what it does was written")
	}
}
