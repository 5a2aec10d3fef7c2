package lease

import (
	"context"
	"time"

	coordinationv1 "k8s.io/api/coordination/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	coordinationclient "k8s.io/client-go/kubernetes/typed/coordination/v1"
)

// A member is the lease by which a replica shows the others that it is there.
type member struct {
	leases   coordinationclient.LeaseInterface
	name     string
	identity string
	shards   int

	lease *coordinationv1.Lease // as it was last written; nil if it must be created
	next  time.Duration         // when to renew it
}

// renew writes the lease if it is time to.
func (m *member) renew(ctx context.Context) error {
	at := now()
	if at < m.next {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, RenewDeadline)
	defer cancel()
	lease := &coordinationv1.Lease{ObjectMeta: metav1.ObjectMeta{Name: m.name}}
	write := m.create
	if m.lease != nil {
		lease, write = m.lease.DeepCopy(), m.update
	}
	setShards(lease, m.shards)
	seconds := int32(LeaseDuration / time.Second)
	lease.Spec = coordinationv1.LeaseSpec{HolderIdentity: &m.identity, LeaseDurationSeconds: &seconds, RenewTime: &metav1.MicroTime{Time: time.Now()}}
	written, err := write(ctx, lease)
	switch {
	case err == nil:
		m.lease, m.next = written, at+RetryPeriod
	case apierrors.IsConflict(err), apierrors.IsAlreadyExists(err):
		m.lease, err = m.leases.Get(ctx, m.name, metav1.GetOptions{})
	}
	if apierrors.IsNotFound(err) {
		m.lease = nil
	}
	return err
}

func (m *member) create(ctx context.Context, lease *coordinationv1.Lease) (*coordinationv1.Lease, error) {
	return m.leases.Create(ctx, lease, metav1.CreateOptions{})
}

func (m *member) update(ctx context.Context, lease *coordinationv1.Lease) (*coordinationv1.Lease, error) {
	return m.leases.Update(ctx, lease, metav1.UpdateOptions{})
}

// remove deletes the lease.
func (m *member) remove(ctx context.Context) error {
	err := m.leases.Delete(ctx, m.name, metav1.DeleteOptions{})
	if apierrors.IsNotFound(err) {
		return nil
	}
	return err
}
