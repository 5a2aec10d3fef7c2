package reconcile_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"fleet/apply"
	"fleet/client"
	"fleet/internal/emulator"
	"fleet/internal/journal"
	"fleet/internal/memnet"
	"fleet/internal/observe"
	"fleet/internal/watch"
	"fleet/internal/watch/policy"
	"fleet/internal/watch/push"
	"fleet/internal/watch/reconcile"
	"fleet/plan"
	"fleet/spec"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// A runner is a Runner without a command line: it plans and applies as fleet does.
type runner struct {
	t           testing.TB
	api         *client.Client
	cache       observe.Cache
	opts        plan.Options
	parallelism int // 0 adapts to the server

	mu      sync.Mutex
	text    string // of the spec
	fleet   *spec.Fleet
	passes  int // that run
	overlap bool
	notes   []string
}

func (r *runner) Load(context.Context) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	f, err := spec.Parse(spec.Source{Name: "fleet.yaml", Text: []byte(r.text)})
	if err == nil {
		r.fleet = f
	}
	return err
}

func (r *runner) write(text string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.text = text
}

func (r *runner) Fleet() *spec.Fleet { return r.fleet }
func (r *runner) Revision() string   { return "r1" }
func (r *runner) Begin(string, bool) {}

func (r *runner) Plan(ctx context.Context, list bool, dirty []string) (*plan.World, *plan.Plan, error) {
	r.cache.Mark(dirty...)
	return r.cache.Plan(ctx, r.api, r.fleet, r.opts, list)
}

func (r *runner) Replan(_ context.Context, w *plan.World, allowDestroy int) (*plan.Plan, error) {
	opts := r.opts
	opts.AllowDestroy = allowDestroy
	return plan.Compute(r.fleet, w, opts)
}

func (r *runner) Digest(p *plan.Plan) string {
	if p.Empty() {
		return ""
	}
	return p.ToSaved(r.fleet, plan.Origin{}).Digest
}

func (r *runner) Run(ctx context.Context, p *plan.Plan, longest time.Duration, onEvent func(apply.Event)) (*apply.Report, error) {
	n := 0
	for _, s := range p.Steps {
		if s.Action != plan.NoOp && s.Blocked == nil {
			n++
		}
	}
	if n == 0 {
		return nil, nil
	}
	closing, release := watch.Closing(longest)
	defer release()
	report := apply.Run(ctx, r.api, p, apply.Options{Parallelism: r.parallelism, Close: closing}, onEvent)
	r.cache.Ran(p, report.IDs()...)
	return report, nil
}

func (r *runner) Describe(p *plan.Plan) (string, []journal.Step) {
	var steps []journal.Step
	for _, s := range p.Steps {
		if s.Action != plan.NoOp {
			steps = append(steps, journal.Step{Address: s.Address.String(), Action: s.Action.String()})
		}
	}
	return fmt.Sprint(len(steps), " steps"), steps
}

func (r *runner) Redact(text string) string { return text }

func (r *runner) Requests() reconcile.Requests {
	stats := r.api.Stats()
	n := reconcile.Requests{ByClass: map[string]int{}, Limited: stats.RateLimited}
	for class, count := range stats.Requests {
		n.ByClass[string(class)] = count
	}
	return n
}

func (r *runner) Note(text string) { r.notes = append(r.notes, text) }

// A watched is a watch of an emulator, both in a synctest bubble.
type watched struct {
	t        *testing.T
	server   *emulator.Server
	network  *memnet.Network
	runner   *runner
	journal  *journal.Journal
	engine   *reconcile.Engine
	push     *push.Listener
	files    chan watch.Cause
	requests *watch.Requests
	state    *policy.State
}

// settings are those of a watched fleet.
type settings struct {
	emulator emulator.Options
	policy   policy.Policy
	interval time.Duration
	events   bool
	spec     string

	allowDestroy int              // objects
	parallelism  int              // 0 adapts to the server
	server       *emulator.Server // of another watched; nil for a new one
}

