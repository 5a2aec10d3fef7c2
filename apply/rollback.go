package apply

import (
	"cmp"
	"fmt"

	"fleet/plan"
)

// rollbackStep returns the step that rolls the task's changes back; nil if there is
// none, or nothing was changed. If the old sandbox still exists, only the new one is
// deleted.
func (t *task) rollbackStep() *plan.Step {
	switch {
	case t.work.Disrupted:
		return t.step.Rollback
	case t.step.Surge && t.work.ID != "":
		return &plan.Step{
			Address: t.step.Address, Action: plan.Clear, Name: t.step.Name, Timeout: t.step.Timeout,
			Ops: []plan.Op{{Verb: plan.DoDelete}}, Labels: t.step.Have.Labels,
		}
	}
	return nil
}

// recordRollback adds how a rollback ended to the result of the task that it rolls
// back.
func (l *loop) recordRollback(rollback *task) {
	t := rollback.rollbackOf
	if rollback.result.Outcome == Skipped { // the changes stay
		if l.shutdown.stopped {
			l.reportRetained(t)
		}
		return
	}
	why := cmp.Or(t.cause, t.rollout.Failure())
	lost, sentence := t.work.Loss()
	t.result.Outcome, t.result.ID, t.result.State = rollback.result.Outcome, rollback.result.ID, ""
	t.result.RequestLog = t.result.RequestLog.Add(rollback.result.RequestLog)
	t.result.Duration += rollback.result.Duration
	t.result.Lost = lost
	switch {
	case rollback.result.Outcome != Done:
		t.result.Err = withLoss(fmt.Errorf("%w; and rolling it back failed: %w", why, rollback.cause), sentence)
	case lost != "":
		t.result.Outcome, t.result.Err = RolledBack, fmt.Errorf("%w; rolled back, without %s", why, lost)
	default:
		t.result.Outcome, t.result.Err = RolledBack, fmt.Errorf("%w; rolled back", why)
	}
	l.notify(Event{Phase: t.result.Outcome, Step: t.step, ID: t.result.ID, Err: t.result.Err, Lost: lost, Duration: t.result.Duration})
}

// reportRetained reports a sandbox that stays changed although its rollout failed,
// because the run was stopped before it was rolled back.
func (l *loop) reportRetained(t *task) {
	if t.result.Outcome != Done || t.step.Rollback == nil {
		return
	}
	t.result.Outcome = Interrupted
	t.result.Err = fmt.Errorf("%w; %w before it was rolled back: its changes stay", t.rollout.Failure(), ErrStopped)
	l.notify(Event{Phase: Interrupted, Step: t.step, ID: t.result.ID, Err: t.result.Err, Duration: t.result.Duration})
}
