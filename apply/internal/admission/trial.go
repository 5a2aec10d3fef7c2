package admission

import (
	"fmt"
	"slices"

	"fleet/client"
	"fleet/spec"
)

// Trials are the trials of a run. The tasks that share a create request and risk a
// sandbox wait until the first of them is done: a refusal then loses at most one
// sandbox.
type Trials struct {
	list     []*trial // in the order of the plan
	byRoot   map[spec.Address]*trial
	byTask   map[TaskID]*trial
	started  map[TaskID]bool
	ended    map[TaskID]bool
	refusals map[string]*trial // by their cause, since a task of any trial was last done
}

// A trial is the state of one create request.
type trial struct {
	first   TaskID // decides about the others
	members []Candidate
	pending []TaskID // members that are ready and wait for the trial only
	passed  bool
	failure error // why no more members start; nil while they may
}

// A Candidate is a task that sends the create request of a trial.
type Candidate struct {
	ID             TaskID
	Region         string   // id of the region in which it creates; empty if unknown
	Rollout        *Rollout // that it is part of; nil for none
	IncreasesUsage bool     // it needs more of a quota than it frees
}

// NewTrials returns no trials.
func NewTrials() *Trials {
	return &Trials{
		byRoot: map[spec.Address]*trial{}, byTask: map[TaskID]*trial{},
		started: map[TaskID]bool{}, ended: map[TaskID]bool{}, refusals: map[string]*trial{},
	}
}

// Join adds a task that risks a sandbox to the trial of a step. The first task to
// join decides about the others, unless Lead names another one.
func (ts *Trials) Join(root spec.Address, c Candidate) {
	tr := ts.byRoot[root]
	if tr == nil {
		tr = &trial{first: c.ID}
		ts.byRoot[root] = tr
		ts.list = append(ts.list, tr)
	}
	tr.members = append(tr.members, c)
	ts.byTask[c.ID] = tr
}

// Lead makes a task the first one of the trial of a step, if there is such a trial. A
// task that only creates, and so risks nothing, leads without having joined.
func (ts *Trials) Lead(root spec.Address, id TaskID) {
	if tr := ts.byRoot[root]; tr != nil {
		tr.first = id
		ts.byTask[id] = tr
	}
}

// Waits reports whether another task has to be done before this one may start, and
// which. A task that has started continues, even if another trial has become
// necessary.
func (ts *Trials) Waits(id TaskID) (first TaskID, waits bool) {
	tr := ts.byTask[id]
	if tr == nil || tr.passed || tr.first == id || ts.started[id] {
		return 0, false
	}
	return tr.first, true
}

// Hold records that a task that waits for its trial is ready otherwise.
func (ts *Trials) Hold(id TaskID) { ts.byTask[id].pending = append(ts.byTask[id].pending, id) }

// Start records that a task has started.
func (ts *Trials) Start(id TaskID) { ts.started[id] = true }

// A TrialEnd is how a task of a trial ended.
type TrialEnd struct {
	Address   spec.Address
	Region    string   // id of the region in which it creates; empty if unknown
	Rollout   *Rollout // that it is part of; nil for none
	Outcome   Outcome
	Err       error
	NameTaken bool  // another object has the name
	Cause     error // Err without the loss that it reports
	Lost      bool  // its sandbox is lost, or may be: its creation was reached, or its deletion sent
	Risky     bool  // it was a member, and not only the first one
	Tolerated bool  // its rollout continues after this failure
}

// A TrialDecision is what the trials want done, in this order.
type TrialDecision struct {
	Skip    []Skip
	Release []TaskID // tasks that may no longer have to wait
	Requeue []TaskID // tasks that have to wait again, even if they were released before
}

// A Skip lists tasks that never start, with the reason.
type Skip struct {
	Tasks  []TaskID
	Reason error
}

// End decides about the other members of a trial after a task has ended.
//
// A first task that failed stops the others once its creation was refused or its
// sandbox deleted, regardless of the error: even a status of 500 may be caused by the
// content of the request. One that reached neither proves nothing about the request,
// and the next member takes its place. A sandbox that was created and failed
// afterwards is left to max_failures and on_failure of its rollout, for the members
// of the same rollout.
//
// A failure after the trial has passed stops the others, too, if they would be
// refused for the same reason; otherwise another member is tried.
func (ts *Trials) End(id TaskID, e TrialEnd) TrialDecision {
	tr := ts.byTask[id]
	ts.ended[id] = true
	if tr == nil {
		return TrialDecision{}
	}
	lost := e.Outcome == Failed && e.Lost
	switch {
	case e.Outcome == Done:
		clear(ts.refusals)
		if tr.first == id && tr.failure == nil {
			return tr.pass()
		}
	case lost && tr.failedHarmlessly(e):
		return ts.electNext(tr)
	case lost && ts.isSystemic(tr, e):
		return ts.skipAffected(tr, e)
	case tr.failure != nil:
	case lost && !tr.passed && e.Tolerated:
		d := ts.skip(tr, tr, e, func(c Candidate) bool { return c.Rollout != e.Rollout })
		tr.failure = nil
		d.Release = tr.pass().Release
		return d
	case lost && (!tr.passed || wouldRecur(e.Err)):
		return ts.skip(tr, tr, e, anyCandidate)
	case lost:
		return ts.tryAgain(tr)
	case tr.first == id && !tr.passed:
		return ts.electNext(tr)
	}
	return TrialDecision{}
}

