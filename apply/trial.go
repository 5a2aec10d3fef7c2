package apply

import (
	"errors"
	"fmt"
	"slices"

	"fleet/client"
	"fleet/plan"
	"fleet/spec"
)

// A trial is the first of the steps that share a create request. The
// replacements among them start when it has passed: when its sandbox is in its
// wanted state and ready. The loop owns it.
type trial struct {
	first   *task   // decides about the others; a creation is no member
	members []*task // the replacements, in the order of the plan
	pending []*task // members outside of rollouts that only wait for the trial
	passed  bool
	failure error // why no more members start; nil while they may
}

// groupTrials groups the replacements by create request, as the plan says.
func (r *runner) groupTrials() {
	trials := map[spec.Address]*trial{}
	for _, t := range r.planTasks {
		if !t.step.RisksLoss() {
			continue
		}
		root := t.step.TrialStep
		if root == (spec.Address{}) {
			root = t.step.Address
		}
		if trials[root] == nil {
			trials[root] = &trial{first: r.tasks[root]}
			r.trials = append(r.trials, trials[root])
		}
		t.trial = trials[root]
		t.trial.members = append(t.trial.members, t)
	}
	for _, tr := range r.trials {
		if tr.first == nil { // the plan's trial is done already
			tr.first = tr.members[0]
		}
		tr.first.trial = tr
	}
}

// awaitsTrial reports whether another task has to pass before this one may start.
// One that has started goes on, even if another trial has become necessary.
func (t *task) awaitsTrial() bool {
	return t.start.IsZero() && t.trial != nil && !t.trial.passed && t.trial.first != t
}

// mayHaveLostSandbox reports whether the task may have lost its sandbox.
func (t *task) mayHaveLostSandbox() bool {
	return t.disrupted || t.reachedCreate() || t.verb() == plan.DoDelete && mayHaveApplied(t.result.Err)
}

// reachedCreate reports whether the task has come to its creation.
func (t *task) reachedCreate() bool {
	return t.opIndex >= slices.IndexFunc(t.step.Ops, func(op plan.Op) bool { return op.Verb == plan.DoCreate })
}

// tolerated reports whether a failure is one that the task's rollout continues
// after: the server accepted the request, and the new sandbox failed.
func (t *task) tolerated() bool {
	return t.rollout != nil && t.rollout.failure == nil && t.reachedCreate() && t.id != ""
}

// recordTrialResult decides about the other members of a trial after a task has ended.
//
// A first task that failed stops the others once its creation was refused or its
// sandbox deleted, whatever the error: even a status of 500 may be about the
// content of the request. One that came to neither says nothing about the request,
// and the next member takes its place. A sandbox that was created and failed
// afterwards is left to the max_failures and on_failure of its rollout, for the
// members of the same rollout.
//
// What fails after the trial has passed stops the others, too, if they would be
// refused alike, and otherwise asks for another trial.
func (r *runner) recordTrialResult(t *task) {
	tr, err := t.trial, t.result.Err
	lost := t.result.Outcome == Failed && t.mayHaveLostSandbox()
	switch {
	case t.result.Outcome == Done:
		clear(r.refusals)
		if tr.first == t && tr.failure == nil {
			tr.passed = true
			r.enqueueReady(tr)
		}
	case lost && t.failedHarmlessly():
		r.electNext(tr)
	case lost && r.isSystemic(t):
		for _, other := range r.trials {
			if other == tr || r.affects(err, t, other) {
				r.skipMembers(other, t, allMembers)
			}
		}
	case tr.failure != nil:
	case lost && !tr.passed && t.tolerated():
		r.skipMembers(tr, t, func(other *task) bool { return other.rollout != t.rollout })
		tr.passed, tr.failure = true, nil
		r.enqueueReady(tr)
	case lost && (!tr.passed || wouldRecur(err)):
		r.skipMembers(tr, t, allMembers)
	case lost:
		tr.passed = false
		r.electNext(tr)
	case tr.first == t && !tr.passed:
		r.electNext(tr)
	}
}

// failedHarmlessly reports whether the task is a creation whose refusal does not
// stop the replacements of the same request: its name is taken, or it found no
// room, and they bring their own.
func (t *task) failedHarmlessly() bool {
	if t.step.RisksLoss() || t.trial.failure != nil {
		return false
	}
	switch err := t.result.Err; client.ErrorClassOf(err) {
	case client.QuotaExceeded, client.NoCapacity:
		return !slices.ContainsFunc(t.trial.members, func(m *task) bool { return m.step.IncreasesUsage })
	default:
		return errors.Is(err, errNotOurs)
	}
}

