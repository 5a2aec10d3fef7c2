package controller

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"testing"

	"k8s.io/apimachinery/pkg/types"
	ctrl "sigs.k8s.io/controller-runtime"

	daytonaclient "fleet/client"
	"fleet/internal/observe"
	"fleet/internal/render"
	"fleet/internal/watch/policy"
	"fleet/operator/internal/organization"
	"fleet/operator/internal/session"
	"fleet/operator/internal/source"
	"fleet/plan"
	"fleet/spec"
)

// A replay answers each request as a server once did, so that what a server allocates is not
// measured.
type replay struct {
	server http.Handler

	mu      sync.Mutex
	answers map[string]*httptest.ResponseRecorder
}

// RoundTrip implements http.RoundTripper.
func (r *replay) RoundTrip(req *http.Request) (*http.Response, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	key := req.Method + req.URL.String()
	a := r.answers[key]
	if a == nil {
		a = httptest.NewRecorder()
		served := req.Clone(req.Context())
		served.Body = http.NoBody // nothing is written
		r.server.ServeHTTP(a, served)
		r.answers[key] = a
	}
	return &http.Response{StatusCode: a.Code, Header: a.Header(), Body: io.NopCloser(bytes.NewReader(a.Body.Bytes())), Request: req}, nil
}

// A cost is what something allocates.
type cost struct{ objects, bytes uint64 }

// costOf returns what f allocates on average, once everything is warm.
func costOf(f func()) cost {
	const warm, runs = 3, 20
	for range warm {
		f()
	}
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	for range runs {
		f()
	}
	runtime.ReadMemStats(&after)
	return cost{(after.Mallocs - before.Mallocs) / runs, (after.TotalAlloc - before.TotalAlloc) / runs}
}

// costOfPlan returns what the command fleet plan allocates for a spec that is in sync: it
// reads the spec, lists, plans, and prints the summary.
func costOfPlan(t *testing.T, config daytonaclient.Config, text string) cost {
	t.Helper()
	file := filepath.Join(t.TempDir(), "fleet.yaml")
	must(t, os.WriteFile(file, []byte(text), 0o600))
	return costOf(func() {
		fleet, err := spec.Options{Context: t.Context()}.Load(file)
		must(t, err)
		api, err := daytonaclient.New(config)
		must(t, err)
		_, p, err := observe.Plan(t.Context(), api, fleet, plan.Options{NoDestroy: true})
		must(t, err)
		var out bytes.Buffer
		render.Plan(&out, p, render.Style{})
		if p.ChangeCount() > 0 || out.Len() == 0 {
			t.Fatalf("the plan is not empty: %s", &out)
		}
	})
}

// costOfPass returns what a pass of a session allocates that makes a new listing, for a
// fleet that is in sync.
func costOfPass(t *testing.T, config daytonaclient.Config, text string) cost {
	t.Helper()
	fleet, err := spec.Parse(spec.Source{Name: "fleet.yaml", Text: []byte(text)})
	must(t, err)
	memory := &session.Memory{}
	must(t, memory.Restore(""))
	d := &clock{}
	s := session.New(session.Options{Organizations: organization.NewRegistry(organization.Options{Now: d.Now}), Memory: memory, Wake: func() {}, Resync: func() {}, Now: d.Now})
	defer s.Close()
	must(t, s.Use(&source.Input{Fleet: fleet, Config: config}))
	return costOf(func() {
		r, err := s.Pass(t.Context(), session.Order{Urgent: true, Policy: policy.Policy{Mode: policy.Repair}})
		must(t, err)
		if !r.InSync() {
			t.Fatalf("the fleet is not in sync: %+v", r)
		}
	})
}

// TestNoOp: a reconciliation that finds nothing to do allocates at most as much as the
// command fleet plan for the same fleet, with or without a new listing.
func TestNoOp(t *testing.T) {
	s := newSimulation(t)
	server := httptest.NewServer(s.server)
	defer server.Close()
	s.create(server.URL+"/api", 1, idleSandboxes)
	s.runUntil(s.server.clock.Now().Add(1))
	if s.ready() != 1 {
		t.Fatal("the fleet is not ready")
	}
	config := daytonaclient.Config{URL: server.URL + "/api", Key: "k", Transport: &replay{server: s.server, answers: map[string]*httptest.ResponseRecorder{}}}
	text := fleetText(0, idleSandboxes)
	command := costOfPlan(t, config, text)
	pass := costOfPass(t, config, text)
	key := types.NamespacedName{Namespace: s.ns, Name: "fleet-000"}
	s.reconcile(key) // reads what was created
	s.server.take()
	whole := costOf(func() {
		_, err := s.r.Reconcile(context.Background(), ctrl.Request{NamespacedName: key})
		must(t, err)
	})
	if n, requests := s.server.take(); n > 0 {
		t.Errorf("the reconciliations sent %s", requests)
	}
	t.Logf("fleet plan: %+v, pass with a new listing: %+v, reconciliation: %+v", command, pass, whole)
	for name, c := range map[string]cost{"a pass with a new listing": pass, "a reconciliation": whole} {
		if c.objects > command.objects || c.bytes > command.bytes {
			t.Errorf("%s allocates %+v, fleet plan %+v", name, c, command)
		}
	}
}

// fleetText returns the spec of a fleet.
func fleetText(i, sandboxes int) string {
	return fmt.Sprintf(`{"version": 1, "name": "fleet-%03d", "sandboxes": {"web-%03d": {"count": %d, "state": "started", "auto_stop_interval": 0, "labels": {"team": "a"}}}}`, i, i, sandboxes)
}
