// Package failover_test tests replicas of the operator that fail in the midst of work.
package failover_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"syscall"
	"testing"
	"time"

	coordinationv1 "k8s.io/api/coordination/v1"

	"fleet/operator/internal/kubetest"
)

const (
	// bound is the time in which another replica must write after the leader has failed.
	bound = 20 * time.Second

	// limit ends tests that hang.
	limit = 2 * time.Minute

	count = 60 // sandboxes
)

// busy starts three replicas, and returns when the first is in the midst of creating a fleet.
func busy(t *testing.T, r *rig) (leader *replica, others []*replica) {
	t.Helper()
	leader = r.start(t, "first", 1)
	kubetest.Eventually(t, limit, func() error { return r.acquired(t, leader.user, time.Time{}, nil) })
	others = []*replica{r.start(t, "second", 1), r.start(t, "third", 1)}
	for _, o := range others {
		kubetest.Eventually(t, limit, func() error { return r.polls(t, o.user) })
	}
	r.fleet(t, "web", count, "a")
	kubetest.Eventually(t, limit, func() error {
		if n := len(r.created()); n < count/4 {
			return fmt.Errorf("%d sandboxes were created: %w", n, r.inSync(t, "web", count))
		}
		return nil
	})
	return leader, others
}

// created returns the number of times that each sandbox was created.
func (r *rig) created() map[string]int {
	times := map[string]int{}
	for _, w := range r.site.log() {
		if w.created() {
			times[w.name]++
		}
	}
	return times
}

// polls returns an error unless a user has read the leases several times.
func (r *rig) polls(t *testing.T, user string) error {
	n := 0
	for _, q := range r.env.Requests(t) {
		if q.User == user && q.Resource == "leases" && q.Verb == "list" {
			n++
		}
	}
	if n < 3 {
		return fmt.Errorf("%s has read the leases %d times", user, n)
	}
	return nil
}

// acquired returns an error unless a user wrote the lease of a shard after a time. It sets at to
// when the server had stored the first such write.
func (r *rig) acquired(t *testing.T, user string, after time.Time, at *time.Time) error {
	for _, q := range r.env.Requests(t) {
		var l coordinationv1.Lease
		if q.User != user || q.Resource != "leases" || !q.Writes() || q.Code >= 300 || q.Received.Before(after) || json.Unmarshal(q.Body, &l) != nil {
			continue
		}
		if !strings.Contains(l.Name, "-member-") && l.Spec.HolderIdentity != nil && *l.Spec.HolderIdentity != "" {
			if at != nil {
				*at = q.Completed
			}
			return nil
		}
	}
	return fmt.Errorf("%s has not acquired a lease", user)
}

// successor waits until another replica has the lease, and returns when that was.
func (r *rig) successor(t *testing.T, others []*replica, failed time.Time) (next *replica, at time.Time) {
	t.Helper()
	kubetest.Eventually(t, limit, func() (err error) {
		for _, next = range others {
			if err = r.acquired(t, next.user, failed, &at); err == nil {
				return nil
			}
		}
		return err
	})
	return next, at
}

// check waits until the fleet is in sync, and checks that the successor started in time, that
// the leader wrote nothing after the successor had the lease, and that nothing was created
// twice, left over, or lost.
func (r *rig) check(t *testing.T, leader, next *replica, failed, acquired time.Time) {
	t.Helper()
	kubetest.Eventually(t, limit, func() error { return r.inSync(t, "web", count) })
	var first time.Time
	for _, w := range r.site.log() {
		if w.replica == leader.name && w.received.After(acquired) {
			t.Errorf("%s sent %s %s %s after %s had its lease", w.replica, w.method, w.path, w.received.Sub(acquired), next.name)
		}
		if w.replica == next.name && (first.IsZero() || w.received.Before(first)) {
			first = w.received
		}
	}
	if took := first.Sub(failed); first.IsZero() || took > bound {
		t.Errorf("%s wrote %s after the failure", next.name, took)
	}
	for _, q := range r.env.Requests(t) {
		if q.User == leader.user && q.Writes() && q.Resource != "leases" && q.Code < 300 && q.Received.After(acquired) {
			t.Errorf("%s sent %s %s after %s had its lease", leader.name, q.Verb, q.URI, next.name)
		}
	}
	r.checkFleet(t)
}

// checkFleet fails the test if a sandbox was created twice, is not declared, or lacks a label.
func (r *rig) checkFleet(t *testing.T) {
	t.Helper()
	for name, n := range r.created() {
		if n > 1 {
			t.Errorf("%s was created %d times", name, n)
		}
	}
	found := map[string]bool{}
	for _, s := range r.site.sandboxes(t) {
		if found[s.Name] || s.Labels["team"] != "b" || s.Labels["fleet-name"] != "web" {
			t.Errorf("sandbox %q has the labels %v; found before: %t", s.Name, s.Labels, found[s.Name])
		}
		found[s.Name] = true
	}
	for i := range count {
		if name := fmt.Sprint("web-", i); !found[name] {
			t.Errorf("%s is missing", name)
		}
	}
	if len(found) != count {
		t.Errorf("%d sandboxes, want %d", len(found), count)
	}
}

// A leader that is killed as it creates sandboxes: another continues.
func TestKilled(t *testing.T) {
	t.Parallel()
	r := newRig(t, 1)
	leader, others := busy(t, r)
	failed := time.Now()
	leader.Signal(t, syscall.SIGKILL)
	r.fleet(t, "web", count, "b")
	next, acquired := r.successor(t, others, failed)
	r.check(t, leader, next, failed, acquired)
}

// A leader that is frozen as it creates sandboxes, and thawed as another has its lease, sends
// nothing more and ends.
func TestFrozen(t *testing.T) {
	t.Parallel()
	r := newRig(t, 1)
	leader, others := busy(t, r)
	failed := time.Now()
	leader.Signal(t, syscall.SIGSTOP)
	r.fleet(t, "web", count, "b")
	next, acquired := r.successor(t, others, failed)
	leader.Signal(t, syscall.SIGCONT)
	if code := leader.AwaitEnd(t); code != 1 {
		t.Errorf("the thawed replica ended with %d", code)
	}
	r.check(t, leader, next, failed, acquired)
}

// A leader that no longer reaches the API server stops writing to Daytona, which it still
// reaches, before another starts.
func TestCutOff(t *testing.T) {
	t.Parallel()
	r := newRig(t, 1)
	leader, others := busy(t, r)
	failed := time.Now()
	leader.network.Set(true, 0)
	r.fleet(t, "web", count, "b")
	next, acquired := r.successor(t, others, failed)
	if code := leader.AwaitEnd(t); code != 1 {
		t.Errorf("the replica that was cut off ended with %d", code)
	}
	leader.network.Set(false, 0)
	r.check(t, leader, next, failed, acquired)
}

// A leader that is stopped in order hands its fleets over within seconds.
func TestStopped(t *testing.T) {
	t.Parallel()
	r := newRig(t, 1)
	leader, others := busy(t, r)
	failed := time.Now()
	leader.Signal(t, syscall.SIGTERM)
	r.fleet(t, "web", count, "b")
	next, acquired := r.successor(t, others, failed)
	if code := leader.AwaitEnd(t); code != 0 {
		t.Errorf("an orderly end has the code %d", code)
	}
	r.check(t, leader, next, failed, acquired)
}
