package render

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"fleet/apply"
	"fleet/client"
	"fleet/internal/render/ci"
	"fleet/plan"
	"fleet/spec"
)

// mixed returns the report of a run with every outcome.
func mixed() *apply.Report {
	return &apply.Report{Duration: 83 * time.Second, Interrupted: true, Results: []apply.Result{
		{Step: step("web", plan.Create), Outcome: apply.Done, ID: "id-of-web", Duration: 1500 * time.Millisecond},
		{Step: step("db", plan.Update), Outcome: apply.Failed, ID: "id-of-db", Err: errors.New("the build failed:\nstep 3\nstep 4"), Duration: time.Second},
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
	good.Duration = 1234 * time.Millisecond
	same(t, "all done", reportText(good, Style{}), "Done: 1 done in 1.2s.\n")
	same(t, "nothing done", reportText(&apply.Report{}, Style{}), "Done: 0 done in 0.0s.\n")
	onlyBlocked := &apply.Report{Results: mixed().Results[4:]}
	same(t, "what the plan told is only counted", reportText(onlyBlocked, Style{}), "Done: 0 done, 1 skipped in 0.0s.\n")
}

// large returns the report of a run of many sandboxes.
func large() *apply.Report {
	r := &apply.Report{
		Start: time.Date(2030, 1, 2, 3, 4, 5, 6_000_000, time.UTC), Duration: 83 * time.Second,
		RequestLog: client.RequestLog{Requests: 1043, Retries: 12, RateLimited: 3, Wait: 80 * time.Second, Throttled: 15 * time.Second, RateLimitWait: 15 * time.Second},
	}
	for i := range 100 {
		s := step(fmt.Sprintf("worker[%d]", i), plan.Create)
		s.Name = fmt.Sprintf("worker-%d", i)
		x := apply.Result{Step: s, Outcome: apply.Done, ID: "id-of-" + s.Name, State: "started", Start: r.Start, Duration: time.Duration(i) * 100 * time.Millisecond}
		switch {
		case i%10 == 3:
			x.Outcome, x.State = apply.Failed, "error"
			x.Err = fmt.Errorf("POST /sandbox/%s: no runners for %q (503) [request r-%d]", x.ID, s.Name, i)
			x.RequestLog = client.RequestLog{Requests: 6, Retries: 5, Wait: 1500 * time.Millisecond, Throttled: 1500 * time.Millisecond, RateLimitWait: 1500 * time.Millisecond, RequestIDs: []string{"r-0", fmt.Sprintf("r-%d", i)}}
		case i >= 90:
			x = apply.Result{Step: s, Outcome: apply.Skipped, Err: errors.New("volume.cache was not done")}
		case i == 50:
			x.Outcome, x.Err = apply.RolledBack, errors.New("its rollout failed: 3 of 10 are not healthy\x1b[2J")
		}
		r.Results = append(r.Results, x)
	}
	for i := range 9 {
		s := step(fmt.Sprintf("web%d", i%3)+fmt.Sprintf("[%d]", 2*i), plan.Replace)
		r.Results = append(r.Results, apply.Result{Step: s, Outcome: apply.Failed, ID: "x", Err: errors.New("the build failed:\nstep 3"), Duration: time.Minute})
	}
	return r
}

// Steps that failed for one reason share an entry with all addresses.
func TestReportOfMany(t *testing.T) {
	golden(t, "large.txt", reportText(large(), Style{}))
	if n := strings.Count(reportText(large(), Style{Full: true}), "failed sandbox.worker["); n != 10 {
		t.Errorf("in full, %d of 10 failures are told", n)
	}
	var b strings.Builder
	p := plural()
	for _, x := range large().Results {
		p.Steps = append(p.Steps, x.Step)
	}
	if err := ReportMarkdown(&b, p, large()); err != nil {
		t.Fatal(err)
	}
	golden(t, "large.md", b.String())
	b.Reset()
	r := large()
	r.Results = append(r.Results[:4:4], r.Results[50])
	p.Steps = p.Steps[:51]
	if err := ReportJUnit(&b, p, r, ci.Workspace{}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`failures="2"`, `type="rolled back"`, "left in state error\n6 requests, 5 retried; rate limits delayed the step by 2 s.", "last requests: r-0, r-3"} {
		if !strings.Contains(strings.ReplaceAll(b.String(), "&#xA;", "\n"), want) {
			t.Errorf("the test report lacks %s:\n%s", want, b.String())
		}
	}
}

// Results that differ in more than names have separate entries.
func TestReportSeparatesReasons(t *testing.T) {
	r := &apply.Report{}
	for i, text := range []string{"no space", "no space", "no space left", "no space"} {
		x := apply.Result{Step: step(fmt.Sprintf("w[%d]", i), plan.Create), Outcome: apply.Failed, Err: errors.New(text)}
		if i == 3 {
			x.State = "started"
		}
		r.Results = append(r.Results, x)
	}
	same(t, "report", reportText(r, Style{}), strings.Join([]string{
		"  failed sandbox.w[0..1]: no space",
		"  failed sandbox.w[2]: no space left",
		"  failed sandbox.w[3] (left in state started): no space",
		"Incomplete: 0 done, 4 failed in 0.0s.", "",
	}, "\n"))
}

func TestRequestSummary(t *testing.T) {
	for want, trail := range map[string]client.RequestLog{
		"":                      {Requests: 1000, Wait: 76 * time.Second, Throttled: 76 * time.Second}, // it waited to learn that there is no limit
		"1 request, 1 retried.": {Requests: 1, Retries: 1},
		"2,000 requests; rate limits delayed the run by 1 min 20 s.": {Requests: 2000, Wait: 80 * time.Second, Throttled: 80 * time.Second, RateLimitWait: 80 * time.Second},
		"20 requests, 3 retried, 2 rate limited.":                    {Requests: 20, Retries: 3, RateLimited: 2, Wait: time.Minute},
		"20 requests, 3 retried.":                                    {Requests: 20, Retries: 3, Wait: time.Minute, Throttled: time.Minute, RateLimitWait: time.Second},
	} {
		same(t, "text", requestSummary(trail, "the run"), want)
	}
}

// A report that is read from a file prints the same.
func TestReadReport(t *testing.T) {
	var b strings.Builder
	if err := ReportJSON(&b, plural(), large()); err != nil {
		t.Fatal(err)
	}
	past, err := ReadReport([]byte(b.String()))
	if err != nil {
		t.Fatal(err)
	}
	same(t, "text", reportText(&past.Report, Style{}), reportText(large(), Style{}))
	same(t, "trail", past.Results[3].RequestLog, large().Results[3].RequestLog)
	same(t, "began", past.Start, large().Start)
	var again strings.Builder
	if err := ReportJSON(&again, &plan.Plan{Fleet: past.Fleet}, &past.Report); err != nil {
		t.Fatal(err)
	}
	same(t, "JSON", again.String(), b.String())
	past.Start = time.Time{} // it is shown in local time
	b.Reset()
	if err := past.WriteTable(&b, Style{}); err != nil {
		t.Fatal(err)
	}
	golden(t, "past.txt", b.String())
}

func TestReadUnplanned(t *testing.T) {
	var b strings.Builder
	if err := NoPlanReportJSON(&b, &plan.Plan{Fleet: "demo"}, time.Time{}, errors.New("no\x1b[2J answer")); err != nil {
		t.Fatal(err)
	}
	past, err := ReadReport([]byte(b.String()))
	if err != nil {
		t.Fatal(err)
	}
	b.Reset()
	if err := past.WriteTable(&b, Style{}); err != nil {
		t.Fatal(err)
	}
	same(t, "text", b.String(), "Fleet demo: no plan was made: no\\x1b[2J answer\n")
}

func FuzzReadReport(f *testing.F) {
	for _, r := range []*apply.Report{mixed(), large()} {
		var b strings.Builder
		if err := ReportJSON(&b, plural(), r); err != nil {
			f.Fatal(err)
		}
		f.Add([]byte(b.String()))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		past, err := ReadReport(text)
		if err != nil {
			return
		}
		var b strings.Builder
		if err := past.WriteTable(&b, Style{}); err != nil {
			t.Fatal(err)
		}
		if strings.Contains(b.String(), "\x1b") {
			t.Errorf("a report writes control characters: %q", b.String())
		}
	})
}

func TestShortTimes(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "0.0s", 40 * time.Millisecond: "0.0s", 1500 * time.Millisecond: "1.5s",
		10 * time.Second: "10s", 59600 * time.Millisecond: "1m0s", 90 * time.Minute: "1h30m0s",
	} {
		same(t, d.String(), FormatDuration(d), want)
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
	old, ok := FindFormat("json@1")
	if !ok {
		t.Fatal("there is no json@1")
	}
	if err := old.Plan(&b, &Document{Plan: p}); err != nil {
		t.Fatal(err)
	}
	golden(t, "plan@1.json", b.String())
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
