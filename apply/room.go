package apply

import (
	"slices"
	"time"

	"fleet/client"
	"fleet/plan"
	"fleet/spec"
)

const (
	// countLag is how long a server may still count what the run has deleted or
	// stopped.
	countLag  = 10 * time.Second
	roomPause = 250 * time.Millisecond
	roomMost  = 2 * time.Second // between two attempts
)

// frees reports whether an operation takes something off the organization's
// quota.
func frees(op plan.Op) bool {
	switch op.Verb {
	case plan.DoDelete, plan.DoStop, plan.DoPause, plan.DoArchive, plan.DoDeactivate:
		return true
	}
	return false
}

// awaitRoom turns a refusal for quota into a wait if the run itself is about to
// make room, or did so less than [countLag] ago. As long as a sandbox waits
// for that, no replacement of another one starts: it would only add to what is
// missing.
func (r *runner) awaitRoom(t *task) {
	short := client.ClassOf(t.err) == client.Quota && !r.cut && r.makesRoom(t)
	r.schedule.count(t, short)
	if !short {
		return
	}
	w := later("room in the quota"+reason(t.err), min(roomPause<<min(t.attempt, 10), roomMost))
	w.refusal = t.err
	t.err, t.waits = nil, w
}

// makesRoom reports whether the run frees, or has just freed, what another
// object of the same kind takes.
func (r *runner) makesRoom(t *task) bool {
	kind := t.step.Address.Kind
	if freed := r.freed[kind]; !freed.IsZero() && time.Since(freed) < countLag {
		return true
	}
	return slices.ContainsFunc(slices.Concat(r.order, r.undo), func(o *task) bool {
		return o != t && o.step.Address.Kind == kind && r.willFree(o, t)
	})
}

// willFree reports whether a task is to free something without waiting for the
// one that is short of room, or for another such one.
func (r *runner) willFree(t, short *task) bool {
	switch {
	case t.ended, t.short:
		return false
	case t.began.IsZero() && (t.step.Risks() || t.held() || r.awaitsRoom(t, short) || r.crowdedOut(t, short)):
		return false
	}
	return slices.ContainsFunc(t.step.Ops[min(t.from, len(t.step.Ops)):], frees)
}

// awaitsRoom reports whether one of the tasks that a task waits for is short of
// room.
func (r *runner) awaitsRoom(t, short *task) bool {
	return slices.ContainsFunc(t.step.After, func(a spec.Address) bool {
		before := r.tasks[a]
		return before != nil && !before.ended && (before == short || before.short || before.began.IsZero() && r.awaitsRoom(before, short))
	})
}

// crowdedOut reports whether tasks that are short of room take up the slots that a
// task needs.
func (r *runner) crowdedOut(t, short *task) bool {
	taken := map[occupancy]int{}
	for _, o := range r.order {
		if o == short || o.short {
			for at := range r.schedule.boundsOf(o.room) {
				taken[at]++
			}
		}
	}
	for at, bound := range r.schedule.boundsOf(t.room) {
		if taken[at] >= bound {
			return true
		}
	}
	return false
}

// noteFreed takes in what a task has freed. The loop calls it while it owns the
// task.
func (r *runner) noteFreed(t *task) {
	t.from = t.at
	if kind := t.step.Address.Kind; t.freed.After(r.freed[kind]) {
		r.freed[kind] = t.freed
	}
}

// count notes whether a task is short of room.
func (s *schedule) count(t *task, short bool) {
	switch {
	case t.step.Address.Kind != spec.SandboxKind: // sandboxes do not add to that
	case short && !t.short:
		s.short++
	case !short && t.short:
		s.short--
	}
	t.short = short
}
