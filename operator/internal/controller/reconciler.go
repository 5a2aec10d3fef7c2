package controller

import (
	"context"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/client-go/tools/events"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"fleet/operator/api/v1alpha1"
	"fleet/operator/internal/fence"
	"fleet/operator/internal/organization"
	"fleet/operator/internal/source"
)

// An Owner knows which fleets this replica is responsible for.
type Owner interface {
	// Holds returns the fence for the writing requests of a fleet, and whether this
	// replica is responsible for it.
	Holds(namespace, name string) (fence.Checker, bool)
}

// FieldManager is the name by which the API server knows the fields of the operator.
const FieldManager = "fleet-operator"

// A Reconciler reconciles Fleet objects. All fields except Now are required.
type Reconciler struct {
	Client        client.Client // reads from the cache
	Reader        client.Reader // reads from the API server
	Recorder      events.EventRecorder
	Organizations *organization.Registry
	Loader        *source.Loader
	Owner         Owner
	Version       string           // of the operator
	Now           func() time.Time // nil means time.Now

	sessions sessions
	wakeups  wakeups
}

// Reconcile implements reconcile.Reconciler.
func (r *Reconciler) Reconcile(ctx context.Context, req ctrl.Request) (ctrl.Result, error) {
	f := &v1alpha1.Fleet{}
	err := r.Client.Get(ctx, req.NamespacedName, f)
	if apierrors.IsNotFound(err) {
		r.sessions.remove(req.NamespacedName)
		return ctrl.Result{}, nil
	}
	if err != nil {
		return ctrl.Result{}, err
	}
	checker, ok := r.Owner.Holds(f.Namespace, f.Name)
	if !ok {
		r.sessions.remove(req.NamespacedName)
		return ctrl.Result{}, nil
	}
	ctx = fence.NewContext(ctx, checker)
	e, err := r.sessions.open(ctx, r, f)
	if err != nil {
		return ctrl.Result{}, err
	}
	w := &work{Reconciler: r, entry: e, fleet: f, before: f.Status.DeepCopy(), ref: referenceTo(f)}
	return w.do(ctx)
}

func (r *Reconciler) now() time.Time {
	if r.Now == nil {
		return time.Now()
	}
	return r.Now()
}

// Release ends the work on fleets that this replica is no longer responsible for, and
// returns when none of their requests is in flight. Steps that have started may finish
// until ctx ends.
func (r *Reconciler) Release(ctx context.Context, concerned func(namespace, name string) bool) {
	r.sessions.release(ctx, concerned)
}

// referenceTo returns a reference to an object, for events. It names no version: all events
// of one kind are counted together.
func referenceTo(f *v1alpha1.Fleet) *corev1.ObjectReference {
	return &corev1.ObjectReference{
		APIVersion: v1alpha1.GroupVersion.String(), Kind: "Fleet", Namespace: f.Namespace, Name: f.Name, UID: f.UID,
	}
}
