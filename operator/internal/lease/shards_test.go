package lease_test

import (
	"encoding/json"
	"fmt"
	"syscall"
	"testing"
	"time"

	coordinationv1 "k8s.io/api/coordination/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"fleet/operator/internal/kubetest"
)

// holders returns the number of shards that each replica holds.
func holders(t *testing.T, env *kubetest.Env, shards int) map[string]int {
	t.Helper()
	held := map[string]int{}
	for shard := range shards {
		l, err := env.Client().CoordinationV1().Leases(env.Namespace).Get(t.Context(), leaseName(shard), metav1.GetOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if l.Spec.HolderIdentity != nil {
			held[*l.Spec.HolderIdentity]++
		}
	}
	return held
}

// awaitShares waits until replicas hold numbers of shards.
func awaitShares(t *testing.T, env *kubetest.Env, want map[*replica]int) {
	t.Helper()
	kubetest.Eventually(t, time.Minute, func() error {
		n := 0
		for _, w := range want {
			n += w
		}
		held := holders(t, env, n)
		for r, w := range want {
			if held[r.identity] != w {
				return fmt.Errorf("the shards are held as %v", held)
			}
		}
		return nil
	})
}

// A replica that starts gets its share once the work of the others has stopped, and those that
// remain take over the shards of one that ends.
func TestShares(t *testing.T) {
	t.Parallel()
	env := kubetest.New(t)
	prepare(t, env, 4)
	a := startReplica(t, env, settings{shards: 4})
	awaitShares(t, env, map[*replica]int{a: 4})
	b := startReplica(t, env, settings{shards: 4})
	awaitShares(t, env, map[*replica]int{a: 2, b: 2})
	a.Await(t, "stopped")

	failed := time.Now()
	b.Signal(t, syscall.SIGKILL)
	awaitShares(t, env, map[*replica]int{a: 4})
	if took := time.Since(failed); took > failoverBound {
		t.Errorf("the fail-over took %s", took)
	}
	c := startReplica(t, env, settings{shards: 4})
	awaitShares(t, env, map[*replica]int{a: 2, c: 2})

	c.Signal(t, syscall.SIGTERM)
	if code := c.AwaitEnd(t); code != 0 {
		t.Errorf("an orderly end has the code %d", code)
	}
	released := time.Now()
	awaitShares(t, env, map[*replica]int{a: 4})
	if took := time.Since(released); took > failoverBound/2 {
		t.Errorf("shards that were released were taken after %s", took)
	}
	for shard := range 4 {
		checkWrites(t, env, shard)
	}
}

// Work that does not stop is fenced, and its lease expires instead of being released.
func TestStubbornWork(t *testing.T) {
	t.Parallel()
	env := kubetest.New(t)
	holder, other := pair(t, env, settings{stubborn: true})
	holder.Signal(t, syscall.SIGTERM)
	holder.Await(t, "fenced 0")
	awaitWrites(t, env, other, 0, time.Now())
	checkWrites(t, env, 0)
	for _, r := range env.Requests(t) {
		var l coordinationv1.Lease
		if r.Name == leaseName(0) && r.Verb == "update" && json.Unmarshal(r.Body, &l) == nil && l.Spec.HolderIdentity != nil && *l.Spec.HolderIdentity == "" {
			t.Errorf("the lease was released at %s, while work was running", r.Received)
		}
	}
}

// Replicas with another number of shards wait until the others are gone: one fleet is in
// different shards for the two.
func TestOtherShards(t *testing.T) {
	t.Parallel()
	env := kubetest.New(t)
	prepare(t, env, 1)
	for shard := 1; shard < 3; shard++ {
		prepareWrites(t, env, shard)
	}
	old := startReplica(t, env, settings{})
	old.Await(t, "gained 0")
	awaitWrites(t, env, old, 0, time.Time{})
	fresh := startReplica(t, env, settings{shards: 3})
	kubetest.Eventually(t, time.Minute, func() error {
		n := 0
		for _, r := range env.Requests(t) {
			if r.Resource == "leases" && r.Verb == "list" {
				n++
			}
		}
		if n < 20 {
			return errNotYet
		}
		return nil
	})
	if fresh.Printed("gained") {
		t.Error("a replica with another number of shards gained one")
	}
	old.Signal(t, syscall.SIGTERM)
	old.AwaitEnd(t)
	ended := time.Now()
	for shard := range 3 {
		fresh.Await(t, fmt.Sprint("gained ", shard))
		awaitWrites(t, env, fresh, shard, ended)
	}
	for _, r := range env.Requests(t) {
		if r.UserAgent == fresh.identity && r.Verb == "patch" && r.Received.Before(ended.Add(-time.Second)) {
			t.Errorf("it wrote to %s at %s, before the others ended", r.Name, r.Received)
		}
	}
}
