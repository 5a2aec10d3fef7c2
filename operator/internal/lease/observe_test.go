package lease

import (
	"testing"
	"time"

	coordinationv1 "k8s.io/api/coordination/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// leased returns a lease of two shards as it is stored.
func leased(name, version, holder string, seconds int32) coordinationv1.Lease {
	l := coordinationv1.Lease{ObjectMeta: metav1.ObjectMeta{Name: name, ResourceVersion: version}}
	setShards(&l, 2)
	l.Spec.HolderIdentity, l.Spec.LeaseDurationSeconds = &holder, &seconds
	return l
}

func TestFree(t *testing.T) {
	cleared := leased("x-0", "1", "", 15)
	bare := coordinationv1.Lease{ObjectMeta: metav1.ObjectMeta{Name: "x-0"}}
	for _, c := range []struct {
		name  string
		lease coordinationv1.Lease
		after time.Duration
		free  bool
	}{
		{"held", leased("x-0", "1", "a", 15), LeaseDuration - 1, false},
		{"expired", leased("x-0", "1", "a", 15), LeaseDuration, true},
		{"released", leased("x-0", "1", "", 1), 0, true},
		{"cleared by a user", cleared, LeaseDuration - 1, false},
		{"cleared by a user, expired", cleared, LeaseDuration, true},
		{"shortened by a user", leased("x-0", "1", "a", 1), LeaseDuration - 1, false},
		{"longer", leased("x-0", "1", "a", 60), time.Minute - 1, false},
		{"without a spec", bare, LeaseDuration - 1, false},
	} {
		seen := observations(nil).update([]coordinationv1.Lease{c.lease}, time.Hour)
		if free := seen["x-0"].free(time.Hour + c.after); free != c.free {
			t.Errorf("%s: free is %t", c.name, free)
		}
	}
}

// A lease expires LeaseDuration after its last change was seen, and a list that shows no
// change does not prolong it.
func TestObservationsAge(t *testing.T) {
	list := []coordinationv1.Lease{leased("x-0", "1", "a", 15)}
	seen := observations(nil).update(list, 0)
	seen = seen.update(list, 10*time.Second)
	if !seen["x-0"].free(LeaseDuration) {
		t.Error("the lease has not expired")
	}
	seen = seen.update([]coordinationv1.Lease{leased("x-0", "2", "a", 15)}, 14*time.Second)
	if seen["x-0"].free(LeaseDuration) {
		t.Error("the renewed lease has expired")
	}
}

func TestView(t *testing.T) {
	other := leased("x-5", "1", "old", 15)
	setShards(&other, 6)
	list := []coordinationv1.Lease{
		leased("x-0", "1", "a", 15),
		leased("x-1", "1", "", 15),
		leased("x-member-abc", "1", "b", 15),
	}
	v, mixed := observations(nil).update(list, 0).view("x", 2, 0)
	if mixed || len(v.holders) != 2 || v.holders[0] != "a" || v.holders[1] != "" || len(v.members) != 2 || !v.members["a"] || !v.members["b"] {
		t.Errorf("%+v, %t", v, mixed)
	}
	seen := observations(nil).update(append(list, other), 0)
	if _, mixed := seen.view("x", 2, 0); !mixed {
		t.Error("a lease of another number of shards is not seen")
	}
	if v, mixed := seen.view("x", 2, LeaseDuration); mixed || len(v.holders)+len(v.members) != 0 {
		t.Errorf("of leases that expired: %+v, %t", v, mixed)
	}
}

func TestNames(t *testing.T) {
	for name, want := range map[string]int{"x-0": 0, "x-12": 12, "x-01": -1, "x--1": -1, "x-member-1": -1, "y-0": -1, "x": -1} {
		got, ok := names("x").shardOf(name)
		if ok != (want >= 0) || ok && got != want {
			t.Errorf("%s: %d, %t", name, got, ok)
		}
	}
}
