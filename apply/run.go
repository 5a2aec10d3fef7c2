package apply

import (
	"context"
	"errors"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"fleet/apply/internal/admission"
	"fleet/apply/internal/schedule"
	"fleet/client"
	"fleet/plan"
	"fleet/spec"
)

// DefaultGracePeriod is how long a run that is told to stop goes on with what it has
// begun, when the caller does not say.
const DefaultGracePeriod = 30 * time.Second

// MaxParallelism is how many operations send requests at once at most, unless
// the caller or the spec sets a number.
const MaxParallelism = schedule.MaxParallelism

// Options say how a plan is carried out. The zero Options are usable.
type Options struct {
	// Parallelism is how many operations send requests at once; what only waits
	// does not count. 0 leaves it to the spec, and to what the server is found to
	// bear.
	Parallelism int

	Target      string          // region for what is created without one; empty: the organisation's default
	Logs        bool            // follow the logs of builds, as events
	Stop        <-chan struct{} // closed: begin no more steps, and go on with the others for Grace at most. nil: never
	GracePeriod time.Duration   // 0 is DefaultGracePeriod

	// HookEnvironment is that of hooks on this machine, in the form of os.Environ.
	// What is secret must not be in it.
	HookEnvironment []string

	// OnSnapshotCreate is called before the creation of a snapshot is sent, with an empty
	// id, and with the id once the server has answered. It is called in many
	// goroutines, one at a time for each step. nil: nobody is told.
	OnSnapshotCreate func(s *plan.Step, id string)

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
	if opts.GracePeriod == 0 {
		opts.GracePeriod = DefaultGracePeriod
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	limits := schedule.NewLimits(p, opts.Parallelism)
	r := &runner{
		api: api, opts: opts, notify: notify, fleet: p.Fleet, environment: p.Environment, fleetNames: fleetNames(p), facts: p.Facts,
		tasks: map[spec.Address]*task{}, rolloutOf: map[*plan.Rollout]*admission.Rollout{}, trials: admission.NewTrials(), schedule: schedule.New(limits), cancel: cancel,
		// Workers never block on it: each sends once before it is free again.
		results: make(chan workerResult, limits.MaxWorkers()),
		polled:  make(chan observations, 1),
		logged:  make(chan logLine),
	}
	r.workers.SetLimit(limits.MaxWorkers())
	r.pollers.SetLimit(1)
	r.streams.SetLimit(maxStreams)
	start := time.Now()
	r.prepare(p, limits)
	r.loop(ctx)
	cancel()
	_ = r.workers.Wait() // workers report through returned
	_ = r.pollers.Wait()
	_ = r.streams.Wait()
	return r.report(start)
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
	fleetNames  []string // that its sandboxes carry: fleet, and what it was called before
	facts       spec.Facts
	cancel      context.CancelFunc

	planTasks     []*task
	rollbackTasks []*task // that bring back what others have done
	tasks         map[spec.Address]*task
	byNumber      []*task // both, by the number that the schedule gave them
	schedule      *schedule.Schedule
	rolloutOf     map[*plan.Rollout]*admission.Rollout
	rollouts      []*admission.Rollout // in the order of the plan
	trials        *admission.Trials
	waiting       []*task
	unfinished    int // tasks that have not ended
	fatal         error
	stopped       bool      // no more steps are begun
	graceDeadline time.Time // when what was begun is cut off; zero: it is not
	aborted       bool      // it was

	workers      errgroup.Group
	pollers      errgroup.Group
	streams      errgroup.Group
	results      chan workerResult
	polled       chan observations
	logged       chan logLine
	polling      bool
	pollBackoff  pollBackoff
	pollRecorder client.Recorder // of what is read for many tasks at once
}

// A workerResult is a task that a worker returns, with how the server took its
// operations.
type workerResult struct {
	*task
	sample schedule.Sample
}

// fleetNames are the fleets whose labels the sandboxes of a plan carry.
func fleetNames(p *plan.Plan) []string {
	names := []string{p.Fleet}
	for _, s := range p.Steps {
		if s.Have == nil {
			continue
		}
		if name := s.Have.Labels[spec.FleetLabel]; name != "" && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

// loop is the one goroutine that decides what happens next.
func (r *runner) loop(ctx context.Context) {
	stop, done := r.opts.Stop, ctx.Done()
	for r.hasWork() {
		r.resumeDue()
		for r.admitRollouts(); r.breakDeadlock(); {
			r.admitRollouts()
		}
		r.launch(ctx)
		r.poll(ctx)
		if !r.hasWork() {
			return
		}
		timer := time.NewTimer(r.nextWake())
		select {
		case t := <-r.results:
			r.schedule.Returned(t.number, time.Now(), t.sample)
			r.handleResult(ctx, t.task)
		case seen := <-r.polled:
			r.polling = false
			r.handleObservations(seen)
		case l := <-r.logged:
			r.notify(Event{Phase: Logged, Step: l.step, Verb: l.verb, Text: l.text})
		case <-timer.C:
		case <-stop:
			stop = nil
			r.drain()
		case <-done:
			done = nil
			r.halt(ErrStopped)
			r.abort()
		}
		timer.Stop()
		r.expireWaits()
	}
}

// hasWork reports whether there is anything left to do.
func (r *runner) hasWork() bool {
	return r.unfinished > 0 || slices.ContainsFunc(r.rollouts, (*admission.Rollout).RollbackPending)
}

// ErrStopped is why steps of a run that was told to stop were not carried out.
var ErrStopped = errors.New("the run was stopped")

// report sums up.
func (r *runner) report(start time.Time) *Report {
	rep := &Report{Start: start, Duration: time.Since(start), Interrupted: r.stopped && r.fatal == nil, RequestLog: r.pollRecorder.Log()}
	for _, t := range r.planTasks {
		rep.RequestLog = rep.RequestLog.Add(t.result.RequestLog)
		if t.step.Action != plan.NoOp || t.result.Outcome != Done {
			rep.Results = append(rep.Results, t.result)
		}
	}
	return rep
}
