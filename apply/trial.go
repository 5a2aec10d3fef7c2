package apply

import (
	"errors"
	"slices"

	"fleet/apply/internal/admission"
	"fleet/plan"
	"fleet/spec"
)

// groupTrials groups the tasks that risk a sandbox by create request, as planned.
func (r *runner) groupTrials() {
	for _, t := range r.planTasks {
		if t.step.RisksLoss() {
			r.trials.Join(trialRoot(t.step), admission.Candidate{
				ID: t.number, Region: r.createRegion(t), Rollout: t.rollout, IncreasesUsage: t.step.IncreasesUsage,
			})
		}
	}
	for _, t := range r.planTasks {
		r.trials.Lead(t.step.Address, t.number)
	}
}

// trialRoot returns the address of the step that is tried first.
func trialRoot(s *plan.Step) spec.Address {
	if s.TrialStep != (spec.Address{}) {
		return s.TrialStep
	}
	return s.Address
}

// createRegion returns the id of the region in which a task creates its object; empty
// if it is unknown or nothing is created.
func (r *runner) createRegion(t *task) string {
	if t.step.Want == nil {
		return ""
	}
	return t.step.Want.RegionID(r.opts.Target, r.facts)
}

// endTrial reports the end of a task to its trial, and carries out what that decides.
func (r *runner) endTrial(t *task) {
	err := t.result.Err
	end := admission.TrialEnd{
		Address: t.step.Address, Region: r.createRegion(t), Rollout: t.rollout, Outcome: admissionOutcome(t.result.Outcome),
		Err: err, NameTaken: errors.Is(err, errNotOurs), Cause: t.cause, Risky: t.step.RisksLoss(),
	}
	if t.result.Outcome == Failed {
		end.Lost, end.Tolerated = t.mayHaveLostSandbox(), t.tolerated()
	}
	d := r.trials.End(t.number, end)
	for _, skip := range d.Skip {
		for _, number := range skip.Tasks {
			r.end(r.byNumber[number], Skipped, skip.Reason)
		}
	}
	r.enqueueAll(d.Release)
}

// enqueueAll enqueues those of the tasks that have not ended.
func (r *runner) enqueueAll(tasks []admission.TaskID) {
	for _, number := range tasks {
		if t := r.byNumber[number]; !t.ended {
			r.enqueue(t)
		}
	}
}

// admissionOutcome returns how a task ended, for rollouts and trials.
func admissionOutcome(p Phase) admission.Outcome {
	switch p {
	case Done:
		return admission.Done
	case Failed:
		return admission.Failed
	}
	return admission.NotDone
}

// mayHaveLostSandbox reports whether the task may have lost its sandbox.
func (t *task) mayHaveLostSandbox() bool {
	return t.disrupted || t.reachedCreate() || t.verb() == plan.DoDelete && mayHaveApplied(t.result.Err)
}

// reachedCreate reports whether the task has reached its creation.
func (t *task) reachedCreate() bool {
	return t.opIndex >= slices.IndexFunc(t.step.Ops, func(op plan.Op) bool { return op.Verb == plan.DoCreate })
}

// tolerated reports whether the rollout of a failed task continues: the server accepted
// the request, and the new sandbox failed.
func (t *task) tolerated() bool {
	return t.rollout != nil && t.rollout.Failure() == nil && t.reachedCreate() && t.id != ""
}

// breakDeadlock elects another first task of a trial if nothing runs or is due. It
// reports whether it did.
func (r *runner) breakDeadlock() bool {
	paused := slices.ContainsFunc(r.rollouts, func(o *admission.Rollout) bool { _, ok := o.Paused(); return ok })
	if !r.schedule.Idle() || len(r.waiting) > 0 || paused {
		return false
	}
	released, ok := r.trials.BreakDeadlock(func(number admission.TaskID) bool {
		t := r.byNumber[number]
		return r.schedule.Ready(number) && (t.rollout == nil || t.rollout.Current(number))
	})
	r.enqueueAll(released)
	return ok
}
