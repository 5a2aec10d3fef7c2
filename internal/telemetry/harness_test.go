package telemetry

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.uber.org/goleak"

	"fleet/apply"
	"fleet/client"
	"fleet/internal/emulator"
	"fleet/internal/observe"
	"fleet/plan"
	"fleet/spec"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	testKey    = "dtn_0123456789abcdef"
	testSecret = "hunter2-of-the-database"
)

// A scene is an emulator, a client of it in the same process, and what is
// observed of them.
type scene struct {
	t       *testing.T
	observe *Telemetry
	api     *client.Client
	server  *emulator.Server
	spans   *tracetest.InMemoryExporter
	reader  *sdkmetric.ManualReader

	mu      sync.Mutex
	parents []string         // the traceparent headers that arrived
	refuse  map[string][]int // statuses to answer with, in turn, by method
}

func newScene(t *testing.T) *scene {
	t.Helper()
	spans, reader := tracetest.NewInMemoryExporter(), sdkmetric.NewManualReader()
	traces := sdktrace.NewTracerProvider(sdktrace.WithSyncer(spans))
	metrics := sdkmetric.NewMeterProvider(sdkmetric.WithReader(reader))
	observed, err := newTelemetry(traces, metrics, "1.2.3")
	if err != nil {
		t.Fatal(err)
	}
	s := sceneOf(t, observed)
	s.spans, s.reader = spans, reader
	return s
}

// sceneOf returns a scene that a Telemetry observes.
func sceneOf(t *testing.T, observed *Telemetry) *scene {
	t.Helper()
	s := &scene{t: t, observe: observed, refuse: map[string][]int{}}
	var err error
	if s.server, err = emulator.New(emulator.Options{Key: testKey}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.server.Close() })
	s.api, err = client.New(client.Config{
		InsecureHTTP: true,
		URL:          "http://daytona.test/api", Key: testKey, RateShare: 100, Transport: s, Instrument: s.observe.Instrument(),
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// RoundTrip hands a request to the emulator, unless it is to be refused.
func (s *scene) RoundTrip(req *http.Request) (*http.Response, error) {
	rec := httptest.NewRecorder()
	if status := s.receive(req); status != 0 {
		rec.WriteHeader(status)
		return rec.Result(), nil
	}
	in := req.Clone(req.Context())
	in.RequestURI = req.URL.RequestURI()
	if in.Body == nil {
		in.Body = http.NoBody
	}
	s.server.ServeHTTP(rec, in)
	return rec.Result(), nil
}

// receive records a request, and returns the status to refuse it with, or 0.
func (s *scene) receive(req *http.Request) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.parents = append(s.parents, req.Header.Get("Traceparent"))
	refuse := s.refuse[req.Method]
	if len(refuse) == 0 {
		return 0
	}
	s.refuse[req.Method] = refuse[1:]
	return refuse[0]
}

// apply makes a pass as a command does.
func (s *scene) apply(text string) *apply.Report {
	s.t.Helper()
	f, err := spec.Parse(spec.Source{Name: "fleet.yaml", Text: []byte(text)})
	if err != nil {
		s.t.Fatal(err)
	}
	ctx, planned := s.observe.StartPlan(context.Background(), f.Name)
	world, err := observe.Observe(ctx, s.api, observe.Scope{Fleet: f, Plan: &plan.Options{}})
	if err != nil {
		s.t.Fatal(err)
	}
	p, err := plan.Compute(f, world, plan.Options{})
	if err != nil {
		s.t.Fatal(err)
	}
	planned(p, nil)
	ctx, run := s.observe.StartApply(context.Background(), p)
	report := apply.Run(ctx, s.api, p, apply.Options{Parallelism: 1, Trace: run.Trace()}, run.Event)
	run.End(report)
	return report
}

// tree returns the spans below a parent, with their attributes.
func tree(spans tracetest.SpanStubs, parent string, depth int) string {
	var b strings.Builder
	for _, span := range spans {
		above := ""
		if span.Parent.IsValid() {
			above = span.Parent.SpanID().String()
		}
		if above != parent {
			continue
		}
		b.WriteString(strings.Repeat("  ", depth) + span.Name)
		for _, a := range span.Attributes {
			b.WriteString(" " + string(a.Key) + "=" + a.Value.String())
		}
		if text := span.Status.Code.String(); text != "Unset" {
			b.WriteString(" " + strings.TrimSpace(text+" "+span.Status.Description))
		}
		b.WriteString("\n" + tree(spans, span.SpanContext.SpanID().String(), depth+1))
	}
	return b.String()
}

// metrics are the points of all metrics by name.
func (s *scene) metrics() map[string]metricdata.Metrics {
	s.t.Helper()
	var all metricdata.ResourceMetrics
	if err := s.reader.Collect(context.Background(), &all); err != nil {
		s.t.Fatal(err)
	}
	found := map[string]metricdata.Metrics{}
	for _, scope := range all.ScopeMetrics {
		for _, m := range scope.Metrics {
			found[m.Name] = m
		}
	}
	return found
}
