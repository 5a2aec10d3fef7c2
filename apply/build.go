package apply

import "fmt"

// setTurn records how far a task has come. Once its object is created, its image has been
// built, and the tasks that waited for that start.
func (l *loop) setTurn(t *task) {
	l.schedule.SetTurn(t.number, t.work.OpIndex, t.work.FreedAt)
	if t.rollbackOf == nil && t.work.Created() {
		l.enqueueAll(l.builds.Built(t.number))
	}
}

// endBuild records that a task has ended. If its image cannot be built, the other tasks
// that would build it never start.
func (l *loop) endBuild(t *task) {
	failed := t.result.Outcome == Failed && t.work.BuildHasFailed()
	skipped, released := l.builds.End(t.number, failed)
	if failed {
		reason := fmt.Errorf("not started: %s, which builds the same image, failed: %w", t.step.Address, t.cause)
		l.skip(skipped, reason)
	}
	l.enqueueAll(released)
}
