package lease_test

import (
	"testing"
	"time"

	coordinationv1 "k8s.io/api/coordination/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"fleet/operator/internal/kubetest"
	"fleet/operator/internal/lease"
)

// The lease of a replica that died is deleted once it has expired: a replica that starts later
// would leave it a share of the shards until it had watched it for as long.
func TestForgotten(t *testing.T) {
	t.Parallel()
	env := kubetest.New(t)
	prepare(t, env, 1)
	r := startReplica(t, env, settings{})
	r.Await(t, "gained 0")

	const name = "test-member-dead"
	leases := env.Client().CoordinationV1().Leases(env.Namespace)
	holder, seconds := "dead", int32(lease.LeaseDuration/time.Second)
	_, err := leases.Create(t.Context(), &coordinationv1.Lease{
		ObjectMeta: metav1.ObjectMeta{Name: name},
		Spec:       coordinationv1.LeaseSpec{HolderIdentity: &holder, LeaseDurationSeconds: &seconds},
	}, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	died := time.Now()
	kubetest.Eventually(t, 2*time.Minute, func() error {
		if _, err := leases.Get(t.Context(), name, metav1.GetOptions{}); !apierrors.IsNotFound(err) {
			return errNotYet
		}
		return nil
	})
	if took := time.Since(died); took < lease.LeaseDuration || took > failoverBound {
		t.Errorf("the lease was deleted after %s", took)
	}
}
