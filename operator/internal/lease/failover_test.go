package lease_test

import (
	"errors"
	"fmt"
	"strings"
	"syscall"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"fleet/operator/internal/kubetest"
	"fleet/operator/internal/lease"
)

var errNotYet = errors.New("not yet")

// failoverBound is the time in which another replica must write after a replica has failed.
const failoverBound = 20 * time.Second

func leaseName(shard int) string { return fmt.Sprint("test-", shard) }

// pair returns two replicas of one shard. The first holds it.
func pair(t *testing.T, env *kubetest.Env, first settings) (holder, other *replica) {
	t.Helper()
	prepare(t, env, 1)
	holder = startReplica(t, env, first)
	holder.Await(t, "gained 0")
	other = startReplica(t, env, settings{})
	awaitWrites(t, env, holder, 0, time.Time{})
	return holder, other
}

// checkFailover waits until other writes, and checks that it does so soon, and that the writes
// of the two do not mix.
func checkFailover(t *testing.T, env *kubetest.Env, holder, other *replica, failed time.Time) {
	t.Helper()
	first := awaitWrites(t, env, other, 0, failed)
	if took := first.Sub(failed); took > failoverBound {
		t.Errorf("the fail-over took %s", took)
	}
	counts := checkWrites(t, env, 0)
	if counts[holder.identity] == 0 || counts[other.identity] == 0 {
		t.Errorf("writes: %v", counts)
	}
}

func TestKilled(t *testing.T) {
	t.Parallel()
	env := kubetest.New(t)
	holder, other := pair(t, env, settings{})
	failed := time.Now()
	holder.Signal(t, syscall.SIGKILL)
	checkFailover(t, env, holder, other, failed)
}

// A replica that is frozen beyond its lease, and thawed while another writes, writes nothing
// and ends.
func TestFrozen(t *testing.T) {
	t.Parallel()
	env := kubetest.New(t)
	holder, other := pair(t, env, settings{})
	failed := time.Now()
	holder.Signal(t, syscall.SIGSTOP)
	thawed := awaitWrites(t, env, other, 0, failed)
	holder.Signal(t, syscall.SIGCONT)
	if code := holder.AwaitEnd(t); code != exitLost {
		t.Errorf("the thawed replica ended with %d", code)
	}
	awaitWrites(t, env, other, 0, thawed.Add(time.Second))
	checkFailover(t, env, holder, other, failed)
}

// A replica that is frozen beyond its lease, while no other took it over, ends too.
func TestFrozenAlone(t *testing.T) {
	t.Parallel()
	env := kubetest.New(t)
	prepare(t, env, 1)
	holder := startReplica(t, env, settings{})
	awaitWrites(t, env, holder, 0, time.Time{})
	holder.Signal(t, syscall.SIGSTOP)
	frozen := time.Now()
	kubetest.Eventually(t, time.Minute, func() error {
		if time.Since(frozen) < 16*time.Second {
			return errNotYet
		}
		return nil
	})
	holder.Signal(t, syscall.SIGCONT)
	if code := holder.AwaitEnd(t); code != exitLost {
		t.Errorf("the thawed replica ended with %d", code)
	}
	for _, r := range env.Requests(t) {
		// What was in flight as it froze may land: its socket had it already.
		if r.Name == writes(0) && r.UserAgent == holder.identity && r.Received.After(frozen.Add(time.Second)) {
			t.Errorf("it wrote at %s after it had been frozen", r.Received)
		}
	}
}

// A replica that is cut off stops before another starts, and ends.
func TestCutOff(t *testing.T) {
	t.Parallel()
	env := kubetest.New(t)
	config := env.Admin()
	network := kubetest.NewNetwork(t, config)
	holder, other := pair(t, env, settings{config: config})
	failed := time.Now()
	network.Set(true, 0)
	if code := holder.AwaitEnd(t); code != exitLost {
		t.Errorf("the replica that was cut off ended with %d", code)
	}
	checkFailover(t, env, holder, other, failed)
	network.Set(false, 0)
	awaitWrites(t, env, other, 0, time.Now())
	checkWrites(t, env, 0)
}

// A server that takes 9 seconds to answer leaves the lease with its holder, whose fence is
// closed while the renewal is old.
func TestSlow(t *testing.T) {
	t.Parallel()
	env := kubetest.New(t)
	config := env.Admin()
	network := kubetest.NewNetwork(t, config)
	holder, other := pair(t, env, settings{config: config})
	network.Set(false, 9*time.Second)
	slow := time.Now()
	renewals := func() (n int) {
		for _, r := range env.Requests(t) {
			if r.Resource == "leases" && r.Name == leaseName(0) && r.Verb == "update" && r.Code < 300 && r.Received.After(slow) {
				n++
			}
		}
		return n
	}
	kubetest.Eventually(t, 2*time.Minute, func() error {
		if n := renewals(); n < 4 {
			return fmt.Errorf("%d renewals", n)
		}
		return nil
	})
	if holder.Printed("lost") || other.Printed("gained") {
		t.Error("the lease was lost although it was renewed")
	}
	checkWrites(t, env, 0)
}

