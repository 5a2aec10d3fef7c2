package apply

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"fleet/apply/internal/schedule"
	"fleet/plan"
	"fleet/spec"
)

// A rollout is one that is under way. The loop owns it.
type rollout struct {
	*plan.Rollout
	wave             int       // the one that is under way, as an index
	remaining        []int     // tasks of each wave that have not ended
	failures         []int     // tasks of each wave that failed
	pending          [][]*task // tasks of each wave that could begin, and have not been admitted
	pendingRollbacks []*task   // tasks that bring sandboxes back and have not been admitted
	inFlight         int       // tasks that were admitted, or need not be, and have not ended
	unavailable      int       // members that cannot be used now
	resumeAt         time.Time // when the wave may begin; zero: now
	failure          error     // why it goes on no more; nil while it does
	rollbackPending  bool      // the wave is brought back as soon as all of it has ended
}

// joinRollout makes the task part of its step's rollout.
func (r *runner) joinRollout(t *task) {
	p := t.step.Rollout
	if p == nil || t.step.Blocked != nil {
		return
	}
	o := r.rollouts[p]
	if o == nil {
		n := len(p.Waves)
		o = &rollout{Rollout: p, remaining: make([]int, n), failures: make([]int, n), pending: make([][]*task, n), unavailable: p.Unavailable}
		r.rollouts[p] = o
		r.rolloutOrder = append(r.rolloutOrder, o)
	}
	have := t.step.Have
	t.rollout, t.usable = o, have != nil && !have.Failed && !have.Unfinished()
	if t.step.Wave > 0 {
		r.schedule.Hold(t.number)
		o.remaining[t.step.Wave-1]++
	} else {
		o.inFlight++
	}
}

// hold keeps a task back until it is admitted.
func (o *rollout) hold(t *task) {
	if t.rollbackOf != nil {
		o.pendingRollbacks = append(o.pendingRollbacks, t)
		return
	}
	w := t.step.Wave - 1
	o.pending[w] = append(o.pending[w], t)
}

// admitRollouts lets the tasks of rollouts begin that may.
func (r *runner) admitRollouts() {
	now := time.Now()
	for _, o := range r.rolloutOrder {
		switch {
		case o.failure != nil:
			if o.rollbackPending && o.inFlight == 0 {
				o.rollbackPending = false
				r.rollBack(o)
			}
			if o.pendingRollbacks = r.admitTasks(o, o.pendingRollbacks); len(o.pendingRollbacks) > 0 && o.inFlight == 0 {
				r.skipRollbacks(o)
			}
			continue
		case r.advanceWave(o, now), now.Before(o.resumeAt):
			continue
		}
		o.resumeAt = time.Time{}
		o.pending[o.wave] = r.admitTasks(o, o.pending[o.wave])
		if n := len(o.pending[o.wave]); n > 0 && n == o.remaining[o.wave] && o.inFlight == 0 && !o.awaitsOutsideTrial() {
			r.abandonStuck(o)
		}
	}
}

// admitTasks admits those of the tasks that may be, and returns the others.
func (r *runner) admitTasks(o *rollout, pending []*task) []*task {
	remaining := pending[:0]
	for _, t := range pending {
		switch {
		case t.ended:
		case t.awaitsTrial():
			remaining = append(remaining, t)
		case t.reducesAvailability() && o.MaxUnavailable > 0 && o.unavailable >= o.MaxUnavailable:
			remaining = append(remaining, t)
		default:
			t.admitted = true
			o.inFlight++
			if t.reducesAvailability() {
				o.unavailable++
			}
			r.schedule.Admit(t.number)
		}
	}
	return remaining
}

// awaitsOutsideTrial reports whether a task of the wave waits for a trial that is not
// held back in it.
func (o *rollout) awaitsOutsideTrial() bool {
	held := o.pending[o.wave]
	return slices.ContainsFunc(held, func(t *task) bool { return t.awaitsTrial() && !slices.Contains(held, t.trial.first) })
}

