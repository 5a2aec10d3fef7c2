package apply_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"syscall"
	"testing"

	"go.uber.org/goleak"

	"fleet/apply"
	"fleet/client"
	"fleet/internal/buildcontext"
	"fleet/internal/emulator"
	"fleet/internal/observe"
	"fleet/plan"
	"fleet/spec"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// A daytona is an emulator and a client of it, without a network in between.
type daytona struct {
	t       tb
	server  *emulator.Server
	api     *client.Client
	handler http.Handler
	mu      sync.Mutex
	count   func() // called for each request of the client; may be nil
}

// onRequest sets a function that is called for each request of the client. Calls do not
// overlap.
func (d *daytona) onRequest(f func()) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.count = f
}

func (d *daytona) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	d.mu.Lock()
	if d.count != nil {
		d.count()
	}
	d.mu.Unlock()
	d.handler.ServeHTTP(w, req)
}

// inProcess is a transport that passes requests to a handler.
type inProcess struct{ handler http.Handler }

func (p inProcess) RoundTrip(req *http.Request) (*http.Response, error) {
	if err := req.Context().Err(); err != nil {
		return nil, err
	}
	rec := httptest.NewRecorder()
	in := req.Clone(req.Context())
	in.RequestURI = req.URL.RequestURI()
	if in.Body == nil {
		in.Body = http.NoBody
	}
	dropped := serve(p.handler, rec, in)
	if err := req.Context().Err(); err != nil {
		return nil, err
	}
	answer := rec.Result()
	switch {
	case dropped && rec.Body.Len() == 0:
		return nil, &net.OpError{Op: "read", Net: "tcp", Err: syscall.ECONNRESET}
	case dropped:
		answer.Body = io.NopCloser(io.MultiReader(rec.Body, brokenOff{}))
	}
	return answer, nil
}

// serve reports whether the handler dropped the connection.
func serve(h http.Handler, w http.ResponseWriter, req *http.Request) (dropped bool) {
	defer func() {
		p := recover()
		if err, ok := p.(error); ok && errors.Is(err, http.ErrAbortHandler) {
			dropped = true
		} else if p != nil {
			panic(p)
		}
	}()
	h.ServeHTTP(w, req)
	return false
}

// brokenOff is a reader that ends as a dropped connection does.
type brokenOff struct{}

func (brokenOff) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

// tb is what tests, benchmarks and property checks have in common.
type tb interface {
	Helper()
	Fatal(args ...any)
	Fatalf(format string, args ...any)
}

func newDaytona(t tb, opts emulator.Options) *daytona {
	t.Helper()
	return newShardedDaytona(t, opts, client.ShardLong)
}

// newShardedDaytona is newDaytona with a way to read lists of sandboxes.
func newShardedDaytona(t tb, opts emulator.Options, sharding client.Sharding) *daytona {
	t.Helper()
	opts.Control = true
	server, err := emulator.New(opts)
	if err != nil {
		t.Fatal(err)
	}
	d := &daytona{t: t, server: server, handler: server}
	d.api, err = client.New(client.Config{URL: "http://localhost/api", Key: "k", RateShare: 100, Transport: inProcess{d}, Sharding: sharding})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// close stops the emulator.
func (d *daytona) close() { _ = d.server.Close() }

// send sends a request as another user, and fails the test unless it succeeds.
func (d *daytona) send(method, path string, body any) []byte {
	d.t.Helper()
	var text []byte
	if body != nil {
		var err error
		if text, err = json.Marshal(body); err != nil {
			d.t.Fatal(err)
		}
	}
	req := httptest.NewRequest(method, path, strings.NewReader(string(text)))
	req.Header.Set("Authorization", "Bearer k")
	req.Header.Set("Content-Type", "application/json")
	rec := httptest.NewRecorder()
	d.handler.ServeHTTP(rec, req)
	answer, _ := io.ReadAll(rec.Body)
	if rec.Code >= 300 {
		d.t.Fatalf("%s %s %s: %d %s", method, path, text, rec.Code, answer)
	}
	return answer
}

type request struct {
	Method, Path, Body string
	Status             int
}

// log returns the requests since the last call, and forgets them.
func (d *daytona) log() (all, writing []request) {
	d.t.Helper()
	if err := json.Unmarshal(d.send("GET", "/_emulator/log", nil), &all); err != nil {
		d.t.Fatal(err)
	}
	d.send("DELETE", "/_emulator/log", nil)
	for _, r := range all {
		if r.Method != http.MethodGet {
			writing = append(writing, r)
		}
	}
	return all, writing
}

// plan observes and computes.
func (d *daytona) plan(f *spec.Fleet, opts plan.Options) *plan.Plan {
	d.t.Helper()
	p, err := d.tryPlan(f, opts)
	if err != nil {
		d.t.Fatal(err)
	}
	return p
}

// tryPlan is plan for a selection that may be refused.
func (d *daytona) tryPlan(f *spec.Fleet, opts plan.Options) (*plan.Plan, error) {
	d.t.Helper()
	world, err := observe.Observe(context.Background(), d.api, observe.Scope{Fleet: f, Plan: &opts})
	if err != nil {
		d.t.Fatal(err)
	}
	return plan.Compute(f, world, opts)
}

// mustCompute computes the plan of everything.
func mustCompute(t tb, f *spec.Fleet, w *plan.World, opts plan.Options) *plan.Plan {
	t.Helper()
	p, err := plan.Compute(f, w, opts)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// run executes a plan.
func (d *daytona) run(p *plan.Plan) *apply.Report {
	return apply.Run(context.Background(), d.api, p, apply.Options{Parallelism: 8}, func(apply.Event) {})
}

// parse reads a spec, and fails the test if it is invalid. It does not read local files.
func parse(t tb, text string) *spec.Fleet {
	t.Helper()
	return parseBy(t, spec.Options{}, text)
}

// parseWithFiles is parse with the content of local files.
func parseWithFiles(t tb, text string) *spec.Fleet {
	t.Helper()
	return parseBy(t, spec.Options{Hasher: buildcontext.NewHasher(buildcontext.Options{})}, text)
}

func parseBy(t tb, options spec.Options, text string) *spec.Fleet {
	t.Helper()
	f, err := options.Parse(spec.Source{Name: "fleet.yaml", Text: []byte(text)})
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	return f
}

// story returns a plan in lines, for comparison and for failures.
func story(p *plan.Plan) string {
	var b strings.Builder
	for _, s := range p.Steps {
		if s.Action == plan.NoOp {
			continue
		}
		fmt.Fprintf(&b, "%s %s", s.Action, s.Address)
		if s.Reason != "" {
			fmt.Fprintf(&b, " (%s)", s.Reason)
		}
		for _, c := range s.Changes {
			fmt.Fprintf(&b, "; %s: %s -> %s", c.Attribute, c.Have, c.Want)
		}
		if s.Blocked != nil {
			fmt.Fprintf(&b, " BLOCKED %s: %s", s.Blocked.Kind, s.Blocked.Reason)
		}
		b.WriteString("\n")
	}
	return b.String()
}

// outcome returns the steps of a report that are not done, in lines, for failures.
func outcome(r *apply.Report) string {
	var b strings.Builder
	for _, x := range r.Results {
		if x.Outcome != apply.Done {
			fmt.Fprintf(&b, "%s %s: %v\n", x.Outcome, x.Step.Address, x.Err)
		}
	}
	return b.String()
}
