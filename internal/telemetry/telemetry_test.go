package telemetry

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"

	"fleet/apply"
)

const twoSandboxes = `
version: 1
name: shop
sandboxes:
  db:
    snapshot: daytona-small
    env_vars: {PASSWORD: ` + testSecret + `}
    auto_stop_interval: 30
  web: {snapshot: daytona-small}
`

func TestSpansOfAnApply(t *testing.T) {
	s := newScene(t)
	s.refuse["POST"] = []int{429}
	report := s.apply(twoSandboxes)
	if !report.OK() {
		t.Fatalf("%+v", report.Results)
	}
	got := tree(s.spans.GetSpans(), "", 0)
	t.Log(got)
	const created = "server.address=daytona.test server.port=80 url.template=/sandbox url.full=http://daytona.test/api/sandbox"
	for _, want := range []string{
		"fleet.plan fleet.name=shop fleet.steps.create=2 fleet.steps.blocked=0\n",
		"  GET /config http.request.method=GET server.address=daytona.test server.port=80 url.template=/config url.full=http://daytona.test/api/config http.response.status_code=200\n",
		"fleet.apply fleet.name=shop fleet.steps.done=2 fleet.steps.failed=0 fleet.steps.skipped=0 fleet.steps.interrupted=0 fleet.steps.rolled_back=0\n",
		"  fleet.step fleet.address=sandbox.db fleet.action=create fleet.outcome=done\n" +
			"    POST /sandbox http.request.method=POST " + created + " http.response.status_code=429 error.type=429 Error\n" +
			"    POST /sandbox http.request.method=POST " + created + " http.request.resend_count=1 http.response.status_code=200\n",
		"  fleet.step fleet.address=sandbox.web fleet.action=create fleet.outcome=done\n    POST /sandbox http",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("there is no\n%s", want)
		}
	}
	for _, span := range s.spans.GetSpans() {
		if !span.EndTime.After(span.StartTime) {
			t.Errorf("%s takes no time", span.Name)
		}
	}
}

// Every request to the API has the trace context of its span.
func TestTraceContextIsSent(t *testing.T) {
	s := newScene(t)
	s.apply(twoSandboxes)
	var want []string
	for _, span := range s.spans.GetSpans() {
		if span.SpanKind.String() == "client" {
			want = append(want, fmt.Sprintf("00-%s-%s-01", span.SpanContext.TraceID(), span.SpanContext.SpanID()))
		}
	}
	slices.Sort(want)
	slices.Sort(s.parents)
	if len(want) == 0 || !slices.Equal(s.parents, want) {
		t.Errorf("sent %v, want %v", s.parents, want)
	}
}

func TestFailedSteps(t *testing.T) {
	s := newScene(t)
	s.refuse["POST"] = []int{403, 403}
	report := s.apply(twoSandboxes)
	got := tree(s.spans.GetSpans(), "", 0)
	if want := "fleet.step fleet.address=sandbox.db fleet.action=create fleet.outcome=failed Error POST /sandbox: "; !strings.Contains(got, want) {
		t.Errorf("there is no %q in\n%s", want, got)
	}
	if want := "fleet.steps.failed=2 fleet.steps.skipped=0 fleet.steps.interrupted=0 fleet.steps.rolled_back=0 Error some steps were not done\n"; !strings.Contains(got, want) {
		t.Errorf("there is no %q in\n%s", want, got)
	}
	if report.Count(apply.Failed) != 2 {
		t.Errorf("%+v", report.Results)
	}
}

func TestNothingToldIsSecret(t *testing.T) {
	s := newScene(t)
	s.refuse["POST"] = []int{503, 400}
	report := s.apply(twoSandboxes)
	s.apply(twoSandboxes)                                                                                  // creates what failed
	s.apply("version: 1\nname: shop\nsandboxes: {web: {snapshot: daytona-small, auto_stop_interval: 60}}") // deletes and changes
	told := tree(s.spans.GetSpans(), "", 0) + fmt.Sprintf("%+v", s.metrics())
	forbidden := []string{testKey, testSecret, "PASSWORD", "?", "daytona-small"}
	for _, r := range report.Results {
		if r.ID != "" {
			forbidden = append(forbidden, r.ID)
		}
	}
	if len(forbidden) < 6 {
		t.Fatal("no sandbox was created")
	}
	for _, f := range forbidden {
		if strings.Contains(told, f) {
			t.Errorf("%q is told in\n%s", f, told)
		}
	}
	if !strings.Contains(told, "/sandbox/{id}") {
		t.Errorf("no single sandbox was asked for:\n%s", told)
	}
}

func TestMetrics(t *testing.T) {
	s := newScene(t)
	s.refuse["POST"] = []int{429, 403}
	s.apply(twoSandboxes)
	all := s.metrics()
	for name, unit := range map[string]string{
		"fleet.requests": "{request}", "fleet.requests.limited": "{request}",
		"http.client.request.duration": "s", "fleet.step.duration": "s",
	} {
		if all[name].Unit != unit || all[name].Description == "" {
			t.Errorf("%s: unit %q, description %q", name, all[name].Unit, all[name].Description)
		}
	}
	var points []string
	for _, name := range []string{"fleet.requests", "fleet.requests.limited"} {
		for _, p := range all[name].Data.(metricdata.Sum[int64]).DataPoints {
			points = append(points, fmt.Sprintf("%s %s: %d", name, encoded(p.Attributes.ToSlice()), p.Value))
		}
	}
	for _, name := range []string{"http.client.request.duration", "fleet.step.duration"} {
		for _, p := range all[name].Data.(metricdata.Histogram[float64]).DataPoints {
			points = append(points, fmt.Sprintf("%s %s: %d", name, encoded(p.Attributes.ToSlice()), p.Count))
		}
	}
	for _, want := range []string{
		"fleet.requests fleet.rate_class=sandbox-create http.response.status_code=200: 1",
		"fleet.requests error.type=403 fleet.rate_class=sandbox-create http.response.status_code=403: 1",
		"fleet.requests.limited fleet.rate_class=sandbox-create: 1",
		"http.client.request.duration http.request.method=POST http.response.status_code=200 server.address=daytona.test server.port=80 url.template=/sandbox: 1",
		"fleet.step.duration fleet.action=create fleet.outcome=done: 1",
		"fleet.step.duration fleet.action=create fleet.outcome=failed: 1",
	} {
		if !slices.Contains(points, want) {
			t.Errorf("there is no %s in\n%s", want, strings.Join(points, "\n"))
		}
	}
}

func encoded(attributes []attribute.KeyValue) string {
	var parts []string
	for _, a := range attributes {
		parts = append(parts, string(a.Key)+"="+a.Value.String())
	}
	return strings.Join(parts, " ")
}
