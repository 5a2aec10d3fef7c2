package apply

import (
	"context"
	"errors"
	"fmt"
	"time"

	"fleet/apply/internal/operation"
	"fleet/client"
)

// handleResult records how far a worker has come with a task, and decides how the task
// continues.
func (l *loop) handleResult(ctx context.Context, result workerResult) {
	t := l.tasks[result.number]
	t.work = result.task
	l.schedule.Returned(t.number, time.Now(), result.sample)
	l.setTurn(t)
	w, err := l.awaitQuota(t, result.wait, result.err)
	switch {
	case t.ended:
	case err != nil:
		l.fail(t, err)
	case w != nil && l.shutdown.aborted:
		l.end(t, Interrupted, fmt.Errorf("%w while waiting for %s", ErrStopped, w.Description))
	case w != nil:
		l.waits.add(t, w, t.rollout == nil && !l.schedule.HasDependents(t.number))
		l.logs.follow(ctx, t, w, l.opts.Logs && l.builds.BuildsFirst(t.number))
	default:
		l.end(t, Done, nil)
	}
}

const (
	quotaMinDelay = 250 * time.Millisecond // before the second attempt
	quotaMaxDelay = 2 * time.Second        // between two attempts
)

// awaitQuota turns a refusal for lack of quota into a wait if the run itself is about
// to free some.
func (l *loop) awaitQuota(t *task, w *operation.Wait, err error) (*operation.Wait, error) {
	if client.ErrorClassOf(err) != client.QuotaExceeded || l.shutdown.aborted || !l.schedule.RefuseQuota(t.number, time.Now()) {
		l.schedule.GrantQuota(t.number)
		return w, err
	}
	w = operation.RetryAfter("free quota"+operation.ServerReason(err), min(quotaMinDelay<<min(t.work.Attempt, 10), quotaMaxDelay))
	w.Refusal, w.RefusedFor = err, "free quota"
	return w, nil
}

// fail ends a task with an error, and the whole run if no other step could succeed.
func (l *loop) fail(t *task, err error) {
	if l.shutdown.aborted && errors.Is(err, context.Canceled) {
		l.end(t, Interrupted, fmt.Errorf("%w during %s: whether it took effect is not known", ErrStopped, t.work.Verb()))
		return
	}
	if errors.Is(err, operation.ErrUploadStopped) {
		l.end(t, Interrupted, fmt.Errorf("%w while the local files of its image were uploaded; nothing was changed", ErrStopped))
		return
	}
	if errors.Is(err, context.DeadlineExceeded) {
		err = timeoutError(t)
	}
	l.end(t, Failed, err)
	switch client.ErrorClassOf(err) {
	case client.Unauthorized, client.Suspended:
		l.haltBy(err)
	}
}