// pass lets the members start.
func (tr *trial) pass() TrialDecision {
	tr.passed = true
	return tr.release()
}

// release returns the members that no longer have to wait.
func (tr *trial) release() TrialDecision {
	d := TrialDecision{Release: tr.pending}
	tr.pending = nil
	return d
}

// failedHarmlessly reports whether a creation failed in a way that does not concern
// the replacements of the same request: its name is taken, or there was no quota or
// capacity for it, which they bring along.
func (tr *trial) failedHarmlessly(e TrialEnd) bool {
	if e.Risky || tr.failure != nil {
		return false
	}
	switch client.ErrorClassOf(e.Err) {
	case client.QuotaExceeded, client.NoCapacity:
		for _, c := range tr.members {
			if c.IncreasesUsage {
				return false
			}
		}
		return true
	}
	return e.NameTaken
}

// skipAffected skips the members of all trials that would meet the same failure.
func (ts *Trials) skipAffected(tr *trial, e TrialEnd) TrialDecision {
	var d TrialDecision
	for _, other := range ts.list {
		if other == tr || affects(e, other) {
			d.Skip = append(d.Skip, ts.skip(other, tr, e, anyCandidate).Skip...)
		}
	}
	return d
}

// skip starts no more of the chosen members of a trial, after a task of the trial
// failedIn has failed.
func (ts *Trials) skip(tr, failedIn *trial, e TrialEnd, chosen func(Candidate) bool) TrialDecision {
	if tr.failure != nil {
		return TrialDecision{}
	}
	reason := "which was tried first with the same create request, failed"
	if tr.passed || failedIn != tr {
		reason = "which was tried before, was refused"
	}
	tr.failure = fmt.Errorf("not started, and its sandbox is untouched: %s, %s: %s", e.Address, reason, e.Cause.Error())
	s := Skip{Reason: tr.failure}
	for _, c := range tr.members {
		if !ts.started[c.ID] && !ts.ended[c.ID] && chosen(c) {
			s.Tasks = append(s.Tasks, c.ID)
		}
	}
	return TrialDecision{Skip: []Skip{s}}
}

func anyCandidate(Candidate) bool { return true }

// electNext makes the next member that has not started the first one.
func (ts *Trials) electNext(tr *trial) TrialDecision {
	for _, c := range tr.members {
		if !ts.ended[c.ID] && !ts.started[c.ID] {
			tr.first = c.ID
			return tr.release()
		}
	}
	return TrialDecision{}
}

// tryAgain elects another first member of a trial that had passed. The others wait for
// it, unless they have started.
func (ts *Trials) tryAgain(tr *trial) TrialDecision {
	tr.passed = false
	d := ts.electNext(tr)
	for _, c := range tr.members {
		if _, waits := ts.Waits(c.ID); waits && !ts.ended[c.ID] {
			d.Requeue = append(d.Requeue, c.ID)
		}
	}
	return d
}

// BreakDeadlock elects another first member of a trial whose first task cannot start,
// because it waits for something that waits for it, such as a name that a member
// holds. It is called if nothing runs, and reports whether it elected one.
func (ts *Trials) BreakDeadlock(startable func(TaskID) bool) (release []TaskID, ok bool) {
	for _, tr := range ts.list {
		if tr.passed || tr.failure != nil || startable(tr.first) {
			continue
		}
		for _, c := range tr.members {
			if startable(c.ID) {
				ts.dismiss(tr)
				tr.first = c.ID
				return tr.release().Release, true
			}
		}
	}
	return nil, false
}

// dismiss removes the first task from a trial that it is no member of. It risks nothing,
// and so need not wait for the one that takes its place.
func (ts *Trials) dismiss(tr *trial) {
	if !slices.ContainsFunc(tr.members, func(c Candidate) bool { return c.ID == tr.first }) {
		delete(ts.byTask, tr.first)
	}
}
