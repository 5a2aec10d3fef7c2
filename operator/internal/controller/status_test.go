package controller

import (
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"fleet/operator/api/v1alpha1"
)

// TestStatusOfAnotherObject: a pass of a deleted object writes nothing to an object of the
// same name that was created meanwhile.
func TestStatusOfAnotherObject(t *testing.T) {
	l := newLab(t)
	l.create("a", nil)
	w := &work{Reconciler: l.r, fleet: l.live("a"), before: &v1alpha1.FleetStatus{}}
	l.remove("a")
	l.create("a", nil)
	setConditions(&w.fleet.Status, conditionsOf(&outcome{}), w.fleet.Generation, metav1.Now())
	if err := w.writeStatus(t.Context()); err != nil {
		t.Errorf("the object is gone, which is no error: %v", err)
	}
	if f := l.live("a"); len(f.Status.Conditions) > 0 {
		t.Errorf("an object that was not reconciled has the status %+v", f.Status)
	}
	w = &work{Reconciler: l.r, fleet: l.live("a"), before: &v1alpha1.FleetStatus{}}
	must(t, w.announce(t.Context()))
	if reason(l.live("a"), v1alpha1.Ready) != v1alpha1.ReasonUnknown {
		t.Error("the status of the object itself is not written")
	}
}
