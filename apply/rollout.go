package apply

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"fleet/plan"
	"fleet/spec"
)

// A rollout is one that is under way. The loop owns it.
type rollout struct {
	*plan.Rollout
	wave        int       // the one that is under way, as an index
	left        []int     // tasks of each wave that have not ended
	failed      []int     // tasks of each wave that failed
	held        [][]*task // tasks of each wave that could begin, and have not been admitted
	undoing     []*task   // tasks that bring sandboxes back and have not been admitted
	inFlight    int       // tasks that were admitted, or need not be, and have not ended
	unavailable int       // members that cannot be used now
	resumes     time.Time // when the wave may begin; zero: now
	failure     error     // why it goes on no more; nil while it does
	rollsBack   bool      // the wave is brought back as soon as all of it has ended
}

// join makes the task part of its step's rollout.
func (r *runner) join(t *task) {
	p := t.step.Rollout
	if p == nil || t.step.Blocked != nil {
		return
	}
	o := r.rollouts[p]
	if o == nil {
		n := len(p.Waves)
		o = &rollout{Rollout: p, left: make([]int, n), failed: make([]int, n), held: make([][]*task, n), unavailable: p.Unavailable}
		r.rollouts[p] = o
		r.turns = append(r.turns, o)
	}
	have := t.step.Have
	t.rollout, t.usable = o, have != nil && !have.Failed && !have.Unfinished()
	if t.step.Wave > 0 {
		o.left[t.step.Wave-1]++
	} else {
		o.inFlight++
	}
}

// hold keeps a task back until it is admitted.
func (o *rollout) hold(t *task) {
	if t.undoes != nil {
		o.undoing = append(o.undoing, t)
		return
	}
	w := t.step.Wave - 1
	o.held[w] = append(o.held[w], t)
}

// admit lets the tasks of rollouts begin that may.
func (r *runner) admit() {
	now := time.Now()
	for _, o := range r.turns {
		switch {
		case o.failure != nil:
			if o.rollsBack && o.inFlight == 0 {
				o.rollsBack = false
				r.rollBack(o)
			}
			if o.undoing = r.begin(o, o.undoing); len(o.undoing) > 0 && o.inFlight == 0 {
				r.leave(o)
			}
			continue
		case r.turnWave(o, now), now.Before(o.resumes):
			continue
		}
		o.resumes = time.Time{}
		o.held[o.wave] = r.begin(o, o.held[o.wave])
		if n := len(o.held[o.wave]); n > 0 && n == o.left[o.wave] && o.inFlight == 0 && !o.awaitsOthers() {
			r.stuck(o)
		}
	}
}

// begin admits those of the tasks that may be, and returns the others.
func (r *runner) begin(o *rollout, held []*task) []*task {
	kept := held[:0]
	for _, t := range held {
		switch {
		case t.ended:
		case t.awaitsTrial():
			kept = append(kept, t)
		case t.takes() && o.MaxUnavailable > 0 && o.unavailable >= o.MaxUnavailable:
			kept = append(kept, t)
		default:
			t.admitted = true
			o.inFlight++
			if t.takes() {
				o.unavailable++
			}
			r.schedule.add(t)
		}
	}
	return kept
}

// awaitsOthers reports whether a task of the wave waits for a trial that is not
// held back in it.
func (o *rollout) awaitsOthers() bool {
	held := o.held[o.wave]
	return slices.ContainsFunc(held, func(t *task) bool { return t.awaitsTrial() && !slices.Contains(held, t.trial.first) })
}

// takes reports whether the task takes a sandbox that can be used out of use, or
// surges, which is bounded likewise.
func (t *task) takes() bool { return t.usable }

// turnWave goes on to the next wave when all of one have ended, and reports
// whether there is none.
func (r *runner) turnWave(o *rollout, now time.Time) (through bool) {
	for o.wave < len(o.Waves) && o.left[o.wave] == 0 {
		if o.wave++; o.wave == len(o.Waves) {
			break
		}
		if pause := o.Pause(); pause > 0 && o.left[o.wave] > 0 && !r.stopped {
			o.resumes = now.Add(pause)
			r.notify(Event{
				Phase: Pausing, Step: r.firstOf(o).step,
				Text: fmt.Sprintf("%s to pass before wave %d of %d", plan.Rest(pause), o.wave+1, len(o.Waves)),
			})
		}
	}
	return o.wave == len(o.Waves)
}

// firstOf is the first task of the wave that is under way.
func (r *runner) firstOf(o *rollout) *task {
	i := slices.IndexFunc(r.order, func(t *task) bool { return t.rollout == o && t.step.Wave == o.wave+1 && !t.ended })
	return r.order[i]
}

