package controller

import (
	"strings"
	"testing"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	ctrl "sigs.k8s.io/controller-runtime"

	"fleet/operator/api/v1alpha1"
)

// TestDeletionInEachMode: the deletion of a fleet is a request of its own, which no mode
// holds back, and allowDestroy does not. A dry run and spec.suspend delay it, and the message
// names the policy that releases the object.
func TestDeletionInEachMode(t *testing.T) {
	l := newLab(t)
	for _, mode := range []v1alpha1.Mode{v1alpha1.ModeObserve, v1alpha1.ModeRepair, v1alpha1.ModeEnforce} {
		name := "fleet-" + string(mode)
		l.create(name, func(f *v1alpha1.Fleet) { f.Spec.DeletionPolicy = v1alpha1.DeletionDelete })
		l.pass(name)
		l.settle(name)
		l.edit(name, func(f *v1alpha1.Fleet) {
			f.Spec.Mode, f.Annotations = mode, map[string]string{v1alpha1.DryRunAnnotation: "true"}
		})
		l.remove(name)
		if text := find(l.pass(name).Status.Conditions, v1alpha1.Ready).Message; l.started() != 1 || !strings.Contains(text, "Orphan") {
			t.Errorf("%s: dry run: %d sandboxes, %q", mode, l.started(), text)
		}
		l.settle(name)
		l.edit(name, func(f *v1alpha1.Fleet) { f.Annotations, f.Spec.Suspend = nil, true })
		if text := find(l.pass(name).Status.Conditions, v1alpha1.Ready).Message; l.started() != 1 || !strings.Contains(text, "Orphan") {
			t.Errorf("%s: suspended: %d sandboxes, %q", mode, l.started(), text)
		}
		l.settle(name)
		l.edit(name, func(f *v1alpha1.Fleet) { f.Spec.Suspend = false })
		for range 2 { // the finalizer is removed from the version with the status of the first pass
			_, err := l.r.Reconcile(t.Context(), ctrl.Request{NamespacedName: l.key(name)})
			if !apierrors.IsConflict(err) {
				must(t, err)
			}
			l.settle(name)
		}
		if err := l.r.Reader.Get(t.Context(), l.key(name), &v1alpha1.Fleet{}); len(l.boxes()) != 0 || !apierrors.IsNotFound(err) {
			t.Errorf("%s: %d sandboxes are left; the object: %v", mode, len(l.boxes()), err)
		}
	}
}
