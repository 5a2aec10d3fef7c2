package lease

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"sync/atomic"
	"time"

	coordinationv1 "k8s.io/api/coordination/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	coordinationclient "k8s.io/client-go/kubernetes/typed/coordination/v1"
	"k8s.io/client-go/tools/leaderelection/resourcelock"
)

// A lock is the lease of a shard as client-go's election sees it. Its successful renewals open
// a fence. The election calls its methods one after the other.
type lock struct {
	leases   coordinationclient.LeaseInterface
	name     string
	identity string
	shards   int
	fence    *Fence

	// free is the version of the lease that may be taken over. Empty if there was no lease.
	free string

	// lost is called when the lease that was held may be another's.
	lost func(error)

	// taken is called when another took the lease first.
	taken func()

	// drained is set once all work has stopped: the lease may be released.
	drained atomic.Bool

	holding bool
	created bool // the lease was missing
	lease   *coordinationv1.Lease
	written []time.Time // the times of renewals that may be in the lease
}

// errNotDrained is the error of a release while work may be running. The lease expires.
var errNotDrained = errors.New("not released: work for the shard may be running")

// Get implements resourcelock.Interface.
func (l *lock) Get(ctx context.Context) (*resourcelock.LeaderElectionRecord, []byte, error) {
	lease, err := l.leases.Get(ctx, l.name, metav1.GetOptions{})
	if err != nil {
		return nil, nil, err
	}
	l.lease = lease
	record := resourcelock.LeaseSpecToLeaderElectionRecord(&lease.Spec)
	switch holder := record.HolderIdentity; {
	case holder == l.identity && !l.wrote(record.RenewTime.Time):
		// A copy of this process, or a user, wrote it.
		record.HolderIdentity += " (another process)"
		l.another(record.HolderIdentity)
	case holder == l.identity:
	case l.holding && holder == "":
		// A user cleared it. It is acquired again: others wait until it has expired.
	case !l.holding && lease.ResourceVersion == l.free:
		record.HolderIdentity = ""
	default:
		l.another(holder)
	}
	raw, err := json.Marshal(record)
	return record, raw, err
}

// another handles a lease that another process holds.
func (l *lock) another(holder string) {
	if l.holding {
		l.lost(fmt.Errorf("it was taken by %q", holder))
		return
	}
	l.taken()
}

// wrote reports whether the lock sent a renewal with a time.
func (l *lock) wrote(renewed time.Time) bool {
	return slices.ContainsFunc(l.written, func(t time.Time) bool { return t.Truncate(time.Microsecond).Equal(renewed) })
}

// Create implements resourcelock.Interface. A lease that is missing may have been deleted while
// another replica held it, so that its fence stays closed until that of the other is closed.
func (l *lock) Create(ctx context.Context, record resourcelock.LeaderElectionRecord) error {
	l.created = l.created || !l.holding // also if the response is lost
	return l.write(record, func(lease *coordinationv1.Lease) (*coordinationv1.Lease, error) {
		lease.ObjectMeta = metav1.ObjectMeta{Name: l.name, Annotations: lease.Annotations}
		return l.leases.Create(ctx, lease, metav1.CreateOptions{})
	})
}

// Update implements resourcelock.Interface.
func (l *lock) Update(ctx context.Context, record resourcelock.LeaderElectionRecord) error {
	if record.HolderIdentity == "" {
		return l.release(ctx, record)
	}
	return l.write(record, func(lease *coordinationv1.Lease) (*coordinationv1.Lease, error) {
		return l.leases.Update(ctx, lease, metav1.UpdateOptions{})
	})
}

// write sends a record that names this replica as the holder.
func (l *lock) write(record resourcelock.LeaderElectionRecord, send func(*coordinationv1.Lease) (*coordinationv1.Lease, error)) error {
	if l.holding && l.fence.expired() {
		// Another replica may have held the lease and released it, or hold one of another number
		// of shards.
		err := fmt.Errorf("it was not renewed for %s", LeaseDuration)
		l.lost(err)
		return err
	}
	lease := &coordinationv1.Lease{}
	if l.lease != nil {
		lease = l.lease.DeepCopy()
	}
	lease.Spec = resourcelock.LeaderElectionRecordToLeaseSpec(&record)
	setShards(lease, l.shards)
	const remembered = 32
	l.written = append(l.written[max(0, len(l.written)-remembered):], record.RenewTime.Time)

	sent := now()
	lease, err := send(lease)
	if err != nil {
		if !l.holding && (apierrors.IsConflict(err) || apierrors.IsAlreadyExists(err)) {
			l.taken()
		}
		return err
	}
	if l.created && !l.holding {
		l.fence.settle(now() + LeaseDuration)
	}
	l.lease, l.holding = lease, true
	l.written = []time.Time{record.RenewTime.Time}
	l.fence.renew(sent)
	return nil
}

// release gives the lease up, so that others need not wait until it has expired.
func (l *lock) release(ctx context.Context, record resourcelock.LeaderElectionRecord) error {
	if !l.drained.Load() || l.fence.settling() > 0 {
		return errNotDrained
	}
	lease := l.lease.DeepCopy()
	lease.Spec = resourcelock.LeaderElectionRecordToLeaseSpec(&record)
	_, err := l.leases.Update(ctx, lease, metav1.UpdateOptions{})
	return err
}

// RecordEvent implements resourcelock.Interface. The leases themselves show their holders.
func (l *lock) RecordEvent(string) {}

// Identity implements resourcelock.Interface.
func (l *lock) Identity() string { return l.identity }

// Describe implements resourcelock.Interface.
func (l *lock) Describe() string { return l.name }

// shardsAnnotation holds the number of shards by which the holder of a lease divides fleets.
const shardsAnnotation = "daytona.fleet/shards"

func setShards(lease *coordinationv1.Lease, n int) {
	if lease.Annotations == nil {
		lease.Annotations = map[string]string{}
	}
	lease.Annotations[shardsAnnotation] = strconv.Itoa(n)
}
