package controller

import (
	"slices"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"fleet/operator/api/v1alpha1"
)

// claimant returns an object that declares a fleet, some seconds after the first object.
func claimant(uid types.UID, seconds int, deleted bool) v1alpha1.Fleet {
	at := metav1.NewTime(time.Unix(int64(seconds), 0))
	f := v1alpha1.Fleet{ObjectMeta: metav1.ObjectMeta{Name: string(uid), UID: uid, CreationTimestamp: at}}
	f.Status = v1alpha1.FleetStatus{Server: "s", Organization: "o", Fleet: "web"}
	if deleted {
		f.DeletionTimestamp = &at
	}
	return f
}

// TestYields: of objects that declare one fleet and are deleted, only the oldest deletes the
// fleet, and none does while another one stays. The order of the list does not matter.
func TestYields(t *testing.T) {
	for name, test := range map[string]struct {
		all  []v1alpha1.Fleet // the objects; the first is reconciled
		want bool
	}{
		"alone":                       {[]v1alpha1.Fleet{claimant("a", 0, true)}, false},
		"oldest":                      {[]v1alpha1.Fleet{claimant("a", 0, true), claimant("b", 1, true), claimant("c", 2, true)}, false},
		"in the middle":               {[]v1alpha1.Fleet{claimant("b", 1, true), claimant("a", 0, true), claimant("c", 2, true)}, true},
		"oldest of those deleted":     {[]v1alpha1.Fleet{claimant("a", 0, true), claimant("b", 1, true), claimant("c", 2, false)}, true},
		"an older one stays":          {[]v1alpha1.Fleet{claimant("b", 1, true), claimant("c", 2, true), claimant("a", 0, false)}, true},
		"the same second":             {[]v1alpha1.Fleet{claimant("a", 0, true), claimant("b", 0, true), claimant("c", 0, true)}, false},
		"the same second, and a uid":  {[]v1alpha1.Fleet{claimant("b", 0, true), claimant("c", 0, true), claimant("a", 0, true)}, true},
		"the same second, one stays":  {[]v1alpha1.Fleet{claimant("a", 0, true), claimant("b", 0, true), claimant("c", 0, false)}, true},
		"only others stay":            {[]v1alpha1.Fleet{claimant("a", 0, true), other(claimant("b", 0, false))}, false},
		"another one deletes its own": {[]v1alpha1.Fleet{claimant("b", 1, true), other(claimant("a", 0, true))}, false},
	} {
		w := &work{fleet: &test.all[0]}
		for range test.all {
			test.all = append(test.all[1:len(test.all):len(test.all)], test.all[0])
			rivals, err := w.rivalsIn(&v1alpha1.FleetList{Items: test.all}, nil)
			must(t, err)
			if got := slices.ContainsFunc(rivals, w.yieldsTo); got != test.want {
				t.Errorf("%s: yields is %t", name, got)
			}
			if !slices.IsSortedFunc(rivals, compareAge) {
				t.Errorf("%s: the first of the rivals depends on the order of the list", name)
			}
		}
	}
}

// other returns an object that declares another fleet.
func other(f v1alpha1.Fleet) v1alpha1.Fleet {
	f.Status.Fleet = "db"
	return f
}

// TestDeletedDuplicates: objects that are deleted while another one declares their fleet
// delete nothing, regardless of the order in which the cache lists them.
func TestDeletedDuplicates(t *testing.T) {
	l := newLab(t)
	del := func(f *v1alpha1.Fleet) { f.Spec.DeletionPolicy = v1alpha1.DeletionDelete }
	for _, name := range []string{"stays", "a", "b", "c"} {
		l.create(name, del)
		l.pass(name)
		l.settle(name)
	}
	var deleted []*v1alpha1.Fleet
	for _, name := range []string{"a", "b", "c"} {
		l.remove(name)
		deleted = append(deleted, l.live(name))
	}
	slices.SortFunc(deleted, compareAge)
	l.r.Client = &spiedClient{Client: l.r.Client, listed: func(list client.ObjectList) {
		slices.SortFunc(list.(*v1alpha1.FleetList).Items, staysLast)
	}}
	for _, f := range deleted {
		if _, err := l.r.Reconcile(t.Context(), ctrl.Request{NamespacedName: l.key(f.Name)}); err != nil {
			t.Error(err)
		}
		if n := l.started(); n != 1 {
			t.Fatalf("%d sandboxes are left of the fleet that an object declares", n)
		}
	}
	if l.pass("stays"); l.ready() != 1 {
		t.Errorf("%d objects are ready", l.ready())
	}
}

// staysLast orders objects: first those that are deleted, and of them the youngest first.
func staysLast(a, b v1alpha1.Fleet) int {
	switch {
	case (a.DeletionTimestamp == nil) == (b.DeletionTimestamp == nil):
		return -compareAge(&a, &b)
	case a.DeletionTimestamp == nil:
		return 1
	}
	return -1
}