// wouldRecur reports whether another request of the same content would be
// refused, too.
func wouldRecur(err error) bool {
	switch client.ErrorClassOf(err) {
	case client.BadRequest, client.NotFound, client.IllegalState, client.NotSupported, client.FailedToStart, client.TooBig:
		return true
	}
	return organizational(err)
}

// organizational reports whether a refusal is about what the organization or the
// credentials may have now, rather than about the request.
func organizational(err error) bool {
	switch client.ErrorClassOf(err) {
	case client.QuotaExceeded, client.NoCapacity, client.Suspended, client.Forbidden, client.Maintenance:
		return true
	}
	return false
}

// isSystemic reports whether the failure of a task is about more than its request:
// about the organization, or the same that another request met, with no success
// between the two.
func (r *runner) isSystemic(t *task) bool {
	err := t.result.Err
	if organizational(err) {
		return true
	}
	if t.tolerated() {
		return false
	}
	key := refusalKey(err)
	if before := r.refusals[key]; before != nil && before != t.trial {
		return true
	}
	r.refusals[key] = t.trial
	return false
}

// refusalKey is what two failures have in common if they have the same cause.
func refusalKey(err error) string {
	e, ok := errors.AsType[*client.Error](err)
	if !ok {
		return err.Error()
	}
	switch e.Class {
	case client.ServerError, client.Unreachable, client.NotJSON, client.NotDaytona, client.RateLimited:
		return string(e.Class)
	default:
		return string(e.Class) + ": " + e.Message
	}
}

// affects reports whether the members of another trial would meet the failure of
// a task, too. A lack of room in one region is none in another.
func (r *runner) affects(err error, t *task, other *trial) bool {
	switch client.ErrorClassOf(err) {
	case client.QuotaExceeded, client.NoCapacity:
		here, there := t.step.Want.RegionID(r.opts.Target, r.facts), other.members[0].step.Want.RegionID(r.opts.Target, r.facts)
		return here == "" || there == "" || here == there
	}
	return true
}

// skipMembers starts no more of the chosen members of a trial.
func (r *runner) skipMembers(tr *trial, failed *task, chosen func(*task) bool) {
	if tr.failure != nil {
		return
	}
	reason := "which was tried first with the same create request, failed"
	if tr.passed || failed.trial != tr {
		reason = "which was tried before, was refused"
	}
	tr.failure = fmt.Errorf("not started, and its sandbox is untouched: %s, %s: %s", failed.step.Address, reason, failed.cause.Error())
	for _, t := range tr.members {
		if t.start.IsZero() && chosen(t) {
			r.end(t, Skipped, tr.failure)
		}
	}
}

// allMembers is for refuse.
func allMembers(*task) bool { return true }

// electNext makes the next member that has not started the first one.
func (r *runner) electNext(tr *trial) {
	for _, t := range tr.members {
		if !t.ended && t.start.IsZero() {
			tr.first = t
			r.enqueueReady(tr)
			return
		}
	}
}

// enqueueReady lets members start that no longer wait.
func (r *runner) enqueueReady(tr *trial) {
	ready := tr.pending
	tr.pending = nil
	for _, t := range ready {
		if !t.ended {
			r.enqueue(t)
		}
	}
}

// breakDeadlock elects another first member where the chosen one waits for what waits
// for it, such as a name that a member holds. It reports whether it did.
func (r *runner) breakDeadlock() bool {
	if !r.schedule.Idle() || len(r.waiting) > 0 || slices.ContainsFunc(r.rolloutOrder, func(o *rollout) bool { return !o.resumeAt.IsZero() }) {
		return false
	}
	for _, tr := range r.trials {
		if tr.passed || tr.failure != nil || r.startable(tr.first) {
			continue
		}
		if i := slices.IndexFunc(tr.members, r.startable); i >= 0 {
			tr.first = tr.members[i]
			r.enqueueReady(tr)
			return true
		}
	}
	return false
}

// startable reports whether the task could start but for its trial, and the bounds of
// its rollout.
func (r *runner) startable(t *task) bool {
	if !r.schedule.Ready(t.number) {
		return false
	}
	return t.rollout == nil || t.step.Wave == 0 || t.rollout.wave == t.step.Wave-1
}