// tally takes in how a task of a rollout ended.
func (r *runner) tally(t *task) {
	o, w := t.rollout, t.step.Wave-1
	if t.admitted || w < 0 && t.undoes == nil {
		o.inFlight--
	}
	// What was usable and never touched is so still; what was not is so when it
	// is done.
	usable := t.result.Outcome == Done || t.usable && !t.touched
	if usable && (t.admitted && t.takes() || !t.usable) {
		o.unavailable--
	}
	switch {
	case t.undoes != nil:
		r.undone(t)
	case w >= 0:
		o.left[w]--
		if t.result.Outcome == Failed {
			r.failedIn(o, w)
		} else if r.stopped && o.failure != nil {
			r.strand(o)
		}
	}
}

// strand tells of what a rollout that failed has changed and would have brought
// back, had the run not been stopped.
func (r *runner) strand(o *rollout) {
	for _, t := range r.order {
		if t.rollout == o && t.step.Wave == o.wave+1 && t.result.Outcome == Done && t.step.Back != nil {
			r.stranded(t)
		}
	}
}

// stranded tells of one such sandbox.
func (r *runner) stranded(t *task) {
	t.result.Outcome = Interrupted
	t.result.Err = fmt.Errorf("%w; %w before it was brought back: it stays as it was changed", t.rollout.failure, ErrStopped)
	r.notify(Event{Phase: Interrupted, Step: t.step, ID: t.result.ID, Err: t.result.Err, Took: t.result.Took})
}

// failedIn takes in that a task of a wave has failed.
func (r *runner) failedIn(o *rollout, w int) {
	o.failed[w]++
	wave := o.Waves[w]
	if o.failure != nil || o.failed[w] <= wave.MaxFailures || o.OnFailure == spec.ContinueRollout && !wave.Canary {
		return
	}
	o.rollsBack = o.OnFailure == spec.RollBack && !r.stopped
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
	for _, t := range r.order {
		if t.rollout == o && t.step.Wave > 0 && t.began.IsZero() {
			r.end(t, Skipped, why)
		}
	}
}

// stuck gives up a rollout that nothing makes whole any more.
func (r *runner) stuck(o *rollout) {
	o.failure = fmt.Errorf("the rollout of %s stopped: %d of %d cannot be used, and %d may be unavailable", o.Group, o.unavailable, o.Members, o.MaxUnavailable)
	r.abandon(o, o.failure)
}

// rollBack brings the sandboxes of the wave back to what they were, as far as
// they have been touched and there is a way back.
func (r *runner) rollBack(o *rollout) {
	for _, t := range r.order {
		ran := t.result.Outcome == Done || t.result.Outcome == Failed
		if t.rollout != o || t.step.Wave != o.wave+1 || !ran {
			continue
		}
		way := t.wayBack()
		if way == nil {
			continue
		}
		back := &task{
			step: way, id: t.id, index: t.index, room: t.room,
			rollout: o, undoes: t, usable: t.result.Outcome == Done || t.step.Surge && t.usable,
		}
		r.openAll++
		r.undo = append(r.undo, back)
		r.enqueue(back)
	}
}

// wayBack is the step that brings the task's sandbox back to what it was; nil when
// there is none, or nothing has changed. Where the old one is still there, only
// the new one goes.
func (t *task) wayBack() *plan.Step {
	switch {
	case t.touched:
		return t.step.Back
	case t.step.Surge && t.id != "":
		return &plan.Step{
			Address: t.step.Address, Action: plan.Clear, Name: t.step.Name, Timeout: t.step.Timeout,
			Ops: []plan.Op{{Verb: plan.DoDelete}}, Labels: t.step.Have.Labels,
		}
	}
	return nil
}

// leave gives up bringing back what can be used, since too much cannot.
func (r *runner) leave(o *rollout) {
	list := o.undoing
	o.undoing = nil
	for _, t := range list {
		r.end(t, Skipped, o.failure)
	}
}

// undone tells what became of a sandbox that was to be brought back.
func (r *runner) undone(back *task) {
	t := back.undoes
	if back.result.Outcome == Skipped { // it stays what it is
		if r.stopped && t.result.Outcome == Done {
			r.stranded(t)
		}
		return
	}
	why := cmp.Or(t.cause, t.rollout.failure)
	lost, sentence := t.loss()
	t.result.Outcome, t.result.ID, t.result.State = back.result.Outcome, back.result.ID, ""
	t.result.Trail = t.result.Trail.Plus(back.result.Trail)
	t.result.Took += back.result.Took
	t.result.Lost = lost
	switch {
	case back.result.Outcome != Done:
		t.result.Err = withLoss(fmt.Errorf("%w; and it was not brought back to what it was: %w", why, back.cause), sentence)
	case lost != "":
		t.result.Outcome, t.result.Err = RolledBack, fmt.Errorf("%w; it is again what it was, without %s", why, lost)
	default:
		t.result.Outcome, t.result.Err = RolledBack, fmt.Errorf("%w; it is again what it was", why)
	}
	r.notify(Event{Phase: t.result.Outcome, Step: t.step, ID: t.result.ID, Err: t.result.Err, Lost: lost, Took: t.result.Took})
}
