package lease

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/go-logr/logr"
	"k8s.io/client-go/kubernetes"
	coordinationclient "k8s.io/client-go/kubernetes/typed/coordination/v1"
	"k8s.io/client-go/rest"
)

// Options are the settings of a Replica.
type Options struct {
	Namespace string // of the leases
	Name      string // the start of the names of the leases
	Shards    int    // the number of leases, at least 1; the same in all replicas

	// Drain bounds the time for which the work for a shard that is to be given up may
	// continue. Work that takes longer can no longer write, and the lease expires instead of
	// being released. Zero means no time.
	Drain time.Duration

	// Gained is called, if it is not nil, each time the replica starts to hold a shard: no
	// event of its fleets was handled so far. It must not block for long.
	Gained func(shard int)

	// Lost is called, if it is not nil, when a lease was lost. All fences are closed then. It
	// should end the process at once.
	Lost func(error)

	Log logr.Logger
}

// A Replica is this process as one of those that share the shards.
type Replica struct {
	options  Options
	names    names
	id       string // random, and part of the name of its own lease
	identity string
	leases   coordinationclient.LeaseInterface
	member   member

	mu       sync.Mutex
	holds    map[int]*hold // by shard
	lastLoss error
	lost     chan struct{} // closed when a lease was lost
	abort    func()        // ends the requests of Run

	running sync.WaitGroup // of holds

	// Of the goroutine of Run: what the last poll met, so that each change is logged once.
	failing, mixed bool
}

// New returns a replica with a new identity. Its client has connections of its own, without a
// limit of requests, so that nothing else delays renewals.
func New(config *rest.Config, o Options) (*Replica, error) {
	if o.Shards < 1 {
		return nil, fmt.Errorf("the number of shards must be at least 1, and is %d", o.Shards)
	}
	host, err := os.Hostname()
	if err != nil {
		return nil, err
	}
	id := strings.ToLower(rand.Text()[:12])
	config = rest.CopyConfig(config)
	config.QPS = -1
	config.Timeout = RenewDeadline
	config.NextProtos = []string{"http/1.1"} // a request that hangs gets a new connection
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return nil, err
	}
	r := &Replica{
		options: o, names: names(o.Name), id: id, identity: host + "_" + id,
		leases: client.CoordinationV1().Leases(o.Namespace),
		holds:  map[int]*hold{}, lost: make(chan struct{}),
	}
	r.member = member{leases: r.leases, name: r.names.member(id), identity: r.identity, shards: o.Shards}
	return r, nil
}

// Identity returns the name by which leases name this replica as their holder.
func (r *Replica) Identity() string { return r.identity }

// Run takes part in the election until ctx ends or a lease is lost. If ctx ends, it gives up
// all shards, as Options.Drain allows, and returns nil. If a lease is lost, it returns the
// reason at once: the process must end. Run may be called once.
func (r *Replica) Run(ctx context.Context) error {
	tick := time.NewTicker(pollInterval)
	defer tick.Stop()
	polling, cancel := context.WithCancel(ctx)
	defer cancel()
	r.mu.Lock()
	r.abort = cancel
	r.mu.Unlock()
	var seen observations
	for {
		seen = r.poll(polling, seen)
		select {
		case <-r.lost:
			return r.loss()
		case <-ctx.Done():
			return r.leave(context.WithoutCancel(ctx))
		case <-tick.C:
		}
	}
}

// leave gives up all shards and removes the lease of the replica.
func (r *Replica) leave(ctx context.Context) error {
	r.mu.Lock()
	for _, h := range r.holds {
		r.giveUp(h)
	}
	r.mu.Unlock()
	stopped := make(chan struct{})
	go func() {
		r.running.Wait()
		close(stopped)
	}()
	select {
	case <-r.lost:
		return r.loss()
	case <-stopped:
	}
	ctx, cancel := context.WithTimeout(ctx, RetryPeriod)
	defer cancel()
	if err := r.member.remove(ctx); err != nil {
		r.options.Log.Info("The lease of this replica was not removed.", "lease", r.member.name, "error", err.Error())
	}
	return nil
}

func (r *Replica) loss() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.lastLoss
}

// lose closes all fences and reports the loss of a lease.
func (r *Replica) lose(lease string, reason error) {
	err := fmt.Errorf("lease %s was lost: %w", lease, reason)
	r.mu.Lock()
	first := r.lastLoss == nil
	if first {
		r.lastLoss = err
		close(r.lost)
		r.abort()
	}
	for _, h := range r.holds {
		h.tenure.fence.revoke(err)
		h.tenure.cancel(err)
		h.stop()
	}
	r.mu.Unlock()
	if first && r.options.Lost != nil {
		r.options.Lost(err)
	}
}

// Transport returns a RoundTripper for all clients of Kubernetes of the process. Requests that
// write are checked by the fence of their context, as Fence.Transport describes. Those without
// one, such as events, pass while the replica holds any shard. Leases, and reviews of tokens
// and access, always pass.
func (r *Replica) Transport(base http.RoundTripper) http.RoundTripper {
	return &transport{base, func(req *http.Request) *Fence {
		if passes(req) {
			return nil
		}
		if f := FenceOf(req.Context()); f != nil {
			return f
		}
		return r.anyFence()
	}}
}

// anyFence returns the open fence that was renewed last, and a closed one if none is open.
func (r *Replica) anyFence() *Fence {
	r.mu.Lock()
	defer r.mu.Unlock()
	best, last := &Fence{lease: r.options.Name}, time.Duration(-1)
	for _, h := range r.holds {
		if renewed, open := h.tenure.fence.lastRenewed(); h.public && open && renewed > last {
			best, last = h.tenure.fence, renewed
		}
	}
	return best
}

// errEnded is the reason for which the fence of a shard that was given up is closed.
var errEnded = errors.New("the shard was given up")
