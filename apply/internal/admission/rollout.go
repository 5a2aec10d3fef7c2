package admission

import (
	"fmt"
	"slices"
	"time"

	"fleet/plan"
	"fleet/spec"
)

// A Rollout is the state of one rollout of a plan. Its waves follow each other; a
// wave with too many failures ends the rollout, and may be rolled back.
type Rollout struct {
	plan        *plan.Rollout
	members     map[TaskID]*member
	order       []TaskID   // of the members, as they joined
	wave        int        // index of the current wave
	remaining   []int      // members of each wave that have not ended
	failures    []int      // members of each wave that failed
	pending     [][]TaskID // members of each wave that are ready and not admitted
	rollbacks   []TaskID   // rollbacks that are ready and not admitted
	inFlight    int        // tasks that were admitted, or need not be, and have not ended
	unavailable int        // sandboxes of the group that cannot be used now
	resumeAt    time.Time  // end of the pause before the current wave; zero: no pause
	failure     error      // why the rollout ended early; nil if it did not
	rollBack    bool       // the current wave is rolled back once all of it has ended
	stopped     bool       // the run starts nothing more
}

// A Member is a task of a rollout.
type Member struct {
	Wave   int  // from 1; 0 for a task that repairs a sandbox and waits for no admission
	Usable bool // its sandbox can be used until the task starts
}

type member struct {
	Member
	rollback bool // the task rolls back another member
	admitted bool
	outcome  Outcome
}

// NewRollout returns a rollout without members.
func NewRollout(p *plan.Rollout) *Rollout {
	n := len(p.Waves)
	return &Rollout{
		plan: p, members: map[TaskID]*member{}, remaining: make([]int, n), failures: make([]int, n),
		pending: make([][]TaskID, n), unavailable: p.Unavailable,
	}
}

// Join adds a task of the plan.
func (o *Rollout) Join(id TaskID, m Member) {
	o.members[id] = &member{Member: m}
	o.order = append(o.order, id)
	if m.Wave > 0 {
		o.remaining[m.Wave-1]++
	} else {
		o.inFlight++
	}
}

// JoinRollback adds a task that rolls back another member.
func (o *Rollout) JoinRollback(id TaskID, usable bool) {
	o.members[id] = &member{Member: Member{Usable: usable}, rollback: true}
}

// AwaitsAdmission reports whether the task may not start before it is admitted.
func (o *Rollout) AwaitsAdmission(id TaskID) bool {
	m := o.members[id]
	return !m.admitted && (m.Wave > 0 || m.rollback)
}

// Hold records that a task that awaits admission is ready to start.
func (o *Rollout) Hold(id TaskID) {
	m := o.members[id]
	if m.rollback {
		o.rollbacks = append(o.rollbacks, id)
		return
	}
	o.pending[m.Wave-1] = append(o.pending[m.Wave-1], id)
}

// Withdraw takes back the admission of a task that has not started, and reports whether
// there was one. The task awaits admission again.
func (o *Rollout) Withdraw(id TaskID) bool {
	m := o.members[id]
	if !m.admitted {
		return false
	}
	m.admitted = false
	o.inFlight--
	if m.Usable {
		o.unavailable--
	}
	return true
}

// A Decision is what a rollout wants done.
type Decision struct {
	Admit []TaskID // start these
	Pause *Pause   // wait before the next wave; nil if there is no pause, or it was reported before

	// RollBack lists members whose changes are to be rolled back. The caller adds
	// the rollbacks with JoinRollback and Hold, and calls Next again.
	RollBack []TaskID

	// Retained lists members that stay as they were changed, although the rollout
	// failed, because the run was stopped.
	Retained []TaskID

	Abandon error    // why no further member starts; nil if they may
	Skip    []TaskID // rollbacks that are given up for the reason that Failure returns
}

// A Pause is the time between two waves.
type Pause struct {
	First       TaskID // the first task of the next wave
	Wave, Waves int    // number of the next wave, from 1, and of all waves
	Length      time.Duration
}

// Next decides which tasks start now. trialOf returns the task whose end a task waits
// for since both send the same create request.
func (o *Rollout) Next(now time.Time, trialOf func(TaskID) (TaskID, bool)) Decision {
	if o.failure != nil {
		return o.nextRollback(trialOf)
	}
	pause, done := o.advance(now)
	d := Decision{Pause: pause}
	if done || now.Before(o.resumeAt) {
		return d
	}
	o.resumeAt = time.Time{}
	d.Admit, o.pending[o.wave] = o.admit(o.pending[o.wave], trialOf)
	if held := o.pending[o.wave]; len(held) == o.remaining[o.wave] && o.inFlight == 0 && !awaitOthers(held, trialOf) {
		o.failure = fmt.Errorf("the rollout of %s stopped: %d of %d sandboxes are unavailable, and at most %d may be", o.plan.Group, o.unavailable, o.plan.Members, o.plan.MaxUnavailable)
		d.Abandon = o.failure
	}
	return d
}

// nextRollback decides which rollbacks start now.
func (o *Rollout) nextRollback(trialOf func(TaskID) (TaskID, bool)) Decision {
	if o.rollBack && o.inFlight == 0 {
		o.rollBack = false
		return Decision{RollBack: o.inWave(func(m *member) bool { return m.outcome == Done || m.outcome == Failed })}
	}
	var d Decision
	d.Admit, o.rollbacks = o.admit(o.rollbacks, trialOf)
	if o.inFlight == 0 { // too few sandboxes can be used, and nothing will change that
		d.Skip, o.rollbacks = o.rollbacks, nil
	}
	return d
}