// reducesAvailability reports whether the task takes a sandbox that can be used out of use, or
// surges, which is bounded likewise.
func (t *task) reducesAvailability() bool { return t.usable }

// advanceWave goes on to the next wave when all of one have ended, and reports
// whether there is none.
func (r *runner) advanceWave(o *rollout, now time.Time) (done bool) {
	for o.wave < len(o.Waves) && o.remaining[o.wave] == 0 {
		if o.wave++; o.wave == len(o.Waves) {
			break
		}
		if pause := o.Pause(); pause > 0 && o.remaining[o.wave] > 0 && !r.stopped {
			o.resumeAt = now.Add(pause)
			r.notify(Event{
				Phase: Pausing, Step: r.firstInWave(o).step,
				Text: fmt.Sprintf("%s to pass before wave %d of %d", plan.FormatInterval(pause), o.wave+1, len(o.Waves)),
			})
		}
	}
	return o.wave == len(o.Waves)
}

// firstInWave is the first task of the wave that is under way.
func (r *runner) firstInWave(o *rollout) *task {
	i := slices.IndexFunc(r.planTasks, func(t *task) bool { return t.rollout == o && t.step.Wave == o.wave+1 && !t.ended })
	return r.planTasks[i]
}

// recordInRollout takes in how a task of a rollout ended.
func (r *runner) recordInRollout(t *task) {
	o, w := t.rollout, t.step.Wave-1
	if t.admitted || w < 0 && t.rollbackOf == nil {
		o.inFlight--
	}
	// What was usable and never touched is so still; what was not is so when it
	// is done.
	available := t.result.Outcome == Done || t.usable && !t.disrupted
	if available && (t.admitted && t.reducesAvailability() || !t.usable) {
		o.unavailable--
	}
	switch {
	case t.rollbackOf != nil:
		r.recordRollback(t)
	case w >= 0:
		o.remaining[w]--
		if t.result.Outcome == Failed {
			r.recordFailure(o, w)
		} else if r.stopped && o.failure != nil {
			r.reportNotRolledBack(o)
		}
	}
}

// reportNotRolledBack tells of what a rollout that failed has changed and would have brought
// back, had the run not been stopped.
func (r *runner) reportNotRolledBack(o *rollout) {
	for _, t := range r.planTasks {
		if t.rollout == o && t.step.Wave == o.wave+1 && t.result.Outcome == Done && t.step.Rollback != nil {
			r.reportTaskNotRolledBack(t)
		}
	}
}

// reportTaskNotRolledBack tells of one such sandbox.
func (r *runner) reportTaskNotRolledBack(t *task) {
	t.result.Outcome = Interrupted
	t.result.Err = fmt.Errorf("%w; %w before it was brought back: it stays as it was changed", t.rollout.failure, ErrStopped)
	r.notify(Event{Phase: Interrupted, Step: t.step, ID: t.result.ID, Err: t.result.Err, Duration: t.result.Duration})
}

// recordFailure takes in that a task of a wave has failed.
func (r *runner) recordFailure(o *rollout, w int) {
	o.failures[w]++
	wave := o.Waves[w]
	if o.failure != nil || o.failures[w] <= wave.MaxFailures || o.OnFailure == spec.ContinueRollout && !wave.Canary {
		return
	}
	o.rollbackPending = o.OnFailure == spec.RollBack && !r.stopped
	switch {
	case wave.Canary:
		o.failure = fmt.Errorf("the rollout of %s stopped: its canary failed", o.Group)
	case wave.MaxFailures == 0:
		o.failure = fmt.Errorf("the rollout of %s stopped: wave %d of %d failed", o.Group, w+1, len(o.Waves))
	default:
		o.failure = fmt.Errorf("the rollout of %s stopped: in wave %d of %d more failed than the %d that may", o.Group, w+1, len(o.Waves), wave.MaxFailures)
	}
	r.abandon(o, o.failure)
}

