package apply

import (
	"context"
	"errors"
	"fmt"
	"time"

	"fleet/client"
	"fleet/internal/observe"
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
	if t.collision != "" {
		if w, err := r.clear(ctx, t); w != nil || err != nil {
			return w, err
		}
	}
	began := time.Now()
	for attempt := 1; ; attempt++ {
		if attempt > 1 {
			t.tracker.Repeat()
		}
		id, created, err := r.sendCreate(ctx, t)
		switch client.ClassOf(err) {
		case client.NameTaken, client.FailedToStart, client.Unreachable, client.Server, client.NotJSON:
			w, found, err := r.find(ctx, t, err)
			if found || r.enough(attempt, began, err) || !pause(ctx, r.opts.Stop, min(time.Duration(attempt)*createPause, longestPause)) {
				return w, err
			}
			continue
		}
		if client.ClassOf(err) == client.NoCapacity {
			return r.spreading(ctx, t, err)
		}
		if err != nil {
			return nil, err
		}
		t.id = id
		return r.waitCreated(t, created), nil
	}
}

// A creation is sent a few times when it is not known what became of it.
const (
	createAttempts = 4
	createPause    = 250 * time.Millisecond
	longestPause   = 2 * time.Second

	// nameCached is for how long a look-up by name may answer that there is none.
	nameCached = 10 * time.Second
)

// enough reports whether a creation of which nothing was found is given up. A
// name that is taken is that of something, which lists that lag and the cache of
// names may hide for a while.
func (r *runner) enough(attempt int, began time.Time, err error) bool {
	if client.ClassOf(err) == client.NameTaken {
		return time.Since(began) > max(r.api.Writes().Window(), nameCached)+longestPause
	}
	return attempt >= createAttempts
}

// pause waits, and reports whether it was let: a run that is told to stop sends
// nothing again.
func pause(ctx context.Context, stop <-chan struct{}, d time.Duration) bool {
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

func (r *runner) sendCreate(ctx context.Context, t *task) (id string, created time.Time, err error) {
	want := t.step.Want
	body := want.CreateBody(r.facts)
	switch want.Kind {
	case spec.SandboxKind:
		body["labels"] = r.labelsOf(t)
		for field, id := range t.links {
			body[field] = id
		}
		want.Place(body, r.opts.Target, r.facts)
		s, err := r.api.CreateSandbox(ctx, body)
		return s.ID, s.CreatedAt, err
	case spec.SnapshotKind:
		want.Place(body, r.opts.Target, r.facts)
		r.creating(t, "")
		s, err := r.api.CreateSnapshot(ctx, body)
		if err == nil {
			r.creating(t, s.ID)
		}
		return s.ID, s.CreatedAt, err
	default:
		v, err := r.api.CreateVolume(ctx, want.Name())
		return v.ID, v.CreatedAt, err
	}
}

// creating tells the caller of the creation of a snapshot.
func (r *runner) creating(t *task, id string) {
	if r.opts.Creating != nil && t.step.Address.Kind == spec.SnapshotKind {
		r.opts.Creating(t.step, id)
	}
}

// find looks for the object by name after a creation that ended in err. found
// reports whether what became of it is known.
func (r *runner) find(ctx context.Context, t *task, err error) (w *wait, found bool, _ error) {
	o, lookErr := r.named(ctx, t.step.Want)
	switch {
	case lookErr != nil || o == nil:
		return nil, false, err // what it was, and not that it could not be looked up
	case o.Leaving():
		t.id = o.ID // the old one, on its way out
		w := t.gone(plan.Op{})
		w.again = true
		return w, true, nil
	case !r.same(t, o):
		return nil, true, fmt.Errorf("%w; %w", err, errNotOurs)
	}
	t.id = o.ID
	r.creating(t, o.ID)
	if t.step.Address.Kind == spec.SandboxKind {
		r.api.Writes().Note(o.ID, client.Created)
	}
	switch {
	case r.collided(t, o):
		w, clearErr := r.clear(ctx, t)
		if w == nil && clearErr == nil { // it is gone already
			return nil, false, err
		}
		return w, true, clearErr
	case o.Failed:
		return nil, true, fmt.Errorf("%w; the next run replaces it", failed(o))
	}
	return r.waitCreated(t, time.Time{}), true, nil
}

// errNotOurs is the error of a creation whose name something else has.
var errNotOurs = errors.New("the one of that name is not what was asked for, and it is left alone")

// named finds the object that holds the resource's name; nil when none does.
func (r *runner) named(ctx context.Context, want *spec.Resource) (*plan.Object, error) {
	switch want.Kind {
	case spec.SandboxKind:
		return r.namedSandbox(ctx, want.Name())
	case spec.SnapshotKind:
		s, err := r.api.Snapshot(ctx, want.Name())
		if err != nil {
			return nil, client.IgnoreNotFound(err)
		}
		return observe.Snapshot(s)
	default:
		v, err := r.api.VolumeByName(ctx, want.Name())
		if err != nil {
			return nil, client.IgnoreNotFound(err)
		}
		return observe.Volume(v)
	}
}

// namedSandbox finds the sandbox that holds a name; nil when none does. A list may
// lag: what it shows is read by id, and what it does not show by name.
func (r *runner) namedSandbox(ctx context.Context, name string) (*plan.Object, error) {
	o, err := r.lister().Find(ctx, name)
	if err != nil {
		return nil, err
	}
	if o != nil {
		if o, err = observe.ReadSandbox(ctx, r.api, o.ID); err != nil {
			return nil, err
		}
	}
	if o == nil || o.Leaving() {
		if other, err := observe.ReadSandbox(ctx, r.api, name); err != nil || other != nil {
			return other, err
		}
	}
	return o, nil
}

// lister lists sandboxes within the run.
func (r *runner) lister() *observe.Lister { return observe.Within(r.api, r.facts.Version) }

// labelsOf are the labels of a sandbox that the task creates, or has created.
func (r *runner) labelsOf(t *task) map[string]string {
	if t.step.Labels != nil {
		return t.step.Labels
	}
	return t.step.Want.Labels(r.fleet, nil)
}

// same reports whether the object is what the step wants to create. A volume is
// nothing but its name.
func (r *runner) same(t *task, o *plan.Object) bool {
	want := t.step.Want
	if o.Shared || o.Leaving() {
		return false
	}
	if want.Kind == spec.SandboxKind {
		labels := r.labelsOf(t)
		for _, key := range []string{spec.FleetLabel, spec.EnvironmentLabel, spec.KeyLabel, spec.SealLabel} {
			if o.Labels[key] != labels[key] {
				return false
			}
		}
	}
	return want.Kind == spec.VolumeKind || len(want.Diff(o.Object, r.facts)) == 0
}
