package apply

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

// create creates the object of a step. A request whose answer was lost, or
// that was refused because the name is taken, may have made it: it is then
// looked for by name and taken for ours if it is what was asked for.
//
// Where nothing is found, the request is sent again: names are unique, so that
// a second creation cannot make a second object.
func (r *runner) create(ctx context.Context, t *task) (*wait, error) {
	if t.collidedID != "" {
		if w, err := r.deleteCollided(ctx, t); w != nil || err != nil {
			return w, err
		}
	}
	start := time.Now()
	for attempt := 1; ; attempt++ {
		if attempt > 1 {
			t.recorder.AddRetry()
		}
		created, err := r.sendCreate(ctx, t)
		switch client.ErrorClassOf(err) {
		case client.NameTaken, client.FailedToStart, client.Unreachable, client.ServerError, client.NotJSON:
			w, found, err := r.findCreated(ctx, t, err)
			if found || r.shouldGiveUp(attempt, start, err) || !sleep(ctx, r.opts.Stop, min(time.Duration(attempt)*createRetryDelay, maxCreateRetryDelay)) {
				return w, err
			}
			continue
		}
		if client.ErrorClassOf(err) == client.NoCapacity {
			return r.awaitPropagation(ctx, t, err)
		}
		if err != nil {
			return nil, err
		}
		t.id = created.ID
		return r.waitUntilCreated(t, created.At), nil
	}
}

// A creation is sent a few times when it is not known what became of it.
const (
	createAttempts      = 4
	createRetryDelay    = 250 * time.Millisecond
	maxCreateRetryDelay = 2 * time.Second

	// nameCacheTTL is for how long a look-up by name may answer that there is none.
	nameCacheTTL = 10 * time.Second
)

// shouldGiveUp reports whether a creation of which nothing was found is given up. A
// name that is taken is that of something, which lists that lag and the cache of
// names may hide for a while.
func (r *runner) shouldGiveUp(attempt int, start time.Time, err error) bool {
	if client.ErrorClassOf(err) == client.NameTaken {
		return time.Since(start) > max(r.api.Writes().Retention(), nameCacheTTL)+maxCreateRetryDelay
	}
	return attempt >= createAttempts
}

// sleep waits, and reports whether it was let: a run that is told to stop sends
// nothing again.
func sleep(ctx context.Context, stop <-chan struct{}, d time.Duration) bool {
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

func (r *runner) sendCreate(ctx context.Context, t *task) (kind.Created, error) {
	want := t.step.Want
	body := want.CreateBody(r.facts)
	if t.kind().Labelled {
		body["labels"] = r.desiredLabels(t)
	}
	for field, id := range t.links {
		body[field] = id
	}
	want.SetRegion(body, r.opts.Target, r.facts)
	r.notifySnapshotCreate(t, "")
	created, err := t.kind().Create(ctx, r.api, body)
	if err == nil {
		r.notifySnapshotCreate(t, created.ID)
	}
	return created, err
}

// notifySnapshotCreate tells the caller of the creation of a snapshot.
func (r *runner) notifySnapshotCreate(t *task, id string) {
	if r.opts.OnSnapshotCreate != nil && t.step.Address.Kind == spec.SnapshotKind {
		r.opts.OnSnapshotCreate(t.step, id)
	}
}

// findCreated looks for the object by name after a creation that ended in err. found
// reports whether what became of it is known.
func (r *runner) findCreated(ctx context.Context, t *task, err error) (w *wait, found bool, _ error) {
	o, lookErr := r.findByName(ctx, t.step.Want)
	switch {
	case lookErr != nil || o == nil:
		return nil, false, err // what it was, and not that it could not be looked up
	case o.Deleting():
		t.id = o.ID // the old one, on its way out
		w := t.waitUntilGone(plan.Op{})
		w.retry = true
		return w, true, nil
	case !r.matchesDesired(t, o):
		return nil, true, fmt.Errorf("%w; %w", err, errNotOurs)
	}
	t.id = o.ID
	r.notifySnapshotCreate(t, o.ID)
	if t.kind().ListsLag {
		r.api.Writes().Record(o.ID, client.WriteCreated)
	}
	switch {
	case r.collided(t, o):
		w, clearErr := r.deleteCollided(ctx, t)
		if w == nil && clearErr == nil { // it is gone already
			return nil, false, err
		}
		return w, true, clearErr
	case o.Failed:
		return nil, true, fmt.Errorf("%w; the next run replaces it", errFailed(o))
	}
	return r.waitUntilCreated(t, time.Time{}), true, nil
}

// errNotOurs is the error of a creation whose name something else has.
var errNotOurs = errors.New("the one of that name is not what was asked for, and it is left alone")

// findByName finds the object that holds the resource's name; nil when none does.
func (r *runner) findByName(ctx context.Context, want *spec.Resource) (*plan.Object, error) {
	return kind.Of(want.Kind).Find(ctx, r.api, r.facts.Version, want.Name())
}

// kind returns the operations on the objects of the task's kind.
func (t *task) kind() *kind.Ops { return kind.Of(t.step.Address.Kind) }

// lister lists sandboxes within the run.
func (r *runner) lister() *kind.Lister { return kind.NewRunLister(r.api, r.facts.Version) }

// desiredLabels are the labels of a sandbox that the task creates, or has created.
func (r *runner) desiredLabels(t *task) map[string]string {
	if t.step.Labels != nil {
		return t.step.Labels
	}
	return t.step.Want.Labels(r.fleet, nil)
}

// matchesDesired reports whether the object is what the step wants to create. A volume is
// nothing but its name.
func (r *runner) matchesDesired(t *task, o *plan.Object) bool {
	want := t.step.Want
	if o.Shared || o.Deleting() {
		return false
	}
	if t.kind().Labelled {
		labels := r.desiredLabels(t)
		for _, key := range []string{spec.FleetLabel, spec.EnvironmentLabel, spec.KeyLabel, spec.FingerprintLabel} {
			if o.Labels[key] != labels[key] {
				return false
			}
		}
	}
	return want.Kind == spec.VolumeKind || len(want.Diff(o.Object, r.facts)) == 0
}
