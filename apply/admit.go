package apply

import (
	"slices"
	"time"

	"fleet/apply/internal/admission"
	"fleet/apply/internal/operation"
	"fleet/apply/internal/schedule"
)

// admitRollouts starts the tasks that their rollouts admit.
func (l *loop) admitRollouts() {
	for _, o := range l.rollouts {
		d := o.Next(time.Now(), l.waitsForOther)
		if len(d.RollBack) > 0 {
			l.rollBack(o, d.RollBack)
			d = o.Next(time.Now(), l.waitsForOther)
		}
		l.carryOut(o, d)
	}
}

// waitsForOther reports whether another task has to be done before this one may start,
// since both send the same create request or build the same image, and which.
func (l *loop) waitsForOther(id admission.TaskID) (other admission.TaskID, waits bool) {
	if first, waits := l.trials.Waits(id); waits {
		return first, true
	}
	return l.builds.Waits(id)
}

// rollBack adds a task for each of the tasks that has changed something that can be
// rolled back.
func (l *loop) rollBack(o *admission.Rollout, numbers []schedule.TaskID) {
	for _, number := range numbers {
		t := l.tasks[number]
		step := t.rollbackStep()
		if step == nil {
			continue
		}
		rollback := &task{identity: identity{
			step: step, slot: t.slot, rollout: o, rollbackOf: t,
			usable: t.result.Outcome == Done || t.step.Surge && t.usable,
		}, work: operation.NewTask(step, t.work.ID)}
		// It starts in the place of the task that it rolls back.
		rollback.number = l.schedule.Add(schedule.Task{Order: int(t.number), Slot: t.slot, Turns: schedule.TurnsOf(step)})
		l.tasks = append(l.tasks, rollback)
		l.unfinished++
		o.JoinRollback(rollback.number, rollback.usable)
		l.schedule.Hold(rollback.number)
		l.enqueue(rollback)
	}
}

// breakDeadlock elects another first task of a trial if nothing runs or is due. It
// reports whether it did.
func (l *loop) breakDeadlock() bool {
	// A pause or a wait ends without help, and may resolve what looks like a deadlock.
	paused := slices.ContainsFunc(l.rollouts, func(o *admission.Rollout) bool { _, ok := o.Paused(); return ok })
	if !l.schedule.Idle() || len(l.waits.tasks) > 0 || paused {
		return false
	}
	released, ok := l.trials.BreakDeadlock(func(number admission.TaskID) bool {
		t := l.tasks[number]
		return l.schedule.Ready(number) && (t.rollout == nil || t.rollout.Current(number))
	})
	l.enqueueAll(released)
	return ok
}
