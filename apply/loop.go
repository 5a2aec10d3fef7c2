package apply

import (
	"errors"
	"time"

	"fleet/apply/internal/admission"
	"fleet/apply/internal/operation"
	"fleet/apply/internal/schedule"
	"fleet/client"
	"fleet/spec"
)

// A loop executes one plan. It connects what decides (schedule, rollouts, trials) with
// what sends requests (workers, poller, log streams). Its one goroutine owns all of its
// fields; the others get copies and report over channels. Only env is shared, which
// never changes.
type loop struct {
	env    *operation.Env
	opts   Options
	notify func(Event)

	tasks      []*task                // by number: those of the plan, then the rollbacks
	byAddress  map[spec.Address]*task // of the plan
	planned    int                    // number of tasks of the plan
	unfinished int                    // tasks that have not ended

	schedule *schedule.Schedule
	rollouts []*admission.Rollout // in the order of the plan
	trials   *admission.Trials
	builds   *admission.Builds
	shutdown shutdown

	workers  workers
	waits    waitlist
	logs     *logStreams
	recorder client.Recorder // of all requests of the run
}

// enqueue lets a task wait for a worker, or first for its rollout, its trial or the build
// of its image.
func (l *loop) enqueue(t *task) {
	if t.rollout != nil && t.rollout.AwaitsAdmission(t.number) {
		t.rollout.Hold(t.number)
		return
	}
	if _, waits := l.trials.Waits(t.number); waits {
		l.trials.Hold(t.number)
		return
	}
	if !t.started() && !l.builds.Start(t.number) {
		return
	}
	t.queuedAt = time.Now()
	l.schedule.Enqueue(t.number)
}

// enqueueAll enqueues those of the tasks that have not ended.
func (l *loop) enqueueAll(numbers []schedule.TaskID) {
	for _, number := range numbers {
		if t := l.tasks[number]; !t.ended {
			l.enqueue(t)
		}
	}
}

// requeue removes tasks that have not started from their queues. They wait again for
// their rollout and their trial.
func (l *loop) requeue(numbers []schedule.TaskID) {
	for _, number := range numbers {
		t := l.tasks[number]
		if t.ended || !l.schedule.Dequeue(number) {
			continue
		}
		if t.rollout != nil && t.rollout.Withdraw(number) {
			l.schedule.Hold(number)
		}
		released := l.builds.Withdraw(number)
		l.enqueue(t)
		l.enqueueAll(released)
	}
}

// planTasks returns the tasks of the plan, in its order.
func (l *loop) planTasks() []*task { return l.tasks[:l.planned] }

// ErrStopped is why steps of a run that was stopped were not carried out.
var ErrStopped = errors.New("the run was stopped")
