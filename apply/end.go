package apply

import (
	"errors"
	"fmt"

	"fleet/apply/internal/admission"
	"fleet/apply/internal/operation"
	"fleet/plan"
)

// end gives a task its result, and lets the tasks that wait for it continue, or ends
// them too.
func (l *loop) end(t *task, outcome Phase, err error) {
	if t.ended {
		return
	}
	t.ended = true
	l.unfinished--
	if t.stopLog != nil {
		t.stopLog()
	}
	dependents := l.schedule.End(t.number, outcome == Done)
	t.recordResult(outcome, redactError(t.step, err))
	if t.rollbackOf == nil { // a rollback is reported as the end of the task that it rolls back
		l.notify(Event{
			Phase: outcome, Step: t.step, ID: t.result.ID, Err: t.result.Err, BuildLog: t.result.BuildLog, Lost: t.result.Lost, Duration: t.result.Duration,
		})
	}
	// Dependents end before the rollout and the trial decide, so that their reason is
	// this task and not a rollout that was stopped by it.
	if outcome == Done {
		l.enqueueAll(dependents)
	} else {
		l.skip(dependents, fmt.Errorf("%s was not done", t.step.Address))
	}
	if t.rollout != nil {
		l.carryOut(t.rollout, t.rollout.End(t.number, outcomeOf(outcome), t.work.Disrupted))
	}
	// A rollback has no event of its own: it changes the result of its task.
	if t.rollbackOf != nil {
		l.recordRollback(t)
	}
	l.endTrial(t)
	l.endBuild(t)
}

// recordResult sets the task's result. err has no secrets.
func (t *task) recordResult(outcome Phase, err error) {
	t.cause = err
	t.result = Result{
		Step: t.step, Outcome: outcome, ID: t.work.ID, Err: err, BuildLog: operation.BuildLogOf(err), Start: t.start,
		State: t.work.LastState, RequestLog: t.work.Recorder.Log(),
	}
	if t.started() {
		t.result.Duration = t.endTime(outcome).Sub(t.start)
	}
	if outcome != Done {
		lost, sentence := t.work.Loss()
		t.result.Lost, t.result.Err = lost, withLoss(err, sentence)
	}
}

// skip ends tasks that never start.
func (l *loop) skip(numbers []admission.TaskID, reason error) {
	for _, number := range numbers {
		l.end(l.tasks[number], Skipped, reason)
	}
}

// endTrial reports the end of a task to its trial, and carries out the decision.
func (l *loop) endTrial(t *task) {
	err := t.result.Err
	end := admission.TrialEnd{
		Address: t.step.Address, Region: t.region, Rollout: t.rollout, Outcome: outcomeOf(t.result.Outcome),
		Err: err, NameTaken: errors.Is(err, operation.ErrNameTaken), Cause: t.cause, Risky: t.step.RisksLoss(),
	}
	if t.result.Outcome == Failed {
		end.Lost = t.work.MayHaveLostSandbox(err)
		// The server accepted the request, and the new sandbox failed.
		end.Tolerated = t.rollout != nil && t.rollout.Failure() == nil && t.work.ReachedCreate() && t.work.ID != ""
	}
	decision := l.trials.End(t.number, end)
	for _, s := range decision.Skip {
		l.skip(s.Tasks, s.Reason)
	}
	l.enqueueAll(decision.Release)
	l.requeue(decision.Requeue)
}

// carryOut does what a rollout decided.
func (l *loop) carryOut(o *admission.Rollout, d admission.Decision) {
	if p := d.Pause; p != nil {
		text := fmt.Sprintf("%s before wave %d of %d", plan.FormatInterval(p.Length), p.Wave, p.Waves)
		l.notify(Event{Phase: Pausing, Step: l.tasks[p.First].step, Text: text})
	}
	for _, number := range d.Admit {
		l.schedule.Admit(number)
	}
	for _, number := range d.Retained {
		l.reportRetained(l.tasks[number])
	}
	l.skip(d.Skip, o.Failure())
	if d.Abandon == nil {
		return
	}
	// Tasks of wave 0 continue: they repair sandboxes and disrupt none.
	for _, t := range l.planTasks() {
		if t.rollout == o && t.step.Wave > 0 && !t.started() {
			l.end(t, Skipped, d.Abandon)
		}
	}
}

// outcomeOf returns how a task ended, as rollouts and trials count it.
func outcomeOf(p Phase) admission.Outcome {
	switch p {
	case Done:
		return admission.Done
	case Failed:
		return admission.Failed
	}
	return admission.NotDone
}