// A lease that is deleted stays with its holder, or goes to another after the holder stopped.
func TestDeletedLease(t *testing.T) {
	t.Parallel()
	env := kubetest.New(t)
	pair(t, env, settings{})
	leases := env.Client().CoordinationV1().Leases(env.Namespace)
	for range 3 {
		if err := leases.DeleteCollection(t.Context(), metav1.DeleteOptions{}, metav1.ListOptions{}); err != nil {
			t.Fatal(err)
		}
		kubetest.Eventually(t, time.Minute, func() error {
			_, err := leases.Get(t.Context(), leaseName(0), metav1.GetOptions{})
			return err
		})
	}
	deleted := time.Now()
	kubetest.Eventually(t, time.Minute, func() error {
		for _, r := range env.Requests(t) {
			if r.Name == writes(0) && r.Code < 300 && r.Received.After(deleted.Add(time.Second)) {
				return nil
			}
		}
		return errNotYet
	})
	checkOneAtATime(t, env)
}

// A lease that is deleted while its holder is frozen goes to another, which waits until the
// fence of the former holder is closed: the holder is thawed at once, and writes.
func TestDeletedWhileFrozen(t *testing.T) {
	t.Parallel()
	env := kubetest.New(t)
	holder, other := pair(t, env, settings{})
	holder.Signal(t, syscall.SIGSTOP)
	leases := env.Client().CoordinationV1().Leases(env.Namespace)
	if err := leases.Delete(t.Context(), leaseName(0), metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	kubetest.Eventually(t, time.Minute, func() error {
		_, err := leases.Get(t.Context(), leaseName(0), metav1.GetOptions{})
		return err
	})
	holder.Signal(t, syscall.SIGCONT)
	if code := holder.AwaitEnd(t); code != exitLost {
		t.Errorf("the thawed replica ended with %d", code)
	}
	first := awaitWrites(t, env, other, 0, time.Time{})
	acquired := acquisitions(t, env.Requests(t), 0)
	if waited := first.Sub(acquired[len(acquired)-1].received); waited < lease.LeaseDuration {
		t.Errorf("the holder of a new lease wrote after %s", waited)
	}
	checkOneAtATime(t, env)
}

// checkOneAtATime fails the test if a replica wrote between two writes of another without its
// lease: each replica writes in one stretch for each acquisition.
func checkOneAtATime(t *testing.T, env *kubetest.Env) {
	t.Helper()
	var last string
	stretches := 0
	requests := env.Requests(t)
	for _, r := range requests {
		if r.Name != writes(0) || r.Verb != "patch" || r.Code >= 300 || r.UserAgent == last {
			continue
		}
		last = r.UserAgent
		stretches++
	}
	if n := len(acquisitions(t, requests, 0)); stretches > n {
		t.Errorf("the writes of the replicas changed %d times, in %d acquisitions", stretches, n)
	}
}

// An edit of the lease by a user cannot make two replicas write.
func TestEditedLease(t *testing.T) {
	for name, patch := range map[string]string{
		"cleared":          `{"spec":{"holderIdentity":""}}`,
		"given to another": `{"spec":{"holderIdentity":"a user"}}`,
		"shortened":        `{"spec":{"leaseDurationSeconds":1}}`,
		"renewed":          `{"spec":{"renewTime":"2030-01-01T00:00:00.000000Z"}}`,
		"other shards":     `{"metadata":{"annotations":{"daytona.fleet/shards":"7"}}}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			env := kubetest.New(t)
			holder, other := pair(t, env, settings{})
			_, err := env.Client().CoordinationV1().Leases(env.Namespace).Patch(t.Context(), leaseName(0), types.MergePatchType, []byte(patch), metav1.PatchOptions{})
			if err != nil {
				t.Fatal(err)
			}
			edited := time.Now().Add(3 * time.Second)
			writer := holder
			if strings.Contains(name, "another") || name == "renewed" {
				if code := holder.AwaitEnd(t); code != exitLost {
					t.Errorf("the holder ended with %d", code)
				}
				writer = other
			}
			awaitWrites(t, env, writer, 0, edited)
			checkWrites(t, env, 0)
		})
	}
}
