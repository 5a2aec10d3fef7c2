package lease_test

import (
	"encoding/json"
	"testing"
	"time"

	coordinationv1 "k8s.io/api/coordination/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"fleet/operator/internal/kubetest"
)

// prepare creates the leases of shards as their former holder released them, so that they
// are taken over at once, and the ConfigMaps to which workers write.
func prepare(t *testing.T, env *kubetest.Env, shards int) {
	t.Helper()
	for shard := range shards {
		prepareWrites(t, env, shard)
		nobody, second := "", int32(1)
		l := &coordinationv1.Lease{ObjectMeta: metav1.ObjectMeta{Name: leaseName(shard)}, Spec: coordinationv1.LeaseSpec{HolderIdentity: &nobody, LeaseDurationSeconds: &second}}
		if _, err := env.Client().CoordinationV1().Leases(env.Namespace).Create(t.Context(), l, metav1.CreateOptions{}); err != nil {
			t.Fatal(err)
		}
	}
}

func prepareWrites(t *testing.T, env *kubetest.Env, shard int) {
	t.Helper()
	m := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: writes(shard)}}
	if _, err := env.Client().CoreV1().ConfigMaps(env.Namespace).Create(t.Context(), m, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
}

// An acquisition is the first write of a lease by a holder.
type acquisition struct {
	holder              string
	received, completed time.Time
}

// acquisitions returns those of the lease of a shard, in order.
func acquisitions(t *testing.T, requests []kubetest.Request, shard int) []acquisition {
	t.Helper()
	var all []acquisition
	var last string
	for _, r := range requests {
		if r.Resource != "leases" || !r.Writes() || r.Code >= 300 {
			continue
		}
		var l coordinationv1.Lease
		if err := json.Unmarshal(r.Body, &l); err != nil || l.Name != leaseName(shard) || l.Spec.HolderIdentity == nil {
			continue
		}
		holder := *l.Spec.HolderIdentity
		if holder != last && holder != "" {
			all = append(all, acquisition{holder, r.Received, r.Completed})
		}
		last = holder
	}
	return all
}

// checkWrites fails the test if a replica wrote for a shard while it did not hold its lease:
// before it acquired it, or after another did. It returns the number of the writes of each.
func checkWrites(t *testing.T, env *kubetest.Env, shard int) map[string]int {
	t.Helper()
	requests := env.Requests(t)
	acquired := acquisitions(t, requests, shard)
	counts := map[string]int{}
	for _, r := range requests {
		if r.Resource != "configmaps" || r.Verb != "patch" || r.Name != writes(shard) {
			continue
		}
		var holder string
		for _, a := range acquired {
			if !a.completed.After(r.Received) {
				holder = a.holder
			}
		}
		if holder != r.UserAgent && !acquiring(acquired, r) {
			t.Errorf("shard %d: %s wrote at %s, while %q held the lease", shard, r.UserAgent, r.Received.Format(time.StampMicro), holder)
		}
		counts[r.UserAgent]++
	}
	return counts
}

// acquiring reports whether the writer of a request was acquiring the lease as it wrote: the
// log does not order the two.
func acquiring(acquired []acquisition, r kubetest.Request) bool {
	for _, a := range acquired {
		if a.holder == r.UserAgent && !a.received.After(r.Received) && a.completed.After(r.Received) {
			return true
		}
	}
	return false
}

// awaitWrites waits until a replica has written for a shard after a time.
func awaitWrites(t *testing.T, env *kubetest.Env, r *replica, shard int, after time.Time) time.Time {
	t.Helper()
	var first time.Time
	kubetest.Eventually(t, 2*time.Minute, func() error {
		for _, w := range env.Requests(t) {
			if w.Name == writes(shard) && w.UserAgent == r.identity && w.Code < 300 && w.Received.After(after) {
				first = w.Received
				return nil
			}
		}
		return errNotYet
	})
	return first
}
