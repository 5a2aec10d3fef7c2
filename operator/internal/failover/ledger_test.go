package failover_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	coordinationv1 "k8s.io/api/coordination/v1"

	"fleet/operator/internal/kubetest"
)

// failoverBound is the time in which another replica must hold a lease after its holder has
// failed.
const failoverBound = 20 * time.Second

var errNotYet = errors.New("not yet")

// A turn is a change of the holder of a lease.
type turn struct {
	replica             string // the service account; empty if the holder released the lease
	received, completed time.Time
}

// turns returns those of the lease of each shard, in order.
func (r *rig) turns(requests []kubetest.Request) map[int][]turn {
	all := map[int][]turn{}
	last := map[int]string{}
	for _, q := range requests {
		replica, ok := r.replicaOf(q)
		if !ok || q.Resource != "leases" || !q.Writes() || q.Code >= 300 {
			continue
		}
		var l coordinationv1.Lease
		if json.Unmarshal(q.Body, &l) != nil || l.Spec.HolderIdentity == nil {
			continue
		}
		shard, err := strconv.Atoi(strings.TrimPrefix(l.Name, leaseName+"-"))
		if err != nil || last[shard] == *l.Spec.HolderIdentity {
			continue
		}
		if last[shard] = *l.Spec.HolderIdentity; last[shard] == "" {
			replica = ""
		}
		all[shard] = append(all[shard], turn{replica, q.Received, q.Completed})
	}
	return all
}

// replicaOf returns the replica that sent a request.
func (r *rig) replicaOf(q kubetest.Request) (string, bool) {
	return strings.CutPrefix(q.User, "system:serviceaccount:"+r.env.Namespace+":")
}

// holders returns the replica that holds each shard.
func (r *rig) holders() map[int]string {
	r.t.Helper()
	holders := map[int]string{}
	for shard, turns := range r.turns(r.env.Requests(r.t)) {
		if last := turns[len(turns)-1].replica; last != "" {
			holders[shard] = last
		}
	}
	return holders
}

// awaitHolders waits until replicas that run hold all shards, each its share.
func (r *rig) awaitHolders() {
	r.t.Helper()
	kubetest.Eventually(r.t, limit, func() error {
		holders := r.holders()
		held := map[string]int{}
		for _, name := range holders {
			held[name]++
		}
		n := 0
		for _, x := range r.replicas {
			if !x.hasEnded() && held[x.name] <= (r.shards+replicas-1)/replicas {
				n += held[x.name]
			}
		}
		if n != r.shards {
			return fmt.Errorf("the shards are held by %v", holders)
		}
		return nil
	})
}

// leader returns a replica that holds most shards, and these shards.
func (r *rig) leader() (*replica, []int) {
	r.t.Helper()
	shards := map[string][]int{}
	for shard, name := range r.holders() {
		shards[name] = append(shards[name], shard)
	}
	var leader *replica
	for _, x := range r.replicas {
		if !x.hasEnded() && (leader == nil || len(shards[x.name]) > len(shards[leader.name])) {
			leader = x
		}
	}
	return leader, shards[leader.name]
}

// awaitTakeover waits until others have acquired the shards of a replica that failed at a
// time, and checks that it took no longer than the bound. It returns the longest time.
func (r *rig) awaitTakeover(failed *replica, shards []int, at time.Time) (longest time.Duration) {
	r.t.Helper()
	for _, shard := range shards {
		var by turn
		kubetest.Eventually(r.t, limit, func() error {
			for _, by = range r.turns(r.env.Requests(r.t))[shard] {
				if by.received.After(at) && by.replica != "" && by.replica != failed.name {
					return nil
				}
			}
			return fmt.Errorf("shard %d of %s: %w", shard, failed.name, errNotYet)
		})
		took := by.completed.Sub(at)
		if took > failoverBound {
			r.t.Errorf("shard %d was taken over after %s", shard, took)
		}
		r.t.Logf("shard %d: %s took over from %s after %s", shard, by.replica, failed.name, took.Round(time.Millisecond))
		longest = max(longest, took)
	}
	return longest
}

// checkWriters fails the test if a replica wrote for a fleet while it did not hold the lease
// of its shard, to Daytona or to the API server.
func (r *rig) checkWriters() {
	r.t.Helper()
	requests := r.env.Requests(r.t)
	turns := r.turns(requests)
	for _, q := range requests {
		replica, ok := r.replicaOf(q)
		if !ok || !q.Writes() || !r.isForOneShard(q) {
			continue
		}
		fleet, _, _ := strings.Cut(q.Name, ".")
		r.checkWriter(turns, replica, fleet, q.Received, q.Verb+" "+q.URI)
	}
	for _, w := range r.daytona.log() {
		if w.replica == "" || w.fleet == "" {
			r.t.Errorf("%s %s: the replica is %q, and the fleet %q", w.method, w.path, w.replica, w.fleet)
			continue
		}
		r.checkWriter(turns, w.replica, w.fleet, w.received, w.method+" "+w.path)
	}
}

// isForOneShard reports whether a request needs the lease of a certain shard. Events need any
// lease.
func (r *rig) isForOneShard(q kubetest.Request) bool {
	return q.Resource == "fleets" || q.Resource == "configmaps" || q.Resource == "events" && r.shards == 1
}

func (r *rig) checkWriter(turns map[int][]turn, replica, fleet string, at time.Time, request string) {
	r.t.Helper()
	shard := r.shard(r.env.Namespace, fleet)
	holder := ""
	for _, x := range turns[shard] {
		if !x.completed.After(at) {
			holder = x.replica
		} else if x.replica == replica && !x.received.After(at) {
			return // it was acquiring the lease: the logs do not order the two
		}
	}
	if holder != replica {
		r.t.Errorf("%s sent %s for %s at %s, while %q held shard %d", replica, request, fleet, at.Format(time.StampMicro), holder, shard)
	}
}
