package apply

import (
	"fmt"
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
	inFlight    int       // tasks that were admitted, or need not be, and have not ended
	unavailable int       // members that cannot be used now
	resumes     time.Time // when the wave may begin; zero: now
	failure     error     // why it goes on no more; nil while it does
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
	t.rollout = o
	if t.step.Wave > 0 {
		o.left[t.step.Wave-1]++
	} else {
		o.inFlight++
	}
}

// hold keeps a task back until it is admitted.
func (o *rollout) hold(t *task) {
	w := t.step.Wave - 1
	o.held[w] = append(o.held[w], t)
}

// broken reports whether the task's sandbox could not be used before.
func (t *task) broken() bool {
	return t.step.Have == nil || t.step.Have.Failed || t.step.Have.Unfinished()
}

// admit lets the tasks of rollouts begin that may.
func (r *runner) admit() {
	now := time.Now()
	for _, o := range r.turns {
		if o.failure != nil {
			continue
		}
		r.turnWave(o, now)
		if o.wave == len(o.Waves) || now.Before(o.resumes) {
			continue
		}
		o.resumes = time.Time{}
		kept := o.held[o.wave][:0]
		for _, t := range o.held[o.wave] {
			switch {
			case t.ended:
			case !o.mayDisturb(t):
				kept = append(kept, t)
			default:
				t.admitted = true
				o.inFlight++
				if !t.broken() {
					o.unavailable++
				}
				r.schedule.add(t)
			}
		}
		if o.held[o.wave] = kept; len(kept) > 0 && o.inFlight == 0 {
			r.stuck(o)
		}
	}
}

// mayDisturb reports whether so many members can be used that the task's may be
// taken out of use.
func (o *rollout) mayDisturb(t *task) bool {
	return o.MaxUnavailable == 0 || t.broken() || o.unavailable < o.MaxUnavailable
}

// turnWave goes on to the next wave when all of one have ended.
func (r *runner) turnWave(o *rollout, now time.Time) {
	for o.wave < len(o.Waves) && o.left[o.wave] == 0 {
		if o.wave++; o.wave == len(o.Waves) {
			return
		}
		if pause := o.Pause(); pause > 0 && len(o.held[o.wave]) > 0 {
			o.resumes = now.Add(pause)
			r.notify(Event{
				Phase: Pausing, Step: o.held[o.wave][0].step,
				Text: fmt.Sprintf("the rollout of %s waits %s before wave %d of %d", o.Group, pause, o.wave+1, len(o.Waves)),
			})
		}
	}
}

// tally takes in how a task of a rollout ended.
func (r *runner) tally(t *task) {
	o, w := t.rollout, t.step.Wave-1
	if w >= 0 {
		o.left[w]--
	}
	if w < 0 || t.admitted {
		o.inFlight--
	}
	usable := t.result.Outcome == Done || !t.touched && !t.broken()
	if usable && (t.admitted || t.broken()) {
		o.unavailable--
	}
	if t.result.Outcome != Failed || w < 0 {
		return
	}
	o.failed[w]++
	wave := o.Waves[w]
	if o.failure != nil || o.failed[w] <= wave.MaxFailures || o.OnFailure == spec.ContinueRollout && !wave.Canary {
		return
	}
	o.failure = fmt.Errorf("the rollout of %s stopped: in wave %d of %d, %s failed and %d may", o.Group, w+1, len(o.Waves), plan.Plural(o.failed[w], "step", "steps"), wave.MaxFailures)
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
