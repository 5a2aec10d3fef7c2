package operation

import (
	"context"
	"fmt"

	"fleet/client"
	"fleet/internal/state"
	"fleet/plan"
	"fleet/spec"
)

// tryBuild creates a snapshot with the new content under a temporary name, before the old
// one is deleted: a content that cannot be built or pulled leaves the old snapshot as it
// is. The server then creates the same content again without a build.
//
// If the quota has no room for a second snapshot, nothing is tried.
func tryBuild(ctx context.Context, e *Env, t *Task) (*Wait, error) {
	trial := t.Step.Want.Trial()
	o, err := findByName(ctx, e, trial)
	switch {
	case err != nil:
		return nil, err
	case o == nil || o.Shared:
		return createTrial(ctx, e, t, trial)
	case o.TargetState == state.Inactive: // it was built long ago, and never deleted
		return nil, nil
	case o.Deleting():
		return &Wait{Description: "the trial of an earlier run to be gone", ID: o.ID, Retry: true, Done: isGone}, nil
	case len(trial.Diff(o.Object, e.Facts)) > 0:
		e.Log(ctx, t.Step, t.Verb(), "the new content is not tried first: another snapshot is called "+trial.Name())
		return nil, nil
	case o.Failed:
		if err := client.IgnoreNotFound(t.kind().Delete(ctx, e.API, o.ID)); err != nil {
			return nil, err
		}
		return &Wait{Description: "the failed trial of an earlier run to be gone", ID: o.ID, Retry: true, Done: isGone}, nil
	}
	return waitForTrial(t, o.ID), nil
}

// createTrial creates the temporary snapshot.
func createTrial(ctx context.Context, e *Env, t *Task, trial *spec.Resource) (*Wait, error) {
	body := trial.CreateBody(e.Facts)
	trial.SetRegion(body, e.Target, e.Facts)
	created, err := t.kind().Create(ctx, e.API, body)
	switch client.ErrorClassOf(err) {
	case client.QuotaExceeded:
		e.Log(ctx, t.Step, t.Verb(), "the new content is not tried first: the quota has no room for a second snapshot")
		return nil, nil
	case client.NameTaken, client.Unreachable, client.ServerError, client.NotJSON:
		if t.Attempt+1 < createAttempts { // the next attempt looks whether this one has created it
			return RetryAfter("the trial of an earlier attempt to appear", RetryDelay(createRetryDelay, t.Attempt)), nil
		}
	}
	if err != nil {
		return nil, err
	}
	return waitForTrial(t, created.ID), nil
}

// waitForTrial waits until the temporary snapshot was built or pulled.
func waitForTrial(t *Task, id string) *Wait {
	w := waitForState(t.kind().Ready)
	w.ID = id
	return w
}

// dropTrial deletes the temporary snapshot that tryBuild has created, unless a sandbox uses
// it. Its failure is not that of the step, whose snapshot exists: the next run deletes it.
func dropTrial(ctx context.Context, e *Env, t *Task) error {
	err := deleteTrial(ctx, e, t)
	switch class := client.ErrorClassOf(err); {
	case err == nil:
	case (class == client.InTransition || class == client.Busy) && t.Attempt+1 < createAttempts:
		return err // it is sent again
	default:
		e.Log(ctx, t.Step, t.Verb(), fmt.Sprintf("%s was not deleted: %v; the next run deletes it", t.Step.Want.Trial().Name(), err))
	}
	return nil
}

func deleteTrial(ctx context.Context, e *Env, t *Task) error {
	trial := t.Step.Want.Trial()
	o, err := findByName(ctx, e, trial)
	if err != nil || o == nil || o.Shared || o.Deleting() || len(trial.Diff(o.Object, e.Facts)) > 0 {
		return err
	}
	users, err := e.lister().List(ctx, client.SandboxFilter{Snapshots: []string{o.Name}})
	if err != nil {
		return err
	}
	for _, u := range users {
		if u.Snapshot() == o.Name {
			return fmt.Errorf("the sandbox %q uses it", u.Name)
		}
	}
	return client.IgnoreNotFound(t.kind().Delete(ctx, e.API, o.ID))
}

// Builds reports whether the operation that is due builds the image of the step.
func (t *Task) Builds() bool {
	return (t.Verb() == plan.DoCreate || t.Verb() == plan.DoTryBuild) && t.Step.Want.BuildsImage()
}
