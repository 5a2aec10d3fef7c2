package telemetry

import (
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"testing"

	collectormetrics "go.opentelemetry.io/proto/otlp/collector/metrics/v1"
	collector "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	common "go.opentelemetry.io/proto/otlp/common/v1"
	metrics "go.opentelemetry.io/proto/otlp/metrics/v1"
	trace "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"
)

// What the semantic conventions require of HTTP clients.
var (
	requiredOfSpans   = []string{"http.request.method", "server.address", "server.port", "url.full"}
	requiredOfMetrics = []string{"http.request.method", "server.address", "server.port"}
)

// collected is what a collector receives of an apply with a failed attempt.
func collected(t *testing.T) (spans []*trace.Span, instruments map[string]*metrics.Metric) {
	t.Helper()
	s := &sink{posts: map[string][]byte{}}
	server := httptest.NewServer(s)
	defer server.Close()
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", server.URL)
	observed, err := Start(t.Context(), os.LookupEnv, "1.2.3")
	if err != nil {
		t.Fatal(err)
	}
	scene := sceneOf(t, observed)
	scene.refuse[http.MethodPost] = []int{http.StatusTooManyRequests}
	scene.apply("version: 1\nname: shop\nsandboxes: {web: {snapshot: daytona-small}}\n")
	if err := observed.Close(); err != nil {
		t.Fatal(err)
	}
	var traces collector.ExportTraceServiceRequest
	var points collectormetrics.ExportMetricsServiceRequest
	if err := proto.Unmarshal(s.posts["/v1/traces"], &traces); err != nil {
		t.Fatal(err)
	}
	if err := proto.Unmarshal(s.posts["/v1/metrics"], &points); err != nil {
		t.Fatal(err)
	}
	for _, r := range traces.ResourceSpans {
		for _, scope := range r.ScopeSpans {
			spans = append(spans, scope.Spans...)
		}
	}
	instruments = map[string]*metrics.Metric{}
	for _, r := range points.ResourceMetrics {
		for _, scope := range r.ScopeMetrics {
			for _, m := range scope.Metrics {
				instruments[m.Name] = m
			}
		}
	}
	return spans, instruments
}

// keysOf returns the names of attributes, without those that repeat or are empty.
func keysOf(t *testing.T, of string, attributes []*common.KeyValue) []string {
	t.Helper()
	var keys []string
	for _, a := range attributes {
		if a.Value == nil || a.Value.Value == nil || a.Value.GetStringValue() == "" && isText(a.Value) || slices.Contains(keys, a.Key) {
			t.Errorf("%s: the attribute %s repeats or is empty", of, a.Key)
		}
		keys = append(keys, a.Key)
	}
	return keys
}

func isText(v *common.AnyValue) bool {
	_, ok := v.Value.(*common.AnyValue_StringValue)
	return ok
}

func requireKeys(t *testing.T, of string, got, want []string) {
	t.Helper()
	for _, key := range want {
		if !slices.Contains(got, key) {
			t.Errorf("%s has no %s: %v", of, key, got)
		}
	}
}

// documented returns whether docs/telemetry.md has a name.
func documented(t *testing.T) func(string) bool {
	t.Helper()
	text, err := os.ReadFile("../../docs/telemetry.md")
	if err != nil {
		t.Fatal(err)
	}
	return func(name string) bool {
		if rest, ok := strings.CutPrefix(name, "fleet.steps."); ok {
			return strings.Contains(string(text), "fleet.steps.ACTION") || strings.Contains(string(text), "`."+rest+"`")
		}
		return strings.Contains(string(text), "`"+name+"`")
	}
}

// A collector receives the names that are documented, and the attributes that the semantic
// conventions of OpenTelemetry require.
func TestConventions(t *testing.T) {
	spans, instruments := collected(t)
	known := documented(t)
	t.Run("spans", func(t *testing.T) { checkSpans(t, spans, known) })
	t.Run("metrics", func(t *testing.T) { checkMetrics(t, instruments, known) })
}

func checkSpans(t *testing.T, spans []*trace.Span, known func(string) bool) {
	clients, failed, traces := 0, 0, map[string]bool{}
	for _, span := range spans {
		traces[string(span.TraceId)] = true
		keys := keysOf(t, span.Name, span.Attributes)
		for _, key := range keys {
			if !known(key) {
				t.Errorf("%s: the attribute %s is not documented", span.Name, key)
			}
		}
		if len(span.TraceId) != 16 || len(span.SpanId) != 8 || span.StartTimeUnixNano == 0 || span.EndTimeUnixNano < span.StartTimeUnixNano {
			t.Errorf("%s: its ids or times are invalid", span.Name)
		}
		method, template, _ := strings.Cut(span.Name, " ")
		switch {
		case span.Kind != trace.Span_SPAN_KIND_CLIENT:
			if span.Kind != trace.Span_SPAN_KIND_INTERNAL || !known(span.Name) {
				t.Errorf("%s is not documented, or has the kind %s", span.Name, span.Kind)
			}
			continue
		case method == "" || !strings.HasPrefix(template, "/"):
			t.Errorf("the name %q is not a method and a template", span.Name)
		}
		clients++
		requireKeys(t, span.Name, keys, requiredOfSpans)
		if span.Status.GetCode() == trace.Status_STATUS_CODE_ERROR {
			failed++
			requireKeys(t, span.Name, keys, []string{"error.type", "http.response.status_code"})
		} else {
			requireKeys(t, span.Name, keys, []string{"http.response.status_code"})
		}
	}
	if clients < 2 || failed == 0 || len(traces) != 1 {
		t.Errorf("%d requests, %d failed ones, %d traces", clients, failed, len(traces))
	}
}

func checkMetrics(t *testing.T, instruments map[string]*metrics.Metric, known func(string) bool) {
	for name, want := range map[string]string{
		"fleet.requests": "{request}", "fleet.requests.limited": "{request}", "http.client.request.duration": "s", "fleet.step.duration": "s",
	} {
		m := instruments[name]
		if m == nil || m.Unit != want || m.Description == "" || !known(name) {
			t.Errorf("%s: got %v", name, m)
		}
	}
	if len(instruments) != 4 {
		t.Errorf("got %d metrics", len(instruments))
	}
	for name, m := range instruments {
		if sum := m.GetSum(); sum != nil && !sum.IsMonotonic {
			t.Errorf("%s is no counter", name)
		}
		for _, attributes := range pointAttributes(m) {
			keys := keysOf(t, name, attributes)
			for _, key := range keys {
				if !known(key) {
					t.Errorf("%s: the attribute %s is not documented", name, key)
				}
			}
			if name == "http.client.request.duration" {
				requireKeys(t, name, keys, requiredOfMetrics)
			}
		}
	}
}

// pointAttributes returns the attributes of each point of a metric.
func pointAttributes(m *metrics.Metric) (all [][]*common.KeyValue) {
	for _, p := range m.GetSum().GetDataPoints() {
		all = append(all, p.Attributes)
	}
	for _, p := range m.GetHistogram().GetDataPoints() {
		all = append(all, p.Attributes)
	}
	return all
}
