package controller

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"fleet/apply"
	daytonaclient "fleet/client"
	"fleet/internal/journal"
	"fleet/internal/memnet"
	"fleet/internal/observe"
	"fleet/internal/watch"
	"fleet/internal/watch/policy"
	"fleet/internal/watch/push"
	watchreconcile "fleet/internal/watch/reconcile"
	"fleet/plan"
	"fleet/spec"
)

// A watchRunner plans and applies as the command fleet watch does.
type watchRunner struct {
	api   *daytonaclient.Client
	fleet *spec.Fleet
	cache observe.Cache
	opts  plan.Options
}

func (r *watchRunner) Load(context.Context) error { return nil }
func (r *watchRunner) Fleet() *spec.Fleet         { return r.fleet }
func (r *watchRunner) Revision() string           { return "r1" }
func (r *watchRunner) Begin(string, bool)         {}
func (r *watchRunner) Redact(text string) string  { return text }
func (r *watchRunner) Note(string)                {}

func (r *watchRunner) Plan(ctx context.Context, list bool, dirty []string) (*plan.World, *plan.Plan, error) {
	r.cache.Mark(dirty...)
	return r.cache.Plan(ctx, r.api, r.fleet, r.opts, list)
}

func (r *watchRunner) Replan(_ context.Context, w *plan.World, allowDestroy int) (*plan.Plan, error) {
	return plan.Compute(r.fleet, w, plan.Options{AllowDestroy: allowDestroy})
}

func (r *watchRunner) Digest(*plan.Plan) string                     { return "" }
func (r *watchRunner) Describe(*plan.Plan) (string, []journal.Step) { return "", nil }
func (r *watchRunner) Requests() watchreconcile.Requests            { return watchreconcile.Requests{} }

func (r *watchRunner) Run(ctx context.Context, p *plan.Plan, _ time.Duration, onEvent func(apply.Event)) (*apply.Report, error) {
	if p.Empty() {
		return nil, nil
	}
	report := apply.Run(ctx, r.api, p, apply.Options{}, onEvent)
	r.cache.Ran(p, report.IDs()...)
	return report, nil
}

// requestsOfWatch returns the number of requests of fleet watch --interval 1m in an hour
// in which nothing happens, for one fleet, with push events.
func requestsOfWatch(t *testing.T, sandboxes int) (n int, text string) {
	synctest.Test(t, func(t *testing.T) {
		d := newDaytona(t)
		api, err := daytonaclient.New(daytonaclient.Config{URL: "http://localhost/api", Key: "k", Transport: memnet.New(t, d)})
		must(t, err)
		fleet, err := spec.Parse(spec.Source{Name: "fleet.yaml", Text: fmt.Appendf(nil, "version: 1\nname: w\nsandboxes: {web: {count: %d, state: started, auto_stop_interval: 0, labels: {team: a}}}\n", sandboxes)})
		must(t, err)
		ctx, cancel := context.WithCancel(t.Context())
		pushes := push.New(push.Options{Client: api, Fleet: "w"})
		ended := make(chan struct{}, 3)
		go func() { pushes.Run(ctx); ended <- struct{}{} }()
		<-pushes.Ready()
		due := watch.NewDue()
		go func() { due.Run(ctx); ended <- struct{}{} }()
		requests := watch.NewRequests()
		engine := watchreconcile.New(watchreconcile.Options{
			Runner: &watchRunner{api: api, fleet: fleet, opts: plan.Options{NoDestroy: true}}, Journal: journal.New(time.Now, journal.Head{Fleet: "w"}),
			State: &policy.State{}, Push: pushes, Requests: requests, Due: due, ListEvery: time.Minute, // as --interval 1m sets it
		})
		interval := func() time.Duration { return engine.Interval(time.Minute) }
		go func() {
			watch.Loop(ctx, watch.Options{Triggers: []<-chan watch.Cause{pushes.Causes(), requests.Causes(), due.Causes()}, Interval: interval}, engine.Pass)
			ended <- struct{}{}
		}()
		time.Sleep(10*time.Minute + 30*time.Second) // creates the sandboxes
		synctest.Wait()
		d.take()
		time.Sleep(time.Hour)
		synctest.Wait()
		n, text = d.take()
		cancel()
		for range cap(ended) {
			<-ended
		}
	})
	return n, text
}
