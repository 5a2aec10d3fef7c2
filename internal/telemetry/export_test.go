package telemetry

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	collector "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	"google.golang.org/protobuf/proto"

	"fleet/apply"
	"fleet/plan"
)

// A sink is a collector that keeps what it is sent.
type sink struct {
	mu    sync.Mutex
	posts map[string][]byte
}

func (s *sink) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	body, _ := io.ReadAll(req.Body)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.posts[req.URL.Path] = body
	w.Header().Set("Content-Type", "application/x-protobuf")
}

// observeAPlan makes an empty pass.
func observeAPlan(t *Telemetry) {
	p := &plan.Plan{Fleet: "shop"}
	ctx, planned := t.StartPlan(context.Background(), p.Fleet)
	planned(p, nil)
	_, run := t.StartApply(ctx, p)
	step := &plan.Step{Action: plan.Create}
	run.Event(apply.Event{Phase: apply.Working, Step: step})
	run.Event(apply.Event{Phase: apply.Done, Step: step, Duration: time.Second})
	run.End(&apply.Report{})
}

func TestExport(t *testing.T) {
	s := &sink{posts: map[string][]byte{}}
	server := httptest.NewServer(s)
	defer server.Close()
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", server.URL)
	t.Setenv("OTEL_RESOURCE_ATTRIBUTES", "deployment.environment=test")
	observe, err := Start(t.Context(), os.LookupEnv, "1.2.3")
	if err != nil {
		t.Fatal(err)
	}
	observeAPlan(observe)
	if err := observe.Close(); err != nil {
		t.Fatal(err)
	}
	if len(s.posts["/v1/metrics"]) == 0 {
		t.Error("no metrics")
	}
	var request collector.ExportTraceServiceRequest
	if err := proto.Unmarshal(s.posts["/v1/traces"], &request); err != nil {
		t.Fatal(err)
	}
	var about, names []string
	for _, r := range request.ResourceSpans {
		for _, a := range r.Resource.Attributes {
			about = append(about, a.Key+"="+a.Value.GetStringValue())
		}
		for _, scope := range r.ScopeSpans {
			for _, span := range scope.Spans {
				names = append(names, span.Name)
			}
		}
	}
	if got := strings.Join(names, " "); got != "fleet.plan fleet.step fleet.apply fleet" {
		t.Errorf("got the spans %s", got)
	}
	for _, want := range []string{"service.name=fleet", "service.version=1.2.3", "deployment.environment=test"} {
		if !strings.Contains(strings.Join(about, " "), want) {
			t.Errorf("there is no %s in %v", want, about)
		}
	}
}

func TestServiceName(t *testing.T) {
	for want, env := range map[string][]string{"fleet": nil, "robots": {"OTEL_SERVICE_NAME", "robots"}} {
		res := newResource(t.Context(), environment(env...), "1")
		if got, _ := res.Set().Value(attrService); got.AsString() != want {
			t.Errorf("got %q, want %q", got.AsString(), want)
		}
	}
}

// An unreachable collector does not delay the command, and is reported once.
func TestUnreachableCollector(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	nobody := "http://user:pass-word@" + listener.Addr().String()
	listener.Close()
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", nobody)
	observe, err := Start(t.Context(), os.LookupEnv, "1")
	if err != nil {
		t.Fatal(err)
	}
	observeAPlan(observe)
	err = observe.Close()
	if err == nil || strings.Contains(err.Error(), "\n") || strings.Contains(err.Error(), "pass-word") {
		t.Errorf("got %v", err)
	}
}

func TestSilentCollector(t *testing.T) {
	hang := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-hang }))
	defer server.Close()
	defer close(hang)
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", server.URL)
	observe, err := Start(t.Context(), os.LookupEnv, "1")
	if err != nil {
		t.Fatal(err)
	}
	observeAPlan(observe)
	if err := observe.Close(); err == nil || !strings.Contains(err.Error(), "timed out") {
		t.Errorf("got %v", err)
	}
}
