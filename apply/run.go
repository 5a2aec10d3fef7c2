package apply

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"fleet/client"
	"fleet/plan"
	"fleet/spec"
)

// DefaultParallelism is how many steps send requests at once when the caller
// does not say. Ten fill the smallest limit on creations (300 a minute) at the
// two seconds that a creation takes.
const DefaultParallelism = 10

// Options say how a plan is carried out. The zero Options are usable.
type Options struct {
	Parallelism int             // steps that send requests at once; 0 is DefaultParallelism. Waiting steps do not count
	Target      string          // region for what is created without one; empty: the organisation's default
	Logs        bool            // follow the logs of builds, as events
	Stop        <-chan struct{} // closed: begin no more steps, and leave off waiting. nil: never

	// Trace gives the context for the requests of a step, from which who
	// observes them tells whose they are. It is called in many goroutines, after
	// the step's first event. nil: the context stays as it is.
	Trace func(ctx context.Context, s *plan.Step) context.Context
}

// Run carries out the steps of the plan that have operations and are not
// blocked, each after the steps that it waits for. A step that fails stops
// only those that wait for it. notify is called with every event, from one
// goroutine.
//
// When ctx ends, requests under way are cut off; when opts.Stop is closed,
// they are finished. Either way Run returns a full report, and no goroutine
// outlives it.
func Run(ctx context.Context, api *client.Client, p *plan.Plan, opts Options, notify func(Event)) *Report {
	if opts.Parallelism <= 0 {
		opts.Parallelism = DefaultParallelism
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	r := &runner{
		api: api, opts: opts, notify: notify, fleet: p.Fleet, names: names(p), facts: p.Facts,
		tasks: map[spec.Address]*task{},
		// Senders never block: each slot sends once before it is free again.
		returned: make(chan *task, opts.Parallelism),
		polled:   make(chan sightings, 1),
		logged:   make(chan logLine),
	}
	r.workers.SetLimit(opts.Parallelism)
	r.pollers.SetLimit(1)
	r.streams.SetLimit(maxStreams)
	began := time.Now()
	r.prepare(p)
	r.loop(ctx)
	cancel()
	_ = r.workers.Wait() // workers report through returned
	_ = r.pollers.Wait()
	_ = r.streams.Wait()
	return r.report(time.Since(began))
}

// A task is a step on its way. The loop owns it; while it works, the worker
// does.
type task struct {
	step     *plan.Step
	at       int // index of the operation that is due
	began    time.Time
	deadline time.Time
	id       string // of the object; empty before it exists
	attempt  int    // of the operation that is due, from 0

	open   int     // steps that it waits for
	next   []*task // steps that wait for it
	links  map[string]string
	err    error
	waits  *wait // what it waits for, when a worker returned it unfinished
	result Result
	ended  bool
	// unfollow ends the stream of the build's log; nil when there is none.
	unfollow context.CancelFunc
	created  time.Time // by the server's clock, of an object that was just created
	// told is what was last known when a worker was given the task: the loop
	// may tell it while the worker has the rest.
	told Event
}

// A runner carries out one plan. All its fields belong to the loop.
type runner struct {
	api    *client.Client
	opts   Options
	notify func(Event)
	fleet  string
	names  []string // that its sandboxes carry: fleet, and what it was called before
	facts  spec.Facts

	order   []*task
	tasks   map[spec.Address]*task
	ready   []*task
	waiting []*task
	working int
	openAll int // tasks that have not ended
	fatal   error
	stopped bool

	workers  errgroup.Group
	pollers  errgroup.Group
	streams  errgroup.Group
	returned chan *task
	polled   chan sightings
	logged   chan logLine
	polling  bool
	pace     pace
}

// names are the fleets whose labels the sandboxes of a plan carry.
func names(p *plan.Plan) []string {
	list := []string{p.Fleet}
	for _, s := range p.Steps {
		if s.Have == nil {
			continue
		}
		if name := s.Have.Labels[spec.FleetLabel]; name != "" && !slices.Contains(list, name) {
			list = append(list, name)
		}
	}
	return list
}

// prepare makes tasks of the steps.
func (r *runner) prepare(p *plan.Plan) {
	for _, s := range p.Steps {
		if len(s.Ops) == 0 && s.Blocked == nil {
			continue
		}
		t := &task{step: s, id: s.ID}
		r.order = append(r.order, t)
		r.tasks[s.Address] = t
		r.openAll++
	}
	for _, t := range r.order {
		for _, a := range t.step.After {
			if before := r.tasks[a]; before != nil {
				t.open++
				before.next = append(before.next, t)
			}
		}
	}
	for _, t := range r.order {
		switch {
		case t.step.Blocked != nil:
			r.end(t, Skipped, fmt.Errorf("blocked: %s", t.step.Blocked.Reason))
		case t.open == 0 && !t.ended:
			r.ready = append(r.ready, t)
		}
	}
}

// loop is the one goroutine that decides what happens next.
func (r *runner) loop(ctx context.Context) {
	stop, done := r.opts.Stop, ctx.Done()
	for r.openAll > 0 {
		r.launch(ctx)
		r.poll(ctx)
		if r.openAll == 0 {
			return
		}
		timer := time.NewTimer(r.nextWake())
		select {
		case t := <-r.returned:
			r.working--
			r.settle(ctx, t)
		case seen := <-r.polled:
			r.polling = false
			r.look(seen)
		case l := <-r.logged:
			r.notify(Event{Phase: Logged, Step: l.step, Text: l.text})
		case <-timer.C:
		case <-stop:
			stop = nil
			r.halt(ErrStopped)
		case <-done:
			done = nil
			r.halt(ErrStopped)
		}
		timer.Stop()
		r.expire()
	}
}

// ErrStopped is why steps of a run that was told to stop were not carried out.
var ErrStopped = errors.New("the run was stopped")

// launch gives ready tasks to workers as long as there are slots.
func (r *runner) launch(ctx context.Context) {
	for len(r.ready) > 0 && r.working < r.opts.Parallelism {
		t := r.ready[0]
		r.ready = r.ready[1:]
		if t.ended {
			continue
		}
		if t.began.IsZero() {
			t.began = time.Now()
			t.deadline = t.began.Add(t.step.Timeout)
			t.links = r.linksOf(t)
		}
		t.told = Event{Phase: Working, Step: t.step, Verb: t.verb(), ID: t.id}
		if t.attempt == 0 {
			r.notify(t.told)
		}
		r.working++
		r.workers.Go(func() error {
			r.work(ctx, t)
			r.returned <- t
			return nil
		})
	}
}

// linksOf are the ids for the fields of a create request that hold sandboxes.
func (r *runner) linksOf(t *task) map[string]string {
	if t.step.Want == nil {
		return nil
	}
	links := t.step.Want.Links()
	for field, key := range links {
		if owner := r.tasks[spec.Address{Kind: spec.SandboxKind, Key: key}]; owner != nil && owner.id != "" {
			links[field] = owner.id
		} else if id := t.step.Linked[key]; id != "" {
			links[field] = id
		}
	}
	return links
}

// report sums up.
func (r *runner) report(took time.Duration) *Report {
	rep := &Report{Took: took, Interrupted: r.stopped && r.fatal == nil}
	for _, t := range r.order {
		if t.step.Action != plan.NoOp || t.result.Outcome != Done {
			rep.Results = append(rep.Results, t.result)
		}
	}
	return rep
}
