package operation

import (
	"context"
	"errors"
	"fmt"
	"time"

	"fleet/client"
	"fleet/internal/kind"
	"fleet/plan"
	"fleet/spec"
)

// A creation whose outcome is unknown is sent a few times.
const (
	createAttempts      = 4
	createRetryDelay    = 250 * time.Millisecond
	maxCreateRetryDelay = 2 * time.Second

	// nameCacheTTL is how long the server may report that a name is free after it
	// was taken.
	nameCacheTTL = 10 * time.Second
)

// create creates the object of a step. A request whose response was lost, or that was
// refused because the name is taken, may have created it: it is then looked up by name,
// and used if it is what the step creates.
//
// If there is none, the request is sent again: names are unique, so that a second
// creation cannot make a second object.
func create(ctx context.Context, e *Env, t *Task) (*Wait, error) {
	if t.collided.last != nil {
		t.Attempt = 0 // the waits below have delays of their own
	}
	if t.collided.id != "" {
		if w, err := deleteCollided(ctx, e, t); w != nil || err != nil {
			return w, err
		}
	}
	if w := t.awaitOtherOperation(e.Now()); w != nil {
		return w, nil
	}
	start := e.Now()
	for attempt := 1; ; attempt++ {
		if attempt > 1 {
			t.Recorder.AddRetry()
		}
		created, err := sendCreate(ctx, e, t)
		switch client.ErrorClassOf(err) {
		case client.NameTaken, client.FailedToStart, client.Unreachable, client.ServerError, client.NotJSON:
			w, found, err := findCreated(ctx, e, t, err)
			if found || shouldGiveUp(e, attempt, start, err) || !Sleep(ctx, e.Stop, min(time.Duration(attempt)*createRetryDelay, maxCreateRetryDelay)) {
				return w, err
			}
			continue
		}
		if client.ErrorClassOf(err) == client.NoCapacity {
			return awaitPropagation(ctx, e, t, err)
		}
		if err != nil {
			return nil, err
		}
		t.ID = created.ID
		return waitUntilCreated(e, t, created.At), nil
	}
}

// shouldGiveUp reports whether a creation that left no object is sent no more. A taken
// name is that of an object that lagging lists and the server's cache of names may hide
// for a while.
func shouldGiveUp(e *Env, attempt int, start time.Time, err error) bool {
	if client.ErrorClassOf(err) == client.NameTaken {
		return e.Now().Sub(start) > max(e.API.Writes().Retention(), nameCacheTTL)+maxCreateRetryDelay
	}
	return attempt >= createAttempts
}

// Sleep waits for a time. It reports whether that has passed: it returns early if stop
// is closed or ctx ends.
func Sleep(ctx context.Context, stop <-chan struct{}, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-stop:
		return false
	case <-ctx.Done():
		return false
	}
}

func sendCreate(ctx context.Context, e *Env, t *Task) (kind.Created, error) {
	want := t.Step.Want
	body := want.CreateBody(e.Facts)
	if t.kind().Labelled {
		body["labels"] = desiredLabels(e, t)
	}
	for field, id := range t.Links {
		body[field] = id
	}
	want.SetRegion(body, e.Target, e.Facts)
	notifySnapshotCreate(e, t, "")
	created, err := t.kind().Create(ctx, e.API, body)
	if err == nil {
		notifySnapshotCreate(e, t, created.ID)
	}
	return created, err
}

// notifySnapshotCreate calls OnSnapshotCreate if the task creates a snapshot.
func notifySnapshotCreate(e *Env, t *Task, id string) {
	if e.OnSnapshotCreate != nil && t.Step.Address.Kind == spec.SnapshotKind {
		e.OnSnapshotCreate(t.Step, id)
	}
}

// findCreated looks up the object by name after a creation that ended in err. found
// reports whether the outcome of the creation is known.
func findCreated(ctx context.Context, e *Env, t *Task, err error) (w *Wait, found bool, _ error) {
	o, findErr := findByName(ctx, e, t.Step.Want)
	switch {
	case findErr != nil || o == nil:
		return nil, false, err // the cause, not that the lookup failed too
	case o.Deleting():
		t.ID = o.ID // the old one
		w := t.waitUntilGone("")
		w.Retry = true
		return w, true, nil
	case !matchesDesired(e, t, o):
		return nil, true, fmt.Errorf("%w; %w", err, ErrNameTaken)
	}
	t.ID = o.ID
	notifySnapshotCreate(e, t, o.ID)
	if t.kind().ListsLag {
		e.API.Writes().Record(o.ID, client.WriteCreated)
	}
	switch {
	case t.Collided(o):
		w, deleteErr := deleteCollided(ctx, e, t)
		if w == nil && deleteErr == nil { // it is gone already
			return nil, false, err
		}
		return w, true, deleteErr
	case t.BuildFailed(o):
		return nil, true, fmt.Errorf("%w; the next run replaces it", explainBuild(ctx, e, t))
	case o.Failed:
		return nil, true, fmt.Errorf("%w; the next run replaces it", errFailed(o))
	}
	return waitUntilCreated(e, t, time.Time{}), true, nil
}

// ErrNameTaken is the error of a creation if another object has the name.
var ErrNameTaken = errors.New("another object has this name and does not match the spec; it is left unchanged")

// findByName returns the object that has the resource's name; nil if there is none.
func findByName(ctx context.Context, e *Env, want *spec.Resource) (*plan.Object, error) {
	return kind.Of(want.Kind).Find(ctx, e.API, e.Facts.Version, want.Name())
}

// matchesDesired reports whether an object is the one that the step creates. A volume is
// nothing but its name.
func matchesDesired(e *Env, t *Task, o *plan.Object) bool {
	want := t.Step.Want
	if o.Shared || o.Deleting() {
		return false
	}
	if t.kind().Labelled {
		labels, theirs := desiredLabels(e, t), spec.WithoutUploads(o.Labels)
		for _, key := range []string{spec.FleetLabel, spec.EnvironmentLabel, spec.KeyLabel, spec.FingerprintLabel} {
			if theirs[key] != labels[key] {
				return false
			}
		}
	}
	return want.Kind == spec.VolumeKind || len(want.Diff(o.Object, e.Facts)) == 0
}
