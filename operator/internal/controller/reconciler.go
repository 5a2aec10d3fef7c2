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
	"fleet/operator/internal/organization"
	"fleet/operator/internal/source"
)

// An Owner knows which fleets this replica is responsible for.
type Owner interface {
	// Begin starts work for a fleet, and reports whether this replica is responsible for
	// it. The context carries the fence of all writing requests. It ends when the fleet is
	// to be given up: nothing more is started then, and done is called soon.
	Begin(ctx context.Context, namespace, name string) (work context.Context, done func(), ok bool)
}

// FieldManager is the name by which the API server knows the fields of the operator.
const FieldManager = "fleet-operator"

// A Reconciler reconciles Fleet objects. All fields except Namespaces and Now are required.
type Reconciler struct {
	Client        client.Client // reads from the cache
	Reader        client.Reader // reads from the API server
	Recorder      events.EventRecorder
	Organizations *organization.Registry
	Loader        *source.Loader
	Owner         Owner
	Namespaces    []string         // whose objects are reconciled; none means all
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
	ctx, done, ok := r.Owner.Begin(ctx, f.Namespace, f.Name)
	if !ok {
		r.sessions.remove(req.NamespacedName)
		return ctrl.Result{}, nil
	}
	defer done()
	e, err := r.sessions.open(ctx, r, f)
	if err != nil {
		return ctrl.Result{}, r.showUnopened(ctx, f, err)
	}
	interrupted, end := e.begin(ctx, orderOf(f))
	defer end()
	if current, err := r.isCurrent(ctx, f); !current {
		return requeueAfter(shortest), err
	}
	w := &work{Reconciler: r, entry: e, fleet: f, before: f.Status.DeepCopy(), ref: referenceTo(f), interrupted: interrupted}
	result, err := w.do(ctx)
	if err != nil && ctx.Err() != nil { // the fleet was given up: another replica continues
		return ctrl.Result{}, nil
	}
	return result, err
}

// isCurrent reports whether an object that was read is still the same and asks for the same.
// Later changes interrupt the reconciliation, which is registered by now.
func (r *Reconciler) isCurrent(ctx context.Context, f *v1alpha1.Fleet) (bool, error) {
	now := &v1alpha1.Fleet{}
	err := r.Client.Get(ctx, client.ObjectKeyFromObject(f), now)
	return err == nil && now.UID == f.UID && orderOf(now) == orderOf(f), client.IgnoreNotFound(err)
}

func (r *Reconciler) now() time.Time {
	if r.Now == nil {
		return time.Now()
	}
	return r.Now()
}

// Resume reconciles the fleets that concerned reports, after this replica has become
// responsible for them.
func (r *Reconciler) Resume(ctx context.Context, concerned func(namespace, name string) bool) error {
	list := &v1alpha1.FleetList{}
	if err := r.Client.List(ctx, list); err != nil {
		return err
	}
	for i := range list.Items {
		if f := &list.Items[i]; concerned(f.Namespace, f.Name) {
			r.wakeups.resync(client.ObjectKeyFromObject(f))
		}
	}
	return nil
}

// Close ends all connections. It must be called after the last Reconcile.
func (r *Reconciler) Close() { r.sessions.closeAll() }

// referenceTo returns a reference to an object, for events. It names no version: all events
// of one kind are counted together.
func referenceTo(f *v1alpha1.Fleet) *corev1.ObjectReference {
	return &corev1.ObjectReference{
		APIVersion: v1alpha1.GroupVersion.String(), Kind: "Fleet", Namespace: f.Namespace, Name: f.Name, UID: f.UID,
	}
}
