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
	api      *client.Client
	lists    *pollLists // is used by one goroutine at a time
	recorder client.Recorder
	group    errgroup.Group
	results  chan observations
}

func newPoller(api *client.Client, lists *pollLists) *poller {
	return &poller{api: api, lists: lists, results: make(chan observations, 1)}
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
func (p *poller) start(ctx context.Context, targets []pollTarget) {
	ctx = p.recorder.WithContext(ctx)
	p.group.Go(func() error {
		p.results <- p.observe(ctx, targets)
		return nil
	})
}

// observe reads objects. It lists those of a kind if that takes fewer requests than
// there are objects, and reads alone only those for which the list is not sufficient.
func (p *poller) observe(ctx context.Context, targets []pollTarget) observations {
	ctx, cancel := context.WithTimeout(ctx, pollTimeout)
	defer cancel()
	observed := observations{}
	var unresolved []pollTarget
	for k, targets := range byKind(targets) {
		listed := p.lists.read(ctx, p.api, k, targets)
		for _, target := range targets {
			if listed != nil {
				o := listed[target.id] // nil if the list does not hold it
				if done, err := target.done(o); err == nil && (!done || target.trustList) {
					observed[target.address] = observation{object: o, conclusive: done}
					continue
				}
			}
			unresolved = append(unresolved, target)
		}
	}
	for i, o := range p.observeEach(ctx, unresolved) {
		observed[unresolved[i].address] = o
	}
	return observed
}

// byKind returns targets by the kind of their objects.
func byKind(targets []pollTarget) map[spec.Kind][]pollTarget {
	groups := map[spec.Kind][]pollTarget{}
	for _, target := range targets {
		groups[target.address.Kind] = append(groups[target.address.Kind], target)
	}
	return groups
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
