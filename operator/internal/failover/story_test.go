// Package failover tests that the work of a replica that fails is continued by another, with
// real processes, an API server and an emulated Daytona.
package failover_test

import (
	"fmt"
	"syscall"
	"testing"
	"time"

	"github.com/go-logr/logr"
	"k8s.io/apimachinery/pkg/api/meta"
	ctrl "sigs.k8s.io/controller-runtime"

	"fleet/operator/api/v1alpha1"
	"fleet/operator/internal/kubetest"
	"fleet/operator/internal/lease"
)

func TestMain(m *testing.M) {
	ctrl.SetLogger(logr.Discard())
	kubetest.Main(m)
}

// A failure makes a replica fail while work is in progress, and returns once others have
// taken over.
type failure func(r *rig, x *replica, shards []int)

// kill kills the process. Another one is started at once, as Kubernetes does.
func kill(r *rig, x *replica, shards []int) {
	at := time.Now()
	x.signal(syscall.SIGKILL)
	r.daytona.gate.hold(r.quarter())
	x.awaitEnd(r.t)
	r.complete()
	r.awaitTakeover(x, shards, at)
}

// killLate kills the process. Its requests in flight arrive together with those of the replica
// that took over.
func killLate(r *rig, x *replica, shards []int) {
	at := time.Now()
	r.daytona.gate.setLate(true)
	x.signal(syscall.SIGKILL)
	x.awaitEnd(r.t)
	r.complete()
	r.awaitTakeover(x, shards, at)
	for _, shard := range shards {
		r.awaitWorkFor(shard, r.holders()[shard])
	}
	r.daytona.gate.release()
	r.daytona.awaitAnswers(r.t)
	r.daytona.gate.setLate(false)
}

// freeze freezes the process beyond its lease, and thaws it while another works: it must
// end.
func freeze(r *rig, x *replica, shards []int) {
	at := time.Now()
	x.signal(syscall.SIGSTOP)
	held := r.daytona.gate.hold(r.quarter())
	r.awaitTakeover(x, shards, at)
	r.wait(held)
	x.signal(syscall.SIGCONT)
	r.endsBadly(x)
}

// thawWithAnswers freezes the leader beyond its lease while its last requests to Daytona are
// carried out. Once it is thawed, it has their answers, and must not write the status.
func thawWithAnswers(r *rig) {
	r.apply(edits[0])
	r.awaitReady()
	r.daytona.gate.hold(0)
	r.apply(edits[1])
	kubetest.Eventually(r.t, limit, func() error {
		if n := r.daytona.unanswered(); n < r.fleets {
			return fmt.Errorf("%d requests are held", n)
		}
		return nil
	})
	leader, shards := r.leader()
	at := time.Now()
	leader.signal(syscall.SIGSTOP)
	r.daytona.gate.release()
	r.awaitTakeover(leader, shards, at)
	r.awaitReady()
	leader.signal(syscall.SIGCONT)
	r.endsBadly(leader)
	r.checkWriters()
	r.checkSandboxes()
}

// cutOff cuts the replica off from the API server: it must end.
func cutOff(r *rig, x *replica, shards []int) {
	at := time.Now()
	x.kube.set(silent)
	r.daytona.gate.hold(r.quarter())
	r.endsBadly(x)
	r.awaitTakeover(x, shards, at)
	x.kube.set(open)
}

// refuse makes Daytona refuse the connections of the replica: it keeps its shards, and reports
// the outage.
func refuse(r *rig, x *replica, shards []int) {
	x.daytona.set(refusing)
	r.daytona.gate.release()
	r.awaitAny(shards, func(f *v1alpha1.Fleet) bool {
		return meta.IsStatusConditionTrue(f.Status.Conditions, v1alpha1.Degraded)
	})
	r.keeps(x, shards)
	x.daytona.set(open)
}

// loseAnswers carries out requests whose answers never reach the replica.
func loseAnswers(r *rig, x *replica, shards []int) {
	x.daytona.set(silent)
	r.daytona.gate.release()
	r.daytona.awaitAnswers(r.t)
	r.keeps(x, shards)
	x.daytona.set(open)
}

// keeps checks that a replica holds shards.
func (r *rig) keeps(x *replica, shards []int) {
	r.t.Helper()
	holders := r.holders()
	for _, shard := range shards {
		if holders[shard] != x.name {
			r.t.Errorf("%q took over shard %d", holders[shard], shard)
		}
	}
}

// terminate ends the process as Kubernetes does: it hands its shards over.
func terminate(r *rig, x *replica, shards []int) {
	at := time.Now()
	x.signal(syscall.SIGTERM)
	r.daytona.gate.release()
	if code := x.awaitEnd(r.t); code != 0 {
		r.t.Errorf("%s ended with %d", x.name, code)
	}
	r.t.Logf("%s ended after %s", x.name, time.Since(at).Round(time.Millisecond))
	if took := r.awaitTakeover(x, shards, at); took >= lease.LeaseDuration {
		r.t.Errorf("a shard that was released was acquired after %s, as one that expires", took)
	}
	turns := r.turns(r.env.Requests(r.t))
	for _, shard := range shards {
		released := false
		for _, turn := range turns[shard] {
			released = released || turn.replica == "" && turn.received.After(at)
		}
		if !released {
			r.t.Errorf("%s did not release shard %d", x.name, shard)
		}
	}
}

// endsBadly waits until a replica has ended, and checks that it did so by a failure.
func (r *rig) endsBadly(x *replica) {
	r.t.Helper()
	if code := x.awaitEnd(r.t); code <= 0 {
		r.t.Errorf("%s ended with %d, want a failure", x.name, code)
	}
}

// quarter is a quarter of the sandboxes.
func (r *rig) quarter() int { return max(1, r.fleets*r.count/4) }

// wait waits for a channel.
func (r *rig) wait(c <-chan struct{}) {
	r.t.Helper()
	select {
	case <-c:
	case <-time.After(limit):
		r.t.Fatal("nothing happened")
	}
}

// awaitWork waits until a request of a replica is being carried out.
func (r *rig) awaitWork(x *replica) {
	r.t.Helper()
	r.awaitWrite(func(w write) bool { return w.replica == x.name })
}

// awaitWorkFor waits until a request of a replica for a fleet of a shard is being carried out.
func (r *rig) awaitWorkFor(shard int, replica string) {
	r.t.Helper()
	r.awaitWrite(func(w write) bool { return w.replica == replica && r.shard(r.env.Namespace, w.fleet) == shard })
}

// awaitWrite waits until a request that matches is being carried out.
func (r *rig) awaitWrite(matches func(w write) bool) {
	r.t.Helper()
	kubetest.Eventually(r.t, limit, func() error {
		for _, w := range r.daytona.log() {
			if w.status == 0 && matches(w) {
				return nil
			}
		}
		return errNotYet
	})
}

// during applies an edit, makes the leader fail while the edit is carried out, and checks
// the result.
func (r *rig) during(e edit, fail failure) {
	r.t.Helper()
	started := time.Now()
	r.complete()
	r.awaitHolders()
	held := r.daytona.gate.hold(r.quarter())
	r.apply(e)
	r.wait(held)
	leader, shards := r.leader()
	r.awaitWork(leader)
	fail(r, leader, shards)
	r.daytona.gate.release()
	r.awaitReady()
	r.checkWriters()
	r.checkSandboxes()
	r.checkPrinted()
	r.t.Logf("%+v took %s", e, time.Since(started).Round(time.Millisecond))
}