// admit splits tasks into those that start now and those that have to wait.
func (o *Rollout) admit(ready []TaskID, trialOf func(TaskID) (TaskID, bool)) (admitted, waiting []TaskID) {
	for _, id := range ready {
		m := o.members[id]
		_, awaitsTrial := trialOf(id)
		switch {
		case m.outcome != 0:
		case awaitsTrial, m.Usable && o.plan.MaxUnavailable > 0 && o.unavailable >= o.plan.MaxUnavailable:
			waiting = append(waiting, id)
		default:
			m.admitted = true
			o.inFlight++
			if m.Usable { // it can be used no longer; a surge counts the same
				o.unavailable++
			}
			admitted = append(admitted, id)
		}
	}
	return admitted, waiting
}

// awaitOthers reports whether one of the held tasks waits for a trial that is not
// held itself.
func awaitOthers(held []TaskID, trialOf func(TaskID) (TaskID, bool)) bool {
	return slices.ContainsFunc(held, func(id TaskID) bool {
		first, waits := trialOf(id)
		return waits && !slices.Contains(held, first)
	})
}

// advance moves to the next wave once all of the current one have ended, and reports
// whether there is none. Otherwise, at least one task of the current wave has not
// ended.
func (o *Rollout) advance(now time.Time) (pause *Pause, done bool) {
	for o.wave < len(o.plan.Waves) && o.remaining[o.wave] == 0 {
		if o.wave++; o.wave == len(o.plan.Waves) {
			break
		}
		if length := o.plan.Pause(); length > 0 && o.remaining[o.wave] > 0 && !o.stopped {
			o.resumeAt = now.Add(length)
			first := o.inWave(func(m *member) bool { return m.outcome == 0 })[0]
			pause = &Pause{first, o.wave + 1, len(o.plan.Waves), length}
		}
	}
	return pause, o.wave == len(o.plan.Waves)
}

// inWave returns the members of the current wave that match, in the order of the plan.
func (o *Rollout) inWave(match func(*member) bool) []TaskID {
	var ids []TaskID
	for _, id := range o.order {
		if m := o.members[id]; m.Wave == o.wave+1 && match(m) {
			ids = append(ids, id)
		}
	}
	return ids
}

// End records how a task ended. disrupted means that a request was sent that takes
// its sandbox out of use.
func (o *Rollout) End(id TaskID, outcome Outcome, disrupted bool) Decision {
	m := o.members[id]
	m.outcome = outcome
	if m.admitted || m.Wave == 0 && !m.rollback {
		o.inFlight--
	}
	// A usable sandbox that was never touched can still be used; another one can
	// once its task is done.
	available := outcome == Done || m.Usable && !disrupted
	if available && (m.admitted || !m.Usable) {
		o.unavailable--
	}
	if m.Wave == 0 {
		return Decision{}
	}
	o.remaining[m.Wave-1]--
	switch {
	case outcome == Failed:
		return Decision{Abandon: o.recordFailure(m.Wave - 1)}
	case o.stopped && o.failure != nil:
		return Decision{Retained: o.changed()}
	}
	return Decision{}
}

// recordFailure counts a failure, and returns why the rollout ends; nil if it
// continues, or ended before.
//
//nolint:nilerr // the failure of an earlier call has been returned
func (o *Rollout) recordFailure(w int) error {
	o.failures[w]++
	wave := o.plan.Waves[w]
	if o.failure != nil || o.failures[w] <= wave.MaxFailures || o.plan.OnFailure == spec.ContinueRollout && !wave.Canary {
		return nil
	}
	o.rollBack = o.plan.OnFailure == spec.RollBack && !o.stopped
	switch {
	case wave.Canary:
		o.failure = fmt.Errorf("the rollout of %s stopped: its canary failed", o.plan.Group)
	case wave.MaxFailures == 0:
		o.failure = fmt.Errorf("the rollout of %s stopped: wave %d of %d failed", o.plan.Group, w+1, len(o.plan.Waves))
	default:
		o.failure = fmt.Errorf("the rollout of %s stopped: more than %d steps of wave %d of %d failed", o.plan.Group, wave.MaxFailures, w+1, len(o.plan.Waves))
	}
	return o.failure
}

// Stop records that the run starts no further wave and no rollback.
func (o *Rollout) Stop() Decision {
	o.stopped = true
	if !o.rollBack {
		return Decision{}
	}
	o.rollBack = false
	return Decision{Retained: o.changed()}
}

// changed returns the members of the current wave that are done.
func (o *Rollout) changed() []TaskID {
	return o.inWave(func(m *member) bool { return m.outcome == Done })
}

// Failure returns why the rollout ended early; nil if it did not.
func (o *Rollout) Failure() error { return o.failure }

// RollbackPending reports whether the current wave has yet to be rolled back.
func (o *Rollout) RollbackPending() bool { return o.rollBack }

// Paused returns the end of the pause that the rollout is in; ok is false if it is
// in none.
func (o *Rollout) Paused() (until time.Time, ok bool) { return o.resumeAt, !o.resumeAt.IsZero() }

// Current reports whether the task is a member of the current wave, or of none.
func (o *Rollout) Current(id TaskID) bool {
	wave := o.members[id].Wave
	return wave == 0 || wave == o.wave+1
}
