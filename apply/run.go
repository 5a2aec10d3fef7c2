package apply

import (
	"context"
	"errors"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"fleet/client"
	"fleet/plan"
	"fleet/spec"
)

// DefaultGrace is how long a run that is told to stop goes on with what it has
// begun, when the caller does not say.
const DefaultGrace = 30 * time.Second

// Options say how a plan is carried out. The zero Options are usable.
type Options struct {
	// Parallelism is how many operations send requests at once; what only waits
	// does not count. 0 leaves it to the spec, and to what the server is found to
	// bear.
	Parallelism int

	Target string          // region for what is created without one; empty: the organisation's default
	Logs   bool            // follow the logs of builds, as events
	Stop   <-chan struct{} // closed: begin no more steps, and go on with the others for Grace at most. nil: never
	Grace  time.Duration   // 0 is DefaultGrace

	// Environment is that of hooks on this machine, in the form of os.Environ.
	// What is secret must not be in it.
	Environment []string

	// Creating is called before the creation of a snapshot is sent, with an empty
	// id, and with the id once the server has answered. It is called in many
	// goroutines, one at a time for each step. nil: nobody is told.
	Creating func(s *plan.Step, id string)

	// Trace gives the context for the requests of a step, from which who
	// observes them tells whose they are. It is called in many goroutines, after
	// the step's first event. nil: the context stays as it is.
	Trace func(ctx context.Context, s *plan.Step) context.Context
}

// Run carries out the steps of the plan that have operations and are not
// blocked, each after the steps that it waits for. A step that fails stops
// only those that wait for it, and what its rollout says. notify is called with
// every event, from one goroutine.
//
// When opts.Stop is closed, no step is begun any more, and those that were begun
// have opts.Grace to end. When ctx ends, or the grace is over, requests under way
// are cut off. Either way Run returns a full report, and no goroutine outlives
// it.
func Run(ctx context.Context, api *client.Client, p *plan.Plan, opts Options, notify func(Event)) *Report {
	if opts.Grace == 0 {
		opts.Grace = DefaultGrace
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	s := newSchedule(p, opts.Parallelism)
	r := &runner{
		api: api, opts: opts, notify: notify, fleet: p.Fleet, environment: p.Environment, names: names(p), facts: p.Facts,
		tasks: map[spec.Address]*task{}, rollouts: map[*plan.Rollout]*rollout{}, refusals: map[string]*trial{}, schedule: s, cancel: cancel,
		freed: map[spec.Kind]time.Time{},
		// Workers never block on it: each sends once before it is free again.
		returned: make(chan returned, s.most),
		polled:   make(chan sightings, 1),
		logged:   make(chan logLine),
	}
	r.workers.SetLimit(s.most)
	r.pollers.SetLimit(1)
	r.streams.SetLimit(maxStreams)
	began := time.Now()
	r.prepare(p)
	r.loop(ctx)
	cancel()
	_ = r.workers.Wait() // workers report through returned
	_ = r.pollers.Wait()
	_ = r.streams.Wait()
	return r.report(began)
}

// A runner executes one plan. Only the loop writes its fields. Workers read those
// that never change after Run has made it: api, opts, fleet, environment, names
// and facts; they send results over returned, polled and logged.
type runner struct {
	api    *client.Client
	opts   Options
	notify func(Event)
	fleet  string

	environment string   // of the spec; empty for none
	names       []string // that its sandboxes carry: fleet, and what it was called before
	facts       spec.Facts
	cancel      context.CancelFunc

	order    []*task
	undo     []*task // that bring back what others have done
	tasks    map[spec.Address]*task
	schedule *schedule
	rollouts map[*plan.Rollout]*rollout
	turns    []*rollout              // in the order of the plan
	trials   []*trial                // in the order of the plan
	refusals map[string]*trial       // by what was refused, since a member of a trial was last done
	freed    map[spec.Kind]time.Time // when something of a kind was last deleted or stopped
	waiting  []*task
	openAll  int // tasks that have not ended
	fatal    error
	stopped  bool      // no more steps are begun
	until    time.Time // when what was begun is cut off; zero: it is not
	cut      bool      // it was

	workers  errgroup.Group
	pollers  errgroup.Group
	streams  errgroup.Group
	returned chan returned
	polled   chan sightings
	logged   chan logLine
	polling  bool
	pace     pace
	reads    client.Tracker // of what is read for many tasks at once
}

// A returned is a task that a worker gives back, and the budget that it took
// from.
type returned struct {
	*task
	load load
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

// loop is the one goroutine that decides what happens next.
func (r *runner) loop(ctx context.Context) {
	stop, done := r.opts.Stop, ctx.Done()
	for r.goesOn() {
		r.wake()
		for r.admit(); r.untangle(); {
			r.admit()
		}
		r.launch(ctx)
		r.poll(ctx)
		if !r.goesOn() {
			return
		}
		timer := time.NewTimer(r.nextWake())
		select {
		case t := <-r.returned:
			r.schedule.back(t.load, t.answer)
			r.settle(ctx, t.task)
		case seen := <-r.polled:
			r.polling = false
			r.look(seen)
		case l := <-r.logged:
			r.notify(Event{Phase: Logged, Step: l.step, Verb: l.verb, Text: l.text})
		case <-timer.C:
		case <-stop:
			stop = nil
			r.drain()
		case <-done:
			done = nil
			r.halt(ErrStopped)
			r.cutOff()
		}
		timer.Stop()
		r.expire()
	}
}

// goesOn reports whether there is anything left to do.
func (r *runner) goesOn() bool {
	return r.openAll > 0 || slices.ContainsFunc(r.turns, func(o *rollout) bool { return o.rollsBack })
}

// ErrStopped is why steps of a run that was told to stop were not carried out.
var ErrStopped = errors.New("the run was stopped")

// report sums up.
func (r *runner) report(began time.Time) *Report {
	rep := &Report{Began: began, Took: time.Since(began), Interrupted: r.stopped && r.fatal == nil, Trail: r.reads.Trail()}
	for _, t := range r.order {
		rep.Trail = rep.Trail.Plus(t.result.Trail)
		if t.step.Action != plan.NoOp || t.result.Outcome != Done {
			rep.Results = append(rep.Results, t.result)
		}
	}
	return rep
}
