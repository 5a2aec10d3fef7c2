package apply

import (
	"context"
	"time"

	"golang.org/x/sync/errgroup"

	"fleet/client"
	"fleet/internal/kind"
	"fleet/plan"
	"fleet/spec"
)

// maxConcurrentReads bounds the single objects that are read at once.
const maxConcurrentReads = 32

// A look is an object to be read, and what is waited for.
type pollTarget struct {
	address   spec.Address
	id        string
	createdAt time.Time
	done      func(*plan.Object) (bool, error)
	trustList bool
}

// observations is what was seen of objects, by address; nil is gone.
type observations map[spec.Address]observation

type observation struct {
	object     *plan.Object
	err        error
	conclusive bool // read by itself, or a list that may have the last word
}

// observe looks at objects: in a list where that is cheaper, and by themselves,
// many at once, where a list cannot have the last word. A list is cheaper for more
// than few of them.
func (r *runner) observe(ctx context.Context, targets []pollTarget, maxReads int) observations {
	ctx, cancel := context.WithTimeout(ctx, pollTimeout)
	defer cancel()
	observed := observations{}
	var listed map[string]*plan.Object
	if countSandboxTargets(targets) > maxReads {
		listed = r.listSandboxes(ctx, targets)
	}
	var unresolved []pollTarget
	for _, l := range targets {
		if listed != nil && kind.Of(l.address.Kind).Labelled {
			o := listed[l.id] // nil when the list does not hold it
			if done, err := l.done(o); err == nil && (!done || l.trustList) {
				observed[l.address] = observation{object: o, conclusive: done}
				continue
			}
		}
		unresolved = append(unresolved, l)
	}
	for i, s := range r.observeEach(ctx, unresolved) {
		observed[unresolved[i].address] = s
	}
	return observed
}

// observeEach reads objects by themselves.
func (r *runner) observeEach(ctx context.Context, targets []pollTarget) []observation {
	observed := make([]observation, len(targets))
	var g errgroup.Group
	g.SetLimit(maxConcurrentReads)
	for i, l := range targets {
		g.Go(func() error {
			o, err := kind.Of(l.address.Kind).Read(ctx, r.api, l.id)
			observed[i] = observation{o, err, true}
			return nil
		})
	}
	_ = g.Wait() // errors are part of what was seen
	return observed
}

func countSandboxTargets(targets []pollTarget) int {
	n := 0
	for _, l := range targets {
		if kind.Of(l.address.Kind).Labelled {
			n++
		}
	}
	return n
}

// listSandboxes lists the fleet's sandboxes by id, or only those that are as young as
// the eldest that is looked for. A list that fails is no list: the objects are
// read by themselves then.
func (r *runner) listSandboxes(ctx context.Context, targets []pollTarget) map[string]*plan.Object {
	ctx, cancel := context.WithTimeout(ctx, pollTimeout/2) // there has to be time to read them by themselves
	defer cancel()
	var after time.Time
	for i, l := range targets {
		if l.createdAt.IsZero() {
			after = time.Time{}
			break
		}
		if i == 0 || l.createdAt.Before(after) {
			after = l.createdAt
		}
	}
	listed := make(map[string]*plan.Object, len(targets))
	for _, name := range r.fleetNames {
		filter := client.SandboxFilter{Labels: map[string]string{spec.FleetLabel: name}, CreatedAfter: after}
		objects, err := kind.Collect(r.api.Sandboxes(ctx, filter), func(s client.Sandbox) (*plan.Object, error) { return kind.FromSandbox(s, false) })
		if err != nil {
			return nil
		}
		for _, o := range objects {
			listed[o.ID] = o
		}
	}
	return listed
}
