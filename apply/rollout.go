package apply

import (
	"cmp"
	"fmt"
	"time"

	"fleet/apply/internal/admission"
	"fleet/apply/internal/schedule"
	"fleet/plan"
)

// joinRollout makes the task a member of its step's rollout.
func (r *runner) joinRollout(t *task) {
	p := t.step.Rollout
	if p == nil || t.step.Blocked != nil {
		return
	}
	o := r.rolloutOf[p]
	if o == nil {
		o = admission.NewRollout(p)
		r.rolloutOf[p] = o
		r.rollouts = append(r.rollouts, o)
	}
	have := t.step.Have
	t.rollout, t.usable = o, have != nil && !have.Failed && !have.Unfinished()
	o.Join(t.number, admission.Member{Wave: t.step.Wave, Usable: t.usable})
	if o.AwaitsAdmission(t.number) {
		r.schedule.Hold(t.number)
	}
}

// admitRollouts starts the tasks that their rollouts admit.
func (r *runner) admitRollouts() {
	for _, o := range r.rollouts {
		d := o.Next(time.Now(), r.trials.Waits)
		if len(d.RollBack) > 0 {
			r.rollBack(o, d.RollBack)
			d = o.Next(time.Now(), r.trials.Waits)
		}
		r.decide(o, d)
	}
}

// decide carries out what a rollout decided.
func (r *runner) decide(o *admission.Rollout, d admission.Decision) {
	if p := d.Pause; p != nil {
		text := fmt.Sprintf("%s to pass before wave %d of %d", plan.FormatInterval(p.Length), p.Wave, p.Waves)
		r.notify(Event{Phase: Pausing, Step: r.byNumber[p.First].step, Text: text})
	}
	for _, number := range d.Admit {
		r.schedule.Admit(number)
	}
	for _, number := range d.Retained {
		r.reportNotRolledBack(r.byNumber[number])
	}
	for _, number := range d.Skip {
		r.end(r.byNumber[number], Skipped, o.Failure())
	}
	if d.Abandon == nil {
		return
	}
	for _, t := range r.planTasks {
		if t.rollout == o && t.step.Wave > 0 && t.start.IsZero() {
			r.end(t, Skipped, d.Abandon)
		}
	}
}

// reportNotRolledBack reports a sandbox that was changed and not rolled back, since the
// run was stopped.
func (r *runner) reportNotRolledBack(t *task) {
	if t.result.Outcome != Done || t.step.Rollback == nil {
		return
	}
	t.result.Outcome = Interrupted
	t.result.Err = fmt.Errorf("%w; %w before it was brought back: it stays as it was changed", t.rollout.Failure(), ErrStopped)
	r.notify(Event{Phase: Interrupted, Step: t.step, ID: t.result.ID, Err: t.result.Err, Duration: t.result.Duration})
}

// rollBack adds a task for each of the tasks that has changed something and can be
// rolled back.
func (r *runner) rollBack(o *admission.Rollout, numbers []schedule.TaskID) {
	for _, number := range numbers {
		t := r.byNumber[number]
		step := t.rollbackStep()
		if step == nil {
			continue
		}
		rollback := &task{
			step: step, id: t.id, index: t.index,
			rollout: o, rollbackOf: t, usable: t.result.Outcome == Done || t.step.Surge && t.usable,
		}
		r.addTask(rollback, schedule.Task{Order: t.index, Slot: t.work.Slot, Turns: schedule.TurnsOf(step)})
		o.JoinRollback(rollback.number, rollback.usable)
		r.schedule.Hold(rollback.number)
		r.unfinished++
		r.rollbackTasks = append(r.rollbackTasks, rollback)
		r.enqueue(rollback)
	}
}

// rollbackStep returns the step that rolls the task's changes back; nil if there is
// none, or nothing was changed. If the old sandbox still exists, only the new one is
// deleted.
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

// recordRollback adds how a rollback ended to the result of the task that it rolls
// back.
func (r *runner) recordRollback(rollback *task) {
	t := rollback.rollbackOf
	if rollback.result.Outcome == Skipped { // its changes stay
		if r.stopped {
			r.reportNotRolledBack(t)
		}
		return
	}
	why := cmp.Or(t.cause, t.rollout.Failure())
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
