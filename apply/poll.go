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

const (
	// pollTimeout limits one poll: one that hangs delays all others.
	pollTimeout = 30 * time.Second
	// maxConcurrentReads bounds the objects that one poll reads at once.
	maxConcurrentReads = 32
)

// A poller reads the objects that tasks wait for, in one goroutine at a time.
type poller struct {
	api        *client.Client
	fleetNames []string // that the sandboxes carry in their labels
	recorder   client.Recorder
	group      errgroup.Group
	results    chan observations
}

func newPoller(api *client.Client, fleetNames []string) *poller {
	return &poller{api: api, fleetNames: fleetNames, results: make(chan observations, 1)}
}

// A pollTarget is an object to be read, and what is waited for.
type pollTarget struct {
	address   spec.Address
	id        string
	createdAt time.Time // by the server's clock; zero if it is not known
	done      func(*plan.Object) (bool, error)
	trustList bool
}

// observations are the results of one poll, by the address of the step.
type observations map[spec.Address]observation

type observation struct {
	object     *plan.Object // nil if it no longer exists
	err        error        // of the read
	conclusive bool         // the object was read alone, or the list can be trusted
}

// start polls in the background.
func (p *poller) start(ctx context.Context, targets []pollTarget, maxReads int) {
	ctx = p.recorder.WithContext(ctx)
	p.group.Go(func() error {
		p.results <- p.observe(ctx, targets, maxReads)
		return nil
	})
}

// observe reads objects. If more than maxReads of them are sandboxes, it lists these,
// and reads alone only those for which the list is not sufficient.
func (p *poller) observe(ctx context.Context, targets []pollTarget, maxReads int) observations {
	ctx, cancel := context.WithTimeout(ctx, pollTimeout)
	defer cancel()
	observed := observations{}
	var listed map[string]*plan.Object
	if countSandboxTargets(targets) > maxReads {
		listed = p.listSandboxes(ctx, targets)
	}
	var unresolved []pollTarget
	for _, target := range targets {
		if listed != nil && kind.Of(target.address.Kind).Labelled {
			o := listed[target.id] // nil if the list does not hold it
			if done, err := target.done(o); err == nil && (!done || target.trustList) {
				observed[target.address] = observation{object: o, conclusive: done}
				continue
			}
		}
		unresolved = append(unresolved, target)
	}
	for i, o := range p.observeEach(ctx, unresolved) {
		observed[unresolved[i].address] = o
	}
	return observed
}

// observeEach reads objects one by one.
func (p *poller) observeEach(ctx context.Context, targets []pollTarget) []observation {
	observed := make([]observation, len(targets))
	var g errgroup.Group
	g.SetLimit(maxConcurrentReads)
	for i, target := range targets {
		g.Go(func() error {
			o, err := kind.Of(target.address.Kind).Read(ctx, p.api, target.id)
			observed[i] = observation{o, err, true}
			return nil
		})
	}
	_ = g.Wait() // errors are part of the observations
	return observed
}

func countSandboxTargets(targets []pollTarget) int {
	n := 0
	for _, target := range targets {
		if kind.Of(target.address.Kind).Labelled {
			n++
		}
	}
	return n
}

// listSandboxes returns the fleet's sandboxes by id, or only those that are as young as
// the oldest target. It returns nil if the list fails: the objects are then read one by
// one.
func (p *poller) listSandboxes(ctx context.Context, targets []pollTarget) map[string]*plan.Object {
	ctx, cancel := context.WithTimeout(ctx, pollTimeout/2) // which leaves time to read them one by one
	defer cancel()
	var after time.Time
	for i, target := range targets {
		if target.createdAt.IsZero() {
			after = time.Time{}
			break
		}
		if i == 0 || target.createdAt.Before(after) {
			after = target.createdAt
		}
	}
	listed := make(map[string]*plan.Object, len(targets))
	for _, name := range p.fleetNames {
		filter := client.SandboxFilter{Labels: map[string]string{spec.FleetLabel: name}, CreatedAfter: after}
		objects, err := kind.ListAsShown(ctx, p.api, filter)
		if err != nil {
			return nil
		}
		for _, o := range objects {
			listed[o.ID] = o
		}
	}
	return listed
}
