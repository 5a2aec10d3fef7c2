package operation

import (
	"context"
	"errors"
	"time"

	"fleet/plan"
)

// Run sends the requests of a task's operations until one of them has to be waited
// for, all are done, or one fails. It returns what has to be waited for; nil if the
// task is done or err is not nil. It never waits itself: a task that waits needs no
// worker.
func Run(ctx context.Context, e *Env, t *Task) (*Wait, error) {
	ctx = t.Recorder.WithContext(ctx)
	if e.Trace != nil {
		ctx = e.Trace(ctx, t.Step)
	}
	if err := uploadContexts(ctx, e, t); err != nil {
		return nil, err
	}
	for !t.Finished() {
		t.startOp(e.Now())
		w, err := runOne(ctx, e, t)
		t.Disrupted = t.Disrupted || t.op().Disrupts() && (err == nil || mayHaveApplied(err))
		if err != nil {
			w, err = retryLater(t, err)
		}
		if errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil {
			recordFinalState(ctx, e, t)
		}
		if err != nil || w != nil {
			return w, err
		}
		t.Advance(e.Now())
	}
	return nil, nil
}

// runOne sends the request of the operation that is due, within its deadline.
func runOne(ctx context.Context, e *Env, t *Task) (*Wait, error) {
	limited, end := t.withDeadline(ctx)
	defer end()
	w, err := execute(limited, e, t)
	if errors.Is(err, context.Canceled) && errors.Is(context.Cause(limited), context.DeadlineExceeded) {
		err = context.DeadlineExceeded
	}
	return w, err
}

// handlers carry out the operations of each verb; the verbs that change the run state
// share changeState. They return what has to be waited for, or nil if the operation has
// taken effect.
var handlers = map[plan.Verb]func(context.Context, *Env, *Task) (*Wait, error){
	plan.DoAwait:      await,
	plan.DoSettle:     settle,
	plan.DoCreate:     create,
	plan.DoDelete:     remove,
	plan.DoCall:       call,
	plan.DoLabel:      instantly(writeLabels),
	plan.DoConfirm:    instantly(confirm),
	plan.DoRelease:    instantly(release),
	plan.DoActivate:   activate,
	plan.DoDeactivate: instantly(deactivate),
	plan.DoUpload:     instantly(uploadFiles),
	plan.DoProbe:      probeReady,
	plan.DoHook:       instantly(runHook),
	plan.DoFinish:     instantly(markFinished),
	plan.DoTryBuild:   tryBuild,
	plan.DoDropTrial:  instantly(dropTrial),
	plan.DoStart:      changeState,
	plan.DoStop:       changeState,
	plan.DoPause:      changeState,
	plan.DoArchive:    changeState,
	plan.DoRecover:    changeState,
}

// instantly adapts an operation that never has to be waited for.
func instantly(f func(context.Context, *Env, *Task) error) func(context.Context, *Env, *Task) (*Wait, error) {
	return func(ctx context.Context, e *Env, t *Task) (*Wait, error) { return nil, f(ctx, e, t) }
}

func execute(ctx context.Context, e *Env, t *Task) (*Wait, error) {
	if t.failedBuild != nil {
		return nil, explainBuild(ctx, e, t)
	}
	if err := checkBeforeDisruption(ctx, e, t); err != nil {
		return nil, err
	}
	return handlers[t.Verb()](ctx, e, t)
}

// await waits until the object has reached the state that it was on its way to when
// the plan was made.
func await(ctx context.Context, e *Env, t *Task) (*Wait, error) {
	return waitUnlessDone(ctx, e, t, waitForState(t.Step.Have.TargetState))
}

// settle waits until no change of the object is under way.
func settle(ctx context.Context, e *Env, t *Task) (*Wait, error) {
	return waitUnlessDone(ctx, e, t, waitUntilSettled("it to settle"))
}

// waitUnlessDone reads the object, and returns nil if the wait is over already.
func waitUnlessDone(ctx context.Context, e *Env, t *Task, w *Wait) (*Wait, error) {
	o, err := t.kind().Read(ctx, e.API, t.ID)
	if err != nil {
		return nil, err
	}
	if err := t.CheckOwnership(e, o); err != nil {
		return nil, err
	}
	if done, err := w.Done(o); done || err != nil {
		return nil, err
	}
	return w, nil
}

// finalReadTimeout limits the read of an object after its operation timed out.
const finalReadTimeout = 5 * time.Second

// recordFinalState reads in which state the object is after the deadline expired during
// a request. If that fails, the state stays unknown.
func recordFinalState(ctx context.Context, e *Env, t *Task) {
	ctx, cancel := context.WithTimeout(ctx, finalReadTimeout)
	defer cancel()
	var o *plan.Object
	var err error
	switch {
	case t.ID != "":
		o, err = t.kind().Read(ctx, e.API, t.ID)
	case t.Step.Want != nil:
		if o, err = findByName(ctx, e, t.Step.Want); o != nil && !matchesDesired(e, t, o) {
			return
		}
		if o != nil {
			t.ID = o.ID
		}
	}
	if err == nil {
		t.RecordState(o)
	}
}
