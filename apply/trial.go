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
	ready   []*task // members outside of rollouts that only wait for the trial
	passed  bool
	failure error // why no more members start; nil while they may
}

// prepareTrials groups the replacements by create request, as the plan says.
func (r *runner) prepareTrials() {
	trials := map[spec.Address]*trial{}
	for _, t := range r.order {
		if !t.step.Risks() {
			continue
		}
		root := t.step.TrialOf
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
	return t.began.IsZero() && t.trial != nil && !t.trial.passed && t.trial.first != t
}

// risked reports whether the task may have lost its sandbox.
func (t *task) risked() bool {
	return t.touched || t.creates() || t.verb() == plan.DoDelete && perhaps(t.result.Err)
}

// creates reports whether the task has come to its creation.
func (t *task) creates() bool {
	return t.at >= slices.IndexFunc(t.step.Ops, func(op plan.Op) bool { return op.Verb == plan.DoCreate })
}

// tolerated reports whether a failure is one that the task's rollout continues
// after: the server accepted the request, and the new sandbox failed.
func (t *task) tolerated() bool {
	return t.rollout != nil && t.rollout.failure == nil && t.creates() && t.id != ""
}

// tried decides about the other members of a trial after a task has ended.
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
func (r *runner) tried(t *task) {
	tr, err := t.trial, t.result.Err
	lost := t.result.Outcome == Failed && t.risked()
	switch {
	case t.result.Outcome == Done:
		clear(r.refusals)
		if tr.first == t && tr.failure == nil {
			tr.passed = true
			r.startReady(tr)
		}
	case lost && t.lostNothing():
		r.elect(tr)
	case lost && r.general(t):
		for _, other := range r.trials {
			if other == tr || r.concerns(err, t, other) {
				r.refuse(other, t, everyMember)
			}
		}
	case tr.failure != nil:
	case lost && !tr.passed && t.tolerated():
		r.refuse(tr, t, func(other *task) bool { return other.rollout != t.rollout })
		tr.passed, tr.failure = true, nil
		r.startReady(tr)
	case lost && (!tr.passed || meetsAgain(err)):
		r.refuse(tr, t, everyMember)
	case lost:
		tr.passed = false
		r.elect(tr)
	case tr.first == t && !tr.passed:
		r.elect(tr)
	}
}

// lostNothing reports whether the task is a creation whose refusal does not
// stop the replacements of the same request: its name is taken, or it found no
// room, and they bring their own.
func (t *task) lostNothing() bool {
	if t.step.Risks() || t.trial.failure != nil {
		return false
	}
	switch err := t.result.Err; client.ClassOf(err) {
	case client.Quota, client.NoCapacity:
		return !slices.ContainsFunc(t.trial.members, func(m *task) bool { return m.step.Grows })
	default:
		return errors.Is(err, errNotOurs)
	}
}

// meetsAgain reports whether another request of the same content would be
// refused, too.
func meetsAgain(err error) bool {
	switch client.ClassOf(err) {
	case client.BadRequest, client.NotFound, client.IllegalState, client.NotSupported, client.FailedToStart, client.TooBig:
		return true
	}
	return organizational(err)
}

// organizational reports whether a refusal is about what the organization or the
// credentials may have now, rather than about the request.
func organizational(err error) bool {
	switch client.ClassOf(err) {
	case client.Quota, client.NoCapacity, client.Suspended, client.Forbidden, client.Maintenance:
		return true
	}
	return false
}

// general reports whether the failure of a task is about more than its request:
// about the organization, or the same that another request met, with no success
// between the two.
func (r *runner) general(t *task) bool {
	err := t.result.Err
	if organizational(err) {
		return true
	}
	if t.tolerated() {
		return false
	}
	what := refusalOf(err)
	if before := r.refusals[what]; before != nil && before != t.trial {
		return true
	}
	r.refusals[what] = t.trial
	return false
}

// refusalOf is what two failures have in common if they have the same cause.
func refusalOf(err error) string {
	e, ok := errors.AsType[*client.Error](err)
	if !ok {
		return err.Error()
	}
	switch e.Class {
	case client.Server, client.Unreachable, client.NotJSON, client.NotDaytona, client.RateLimited:
		return string(e.Class)
	default:
		return string(e.Class) + ": " + e.Message
	}
}

// concerns reports whether the members of another trial would meet the failure of
// a task, too. A lack of room in one region is none in another.
func (r *runner) concerns(err error, t *task, other *trial) bool {
	switch client.ClassOf(err) {
	case client.Quota, client.NoCapacity:
		here, there := t.step.Want.RegionID(r.opts.Target, r.facts), other.members[0].step.Want.RegionID(r.opts.Target, r.facts)
		return here == "" || there == "" || here == there
	}
	return true
}

// refuse starts no more of the chosen members of a trial.
func (r *runner) refuse(tr *trial, failed *task, chosen func(*task) bool) {
	if tr.failure != nil {
		return
	}
	why := "which was tried first with the same create request, failed"
	if tr.passed || failed.trial != tr {
		why = "which was tried before, was refused"
	}
	tr.failure = fmt.Errorf("not started, and its sandbox is untouched: %s, %s: %s", failed.step.Address, why, failed.cause.Error())
	for _, t := range tr.members {
		if t.began.IsZero() && chosen(t) {
			r.end(t, Skipped, tr.failure)
		}
	}
}

// everyMember is for refuse.
func everyMember(*task) bool { return true }

// elect makes the next member that has not started the first one.
func (r *runner) elect(tr *trial) {
	for _, t := range tr.members {
		if !t.ended && t.began.IsZero() {
			tr.first = t
			r.startReady(tr)
			return
		}
	}
}

// startReady lets members start that no longer wait.
func (r *runner) startReady(tr *trial) {
	ready := tr.ready
	tr.ready = nil
	for _, t := range ready {
		if !t.ended {
			r.enqueue(t)
		}
	}
}

// untangle elects another first member where the chosen one waits for what waits
// for it, such as a name that a member holds. It reports whether it did.
func (r *runner) untangle() bool {
	if !r.schedule.idle() || len(r.waiting) > 0 || slices.ContainsFunc(r.turns, func(o *rollout) bool { return !o.resumes.IsZero() }) {
		return false
	}
	for _, tr := range r.trials {
		if tr.passed || tr.failure != nil || tr.first.ready() {
			continue
		}
		if i := slices.IndexFunc(tr.members, (*task).ready); i >= 0 {
			tr.first = tr.members[i]
			r.startReady(tr)
			return true
		}
	}
	return false
}

// ready reports whether the task could start but for its trial, and the bounds of
// its rollout.
func (t *task) ready() bool {
	if t.ended || !t.began.IsZero() || t.open > 0 {
		return false
	}
	return t.rollout == nil || t.step.Wave == 0 || t.rollout.wave == t.step.Wave-1
}
