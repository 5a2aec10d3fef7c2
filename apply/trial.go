package apply

import (
	"fmt"
	"slices"

	"fleet/client"
	"fleet/plan"
	"fleet/spec"
)

// A trial is the first of the replacements that share a create request. The
// others start when it has passed: when its sandbox is in its wanted state and
// ready. The loop owns it.
type trial struct {
	first   *task   // decides about the others
	members []*task // first included, in the order of the plan
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
			trials[root] = &trial{}
			r.trials = append(r.trials, trials[root])
		}
		t.trial = trials[root]
		t.trial.members = append(t.trial.members, t)
		if t.step.Address == root {
			t.trial.first = t
		}
	}
	for _, tr := range r.trials {
		if tr.first == nil { // the plan's trial is done already
			tr.first = tr.members[0]
		}
	}
}

// awaitsTrial reports whether another replacement has to pass before the task
// may start.
func (t *task) awaitsTrial() bool {
	return t.trial != nil && !t.trial.passed && t.trial.first != t
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
// A first member that failed after its sandbox was deleted stops the others,
// whatever the error: even a status of 500 may be about the content of the
// request. One that lost nothing says nothing about the request, and the next
// member takes its place. A sandbox that was created and failed afterwards is left
// to the max_failures and on_failure of its rollout, for the members of the same
// rollout.
func (r *runner) tried(t *task) {
	tr := t.trial
	lost := t.result.Outcome == Failed && t.risked()
	switch {
	case tr.failure != nil:
	case t.result.Outcome == Done && tr.first == t:
		tr.passed = true
		r.startReady(tr)
	case lost && !tr.passed && t.tolerated():
		r.refuse(tr, t, func(other *task) bool { return other.rollout != t.rollout })
		tr.passed, tr.failure = true, nil
		r.startReady(tr)
	case lost && !tr.passed:
		r.refuse(tr, t, everyMember)
	case lost && organizational(t.result.Err):
		for _, other := range r.trials {
			r.refuse(other, t, everyMember)
		}
	case lost && meetsAgain(t.result.Err):
		r.refuse(tr, t, everyMember)
	case tr.first == t && !tr.passed:
		r.elect(tr)
	}
}

// meetsAgain reports whether another request of the same content would be
// refused, too.
func meetsAgain(err error) bool {
	switch client.ClassOf(err) {
	case client.BadRequest, client.NotFound, client.IllegalState, client.NotSupported, client.Forbidden, client.FailedToStart:
		return true
	}
	return organizational(err)
}

// organizational reports whether a refusal of a request that was accepted
// before is about what the organization may have now.
func organizational(err error) bool {
	switch client.ClassOf(err) {
	case client.Quota, client.NoCapacity, client.Suspended:
		return true
	}
	return false
}

// everyMember is for refuse.
func everyMember(*task) bool { return true }

// refuse starts no more of the chosen members of a trial.
func (r *runner) refuse(tr *trial, failed *task, chosen func(*task) bool) {
	if tr.failure != nil {
		return
	}
	why := "which was tried first with the same create request, failed"
	if tr.passed || failed.trial != tr {
		why = "which was replaced before, was refused"
	}
	tr.failure = fmt.Errorf("not started, and its sandbox is untouched: %s, %s: %s", failed.step.Address, why, failed.cause.Error())
	for _, t := range tr.members {
		if t.began.IsZero() && chosen(t) {
			r.end(t, Skipped, tr.failure)
		}
	}
}

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
