package lease

import (
	"context"
	"errors"
	"time"

	"k8s.io/client-go/tools/leaderelection"
	"k8s.io/klog/v2"
)

// A hold is the attempt to acquire the lease of a shard, and the time in which it is held.
// The mutex of the replica guards its fields.
type hold struct {
	shard  int
	lock   *lock
	tenure *tenure
	stop   context.CancelFunc // ends the election

	public  bool // it was held, and its fence has been open
	leaving bool // it is being given up: no new work may begin
}

// acquire starts to acquire the lease of a shard, if it still has the version that is free. The
// caller holds r.mu.
func (r *Replica) acquire(shard int, free string) {
	ctx, stop := context.WithCancel(context.Background())
	fence := &Fence{lease: r.names.shard(shard)}
	h := &hold{shard: shard, stop: stop, tenure: newTenure(fence)}
	h.lock = &lock{
		leases: r.leases, name: fence.lease, identity: r.identity, shards: r.options.Shards, fence: fence, free: free,
		lost:  func(err error) { r.lose(fence.lease, err) },
		taken: stop,
	}
	r.holds[shard] = h
	r.running.Go(func() { r.elect(ctx, h) })
}

// elect runs the election of a shard until the lease is given up, lost, or taken by another
// replica first.
func (r *Replica) elect(ctx context.Context, h *hold) {
	elector, err := leaderelection.NewLeaderElector(leaderelection.LeaderElectionConfig{
		Lock:          h.lock,
		LeaseDuration: LeaseDuration, RenewDeadline: RenewDeadline, RetryPeriod: RetryPeriod,
		ReleaseOnCancel: true,
		Name:            h.lock.name,
		Callbacks: leaderelection.LeaderCallbacks{
			OnStartedLeading: func(ctx context.Context) { r.started(ctx, h) },
			OnStoppedLeading: func() {},
		},
	})
	if err != nil {
		panic(err) // the settings are constants
	}
	elector.Run(klog.NewContext(ctx, r.options.Log.V(1)))

	r.mu.Lock()
	lost := h.lock.holding && !h.leaving
	if !lost {
		delete(r.holds, h.shard)
	}
	r.mu.Unlock()
	h.stop()
	if lost {
		r.lose(h.lock.name, errors.New("it was not renewed within "+RenewDeadline.String()))
	}
}

// started makes a shard that was acquired public, once its fence is open.
func (r *Replica) started(ctx context.Context, h *hold) {
	if wait := h.tenure.fence.settling(); wait > 0 {
		r.options.Log.Info("Waiting: a former holder of the new lease may still write.", "lease", h.lock.name, "seconds", wait.Seconds())
		timer := time.NewTimer(wait)
		defer timer.Stop()
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
		}
	}
	if !r.alone(ctx) {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.giveUp(h)
		return
	}
	r.mu.Lock()
	public := !h.leaving && r.lastLoss == nil
	h.public = public
	r.mu.Unlock()
	if !public {
		return
	}
	r.options.Log.Info("Holding the shard.", "lease", h.lock.name)
	if r.options.Gained != nil {
		r.options.Gained(h.shard)
	}
}

// alone reports whether no lease of another number of shards is held. It is called after a
// lease was acquired, so that of two replicas with different numbers at least one sees the
// lease of the other.
func (r *Replica) alone(ctx context.Context) bool {
	seen, err := r.read(ctx, nil)
	if err != nil {
		return false
	}
	_, mixed := seen.view(r.names, r.options.Shards, now())
	return !mixed
}

// giveUp ends the work for a shard and then its election. It returns at once. The caller
// holds r.mu.
func (r *Replica) giveUp(h *hold) {
	if h.leaving {
		return
	}
	h.leaving = true
	r.running.Go(func() {
		ctx, cancel := context.WithTimeout(context.Background(), r.options.Drain)
		defer cancel()
		drained := h.tenure.end(ctx, ErrGivenUp)
		h.tenure.fence.revoke(errEnded)
		h.lock.drained.Store(drained)
		if !drained {
			r.options.Log.Info("Work for the shard did not stop; its lease will expire.", "lease", h.lock.name)
		}
		h.stop()
	})
}
