package telemetry

import (
	"context"
	"encoding/hex"
	"errors"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"testing"

	collector "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	otlp "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"

	"fleet/apply"
	"fleet/plan"
)

// exported returns the spans that a collector gets of a command with a plan, a run and a
// request outside both.
func exported(t *testing.T) map[string]*otlp.Span {
	t.Helper()
	s := &sink{posts: map[string][]byte{}}
	server := httptest.NewServer(s)
	defer server.Close()
	t.Setenv("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", server.URL+"/v1/traces")
	observe, err := Start(t.Context(), os.LookupEnv, "1.2.3")
	if err != nil {
		t.Fatal(err)
	}
	observeAPlan(observe)
	_, planned := observe.StartPlan(context.Background(), "shop")
	planned(nil, errors.New("failed"))
	_, run := observe.StartApply(context.Background(), &plan.Plan{})
	run.End(&apply.Report{})
	send := observe.Instrument()(roundTripFunc(func(*http.Request) (*http.Response, error) { return nil, errors.New("down") }))
	if _, err := send.RoundTrip(httptest.NewRequest(http.MethodGet, "http://daytona.test/api/x", nil)); err == nil {
		t.Fatal("no error")
	}
	if err := observe.Close(); err != nil {
		t.Fatal(err)
	}
	var request collector.ExportTraceServiceRequest
	if err := proto.Unmarshal(s.posts["/v1/traces"], &request); err != nil {
		t.Fatal(err)
	}
	spans := map[string]*otlp.Span{}
	for _, r := range request.ResourceSpans {
		for _, scope := range r.ScopeSpans {
			for _, span := range scope.Spans {
				spans[span.Name] = span
			}
		}
	}
	return spans
}

type roundTripFunc func(*http.Request) (*http.Response, error)

func (f roundTripFunc) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

// All spans of a command are in one trace: that of the environment, if it names one.
func TestOneTrace(t *testing.T) {
	const traceID, parentID = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
	for name, test := range map[string]struct {
		parent, state string
		joins         bool
	}{
		"none":         {"", "", false},
		"valid":        {"00-" + traceID + "-" + parentID + "-01", "vendor=x", true},
		"no state":     {"00-" + traceID + "-" + parentID + "-01", "", true},
		"wrong state":  {"00-" + traceID + "-" + parentID + "-01", "===", true},
		"later format": {"42-" + traceID + "-" + parentID + "-01-more", "", true},
		"zero trace":   {"00-00000000000000000000000000000000-" + parentID + "-01", "", false},
		"zero span":    {"00-" + traceID + "-0000000000000000-01", "", false},
		"short":        {"00-" + traceID + "-01", "", false},
		"no hex":       {"00-" + strings.Repeat("g", 32) + "-" + parentID + "-01", "", false},
		"state alone":  {"", "vendor=x", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("TRACEPARENT", test.parent)
			t.Setenv("TRACESTATE", test.state)
			t.Setenv("BAGGAGE", "user=private")
			spans := exported(t)
			command := spans["fleet"]
			if names := slices.Sorted(maps.Keys(spans)); strings.Join(names, " ") != "GET fleet fleet.apply fleet.plan fleet.step" {
				t.Fatalf("got %v", names)
			}
			for name, span := range spans {
				if string(span.TraceId) != string(command.TraceId) {
					t.Errorf("%s is in another trace", name)
				}
				if top := name != "fleet" && name != "fleet.step"; top && string(span.ParentSpanId) != string(command.SpanId) {
					t.Errorf("%s is not below the command", name)
				}
				if strings.Contains(span.String(), "private") {
					t.Errorf("%s has baggage", name)
				}
			}
			joins := hex.EncodeToString(command.TraceId) == traceID && hex.EncodeToString(command.ParentSpanId) == parentID
			if joins != test.joins || !test.joins && len(command.ParentSpanId) > 0 {
				t.Errorf("joins the trace: %v", joins)
			}
			if want := test.state == "vendor=x" && test.joins; (command.TraceState == test.state && test.state != "") != want {
				t.Errorf("the state is %q", command.TraceState)
			}
		})
	}
}

// What the caller does not sample, fleet does not export.
func TestUnsampled(t *testing.T) {
	t.Setenv("TRACEPARENT", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00")
	if spans := exported(t); len(spans) > 0 {
		t.Errorf("%d spans", len(spans))
	}
}

// Each pass is a trace with its requests, linked to the command.
func TestPasses(t *testing.T) {
	s := newScene(t)
	s.observe.startCommand(t.Context(), environment())
	for _, cause := range []string{"start", "file change: private.yaml"} {
		ctx, end := s.observe.StartPass(t.Context(), cause)
		ctx, planned := s.observe.StartPlan(ctx, "shop")
		for _, err := range s.api.Volumes(ctx) {
			if err != nil {
				t.Fatal(err)
			}
		}
		planned(nil, errors.New("no plan"))
		end("failed", errors.New("no plan"))
	}
	spans := s.spans.GetSpans()
	got := tree(spans, "", 0)
	for _, cause := range []string{"start", "file change"} {
		want := "fleet.pass fleet.cause=" + cause + " fleet.outcome=failed Error no plan\n" +
			"  fleet.plan fleet.name=shop Error no plan\n    GET /volumes "
		if !strings.Contains(got, want) {
			t.Errorf("there is no\n%s in\n%s", want, got)
		}
	}
	if strings.Contains(got, "private") {
		t.Errorf("the file is exported:\n%s", got)
	}
	command := s.observe.command.SpanContext()
	passes := map[string]bool{}
	for _, span := range spans {
		if span.Name != "fleet.pass" {
			continue
		}
		passes[span.SpanContext.TraceID().String()] = true
		if len(span.Links) != 1 || !span.Links[0].SpanContext.Equal(command) || span.SpanContext.TraceID() == command.TraceID() {
			t.Errorf("links %+v, trace %s", span.Links, span.SpanContext.TraceID())
		}
	}
	if len(passes) != 2 {
		t.Errorf("%d traces", len(passes))
	}
	s.observe.command.End()
}