// abandon begins no more steps of a rollout.
func (r *runner) abandon(o *rollout, why error) {
	for _, t := range r.planTasks {
		if t.rollout == o && t.step.Wave > 0 && t.start.IsZero() {
			r.end(t, Skipped, why)
		}
	}
}

// abandonStuck gives up a rollout that nothing makes whole any more.
func (r *runner) abandonStuck(o *rollout) {
	o.failure = fmt.Errorf("the rollout of %s stopped: %d of %d cannot be used, and %d may be unavailable", o.Group, o.unavailable, o.Members, o.MaxUnavailable)
	r.abandon(o, o.failure)
}

// rollBack brings the sandboxes of the wave back to what they were, as far as
// they have been touched and there is a way back.
func (r *runner) rollBack(o *rollout) {
	for _, t := range r.planTasks {
		ran := t.result.Outcome == Done || t.result.Outcome == Failed
		if t.rollout != o || t.step.Wave != o.wave+1 || !ran {
			continue
		}
		step := t.rollbackStep()
		if step == nil {
			continue
		}
		rollback := &task{
			step: step, id: t.id, index: t.index,
			rollout: o, rollbackOf: t, usable: t.result.Outcome == Done || t.step.Surge && t.usable,
		}
		r.addTask(rollback, schedule.Task{Order: t.index, Slot: t.work.Slot, Turns: schedule.TurnsOf(step)})
		r.schedule.Hold(rollback.number)
		r.unfinished++
		r.rollbackTasks = append(r.rollbackTasks, rollback)
		r.enqueue(rollback)
	}
}

// rollbackStep is the step that brings the task's sandbox back to what it was; nil when
// there is none, or nothing has changed. Where the old one is still there, only
// the new one goes.
func (t *task) rollbackStep() *plan.Step {
	switch {
	case t.disrupted:
		return t.step.Rollback
	case t.step.Surge && t.id != "":
		return &plan.Step{
			Address: t.step.Address, Action: plan.Clear, Name: t.step.Name, Timeout: t.step.Timeout,
			Ops: []plan.Op{{Verb: plan.DoDelete}}, Labels: t.step.Have.Labels,
		}
	}
	return nil
}

// skipRollbacks gives up bringing back what can be used, since too much cannot.
func (r *runner) skipRollbacks(o *rollout) {
	list := o.pendingRollbacks
	o.pendingRollbacks = nil
	for _, t := range list {
		r.end(t, Skipped, o.failure)
	}
}

// recordRollback tells what became of a sandbox that was to be brought back.
func (r *runner) recordRollback(rollback *task) {
	t := rollback.rollbackOf
	if rollback.result.Outcome == Skipped { // it stays what it is
		if r.stopped && t.result.Outcome == Done {
			r.reportTaskNotRolledBack(t)
		}
		return
	}
	why := cmp.Or(t.cause, t.rollout.failure)
	lost, sentence := t.loss()
	t.result.Outcome, t.result.ID, t.result.State = rollback.result.Outcome, rollback.result.ID, ""
	t.result.RequestLog = t.result.RequestLog.Add(rollback.result.RequestLog)
	t.result.Duration += rollback.result.Duration
	t.result.Lost = lost
	switch {
	case rollback.result.Outcome != Done:
		t.result.Err = withLoss(fmt.Errorf("%w; and it was not brought back to what it was: %w", why, rollback.cause), sentence)
	case lost != "":
		t.result.Outcome, t.result.Err = RolledBack, fmt.Errorf("%w; it is again what it was, without %s", why, lost)
	default:
		t.result.Outcome, t.result.Err = RolledBack, fmt.Errorf("%w; it is again what it was", why)
	}
	r.notify(Event{Phase: t.result.Outcome, Step: t.step, ID: t.result.ID, Err: t.result.Err, Lost: lost, Duration: t.result.Duration})
}
