package apply

import (
	"context"
	"fmt"
	"slices"
	"time"

	"fleet/apply/internal/admission"
	"fleet/apply/internal/schedule"
	"fleet/client"
	"fleet/plan"
)

// Run executes the steps of a plan that have operations and are not blocked, each
// after the steps that it depends on. A step that fails stops its dependents, and what
// its rollout decides. Run calls notify with every event, always from the same
// goroutine.
//
// A plan with a [plan.Plan.Refusal] is not executed: its steps are skipped with that
// error.
//
// When opts.Stop is closed, no more steps start, and those that have started get
// opts.GracePeriod to finish. When ctx ends, or the grace period does, requests in
// flight are cancelled. Either way Run returns a full report, and no goroutine
// outlives it.
func Run(ctx context.Context, api *client.Client, p *plan.Plan, opts Options, notify func(Event)) *Report {
	if err := p.Refusal(); err != nil {
		return Refused(p, err)
	}
	if opts.GracePeriod == 0 {
		opts.GracePeriod = DefaultGracePeriod
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	start := time.Now()
	l := newLoop(api, p, opts, notify)
	l.schedule.SetPace(newPace(api, opts.Concurrency))
	api.SetProbes(opts.Parallelism)
	l.shutdown.cancel = cancel
	l.run(l.recorder.WithContext(ctx))
	cancel()
	_ = l.workers.group.Wait() // errors are part of the results
	_ = l.waits.poller.group.Wait()
	_ = l.logs.group.Wait()
	return l.report(start)
}

func newLoop(api *client.Client, p *plan.Plan, opts Options, notify func(Event)) *loop {
	limits := schedule.NewLimits(p, opts.Parallelism)
	tasks := newTasks(p, limits, opts.Target)
	s := newSchedule(tasks, limits)
	l := &loop{
		opts: opts, notify: notify, env: newEnv(p, tasks, opts),
		tasks: tasks, byAddress: byAddress(tasks), planned: len(tasks), unfinished: len(tasks),
		schedule: s, rollouts: newRollouts(tasks, s), trials: newTrials(tasks), builds: newBuilds(tasks),
		workers: newWorkers(limits.MaxWorkers()), logs: newLogStreams(api),
		waits: waitlist{poller: newPoller(api, newPollLists(p))},
	}
	l.env.API, l.env.Now, l.env.Log, l.env.OnUpload = api, time.Now, l.logs.send, l.logs.sendUpload
	return l
}

// start enqueues the tasks that depend on nothing, and ends those that are blocked. Tasks
// that delete nothing come first: they show whether an image builds before another task
// deletes the predecessor of an object that is built from it.
func (l *loop) start() {
	var destructive []*task
	for _, t := range l.tasks {
		switch {
		case t.step.Blocked != nil:
			l.end(t, Skipped, fmt.Errorf("blocked: %s", t.step.Blocked.Reason))
		case !l.schedule.Ready(t.number):
		case t.step.Action.Destroys():
			destructive = append(destructive, t)
		default:
			l.enqueue(t)
		}
	}
	for _, t := range destructive {
		l.enqueue(t)
	}
}

// run decides what happens next until nothing is left to do.
func (l *loop) run(ctx context.Context) {
	stop, closing, done := l.opts.Stop, l.opts.Close, ctx.Done()
	l.start()
	for l.hasWork() {
		l.resumeDue()
		for l.admitRollouts(); l.breakDeadlock(); {
			l.admitRollouts()
		}
		l.launch(ctx)
		l.waits.poll(ctx, l.mayDeferPolls())
		if !l.hasWork() {
			return
		}
		timer := time.NewTimer(l.nextWake())
		select {
		case result := <-l.workers.results:
			l.handleResult(ctx, result)
		case observed := <-l.waits.poller.results:
			l.handleObservations(observed)
		case line := <-l.logs.lines:
			l.notify(Event{Phase: Logged, Step: line.step, Verb: line.verb, Text: line.text})
		case upload := <-l.logs.uploads:
			l.notify(upload)
		case <-timer.C:
		case <-stop:
			stop = nil
			l.drain()
		case <-closing:
			closing = nil
			l.halt(ErrStopped)
		case <-done:
			done = nil
			l.halt(ErrStopped)
			l.abort()
		}
		timer.Stop()
		l.expireWaits()
	}
}

// hasWork reports whether anything is left to do.
func (l *loop) hasWork() bool {
	return l.unfinished > 0 || slices.ContainsFunc(l.rollouts, (*admission.Rollout).RollbackPending)
}

// report summarizes the run.
func (l *loop) report(start time.Time) *Report {
	r := &Report{
		Start: start, Duration: time.Since(start), RequestLog: l.waits.poller.recorder.Log(),
		Interrupted: l.shutdown.stopped && l.shutdown.fatal == nil, Concurrency: concurrencyOf(l.schedule),
	}
	for _, t := range l.planTasks() {
		r.RequestLog = r.RequestLog.Add(t.result.RequestLog)
		if t.step.Action != plan.NoOp || t.result.Outcome != Done {
			r.Results = append(r.Results, t.result)
		}
	}
	r.RequestLog.RateLimitWait = l.recorder.Log().RateLimitWait
	return r
}