// newWatched starts a watch, which lasts until the end of the test.
func newWatched(t *testing.T, s settings) *watched {
	t.Helper()
	server := s.server
	if server == nil {
		s.emulator.Control = true
		var err error
		if server, err = emulator.New(s.emulator); err != nil {
			t.Fatal(err)
		}
	}
	w := &watched{t: t, server: server, network: memnet.New(t, server), files: make(chan watch.Cause, 1), requests: watch.NewRequests(), state: &policy.State{}}
	api, err := client.New(client.Config{URL: "http://localhost/api", Key: "k", Transport: w.network})
	if err != nil {
		t.Fatal(err)
	}
	w.runner = &runner{t: t, api: api, text: s.spec, opts: plan.Options{NoDestroy: s.allowDestroy == 0, AllowDestroy: s.allowDestroy}, parallelism: s.parallelism}
	if err := w.runner.Load(t.Context()); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	var running sync.WaitGroup
	w.journal = journal.New(time.Now, journal.Head{Fleet: w.runner.fleet.Name})
	triggers := []<-chan watch.Cause{w.files, w.requests.Causes()}
	if s.events {
		w.push = push.New(push.Options{Client: api, Fleet: w.runner.fleet.Name, SetState: func(text string) {
			w.journal.SetHead(func(h *journal.Head) { h.Pushes = text })
		}})
		running.Go(func() { w.push.Run(ctx) })
		triggers = append(triggers, w.push.Causes())
		<-w.push.Ready()
	}
	due := watch.NewDue()
	running.Go(func() { due.Run(ctx) })
	w.engine = reconcile.New(reconcile.Options{
		Runner: w.runner, Journal: w.journal, Policy: s.policy, State: w.state, Push: w.push, Requests: w.requests, Due: due, ListEvery: time.Hour,
	})
	interval := func() time.Duration { return w.engine.Interval(s.interval) }
	running.Go(func() {
		watch.Loop(ctx, watch.Options{Triggers: append(triggers, due.Causes()), Interval: interval}, w.pass)
	})
	t.Cleanup(func() {
		cancel()
		running.Wait()
		_ = server.Close()
	})
	return w
}

// pass makes a pass, and notes if two overlap.
func (w *watched) pass(ctx context.Context, causes watch.Causes) {
	r := w.runner
	r.mu.Lock()
	if r.passes++; r.passes > 1 {
		r.overlap = true
	}
	r.mu.Unlock()
	w.engine.Pass(ctx, causes)
	r.mu.Lock()
	r.passes--
	r.mu.Unlock()
}

// edit changes the spec.
func (w *watched) edit(text string) {
	w.runner.write(text)
	select {
	case w.files <- watch.Cause{Kind: watch.FileChange, Detail: "fleet.yaml"}:
	default:
	}
}

// send sends a request as another client.
func (w *watched) send(method, path, body string) []byte {
	w.t.Helper()
	req := httptest.NewRequest(method, path, strings.NewReader(body))
	req.Header.Set("Authorization", "Bearer k")
	req.Header.Set("Content-Type", "application/json")
	rec := httptest.NewRecorder()
	defer func() { _ = recover() }() // a fault may drop the connection
	w.server.ServeHTTP(rec, req)
	return rec.Body.Bytes()
}

// A box is a sandbox as the server lists it.
type box struct {
	ID, Name, State, DesiredState string
	CreatedAt                     time.Time
	Labels                        map[string]string
}

// boxes returns the sandboxes that exist.
func (w *watched) boxes() []box {
	w.t.Helper()
	var page struct{ Items []box }
	_ = json.Unmarshal(w.send("GET", "/api/sandbox?limit=200", ""), &page) // a fault may break it
	var list []box
	for _, b := range page.Items {
		if b.DesiredState != "destroyed" {
			list = append(list, b)
		}
	}
	return list
}

// A logged is a request in the emulator's log.
type logged struct {
	Method, Path string
	Status       int
}

// log returns the requests since the last call.
func (w *watched) log() []logged {
	w.t.Helper()
	var list []logged
	if err := json.Unmarshal(w.send("GET", "/_emulator/log", ""), &list); err != nil {
		w.t.Fatal(err)
	}
	w.send("DELETE", "/_emulator/log", "")
	return list
}

// last returns the last pass.
func (w *watched) last() journal.Pass {
	passes := w.journal.State().Passes
	return passes[len(passes)-1]
}
