package controller

import (
	"context"
	"errors"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"

	"fleet/internal/watch/policy"
	"fleet/operator/api/v1alpha1"
	"fleet/operator/internal/organization"
	"fleet/operator/internal/session"
	"fleet/operator/internal/source"
)

// work is one reconciliation of one object.
type work struct {
	*Reconciler
	entry  *entry
	fleet  *v1alpha1.Fleet
	before *v1alpha1.FleetStatus
	ref    *corev1.ObjectReference

	interrupted <-chan struct{} // closed when the object asks for something else; nil for never

	outcome outcome
}

// An outcome is what a reconciliation found. Its zero value is that nothing was done.
type outcome struct {
	suspended bool
	problem   *source.Problem // what a user has to change; nil for nothing
	err       error           // of the server, or of a plan that cannot succeed
	taken     string          // what declares the same fleet, for a message; empty for nothing
	yields    bool            // the object is deleted, and its fleet is another object's
	dryRun    bool
	destroys  bool // the object is deleted, and its fleet with it
	result    *session.Result
}

// do reconciles the object.
func (w *work) do(ctx context.Context) (ctrl.Result, error) {
	if done, err := w.prepare(ctx); done || err != nil {
		return ctrl.Result{}, w.show(ctx, err)
	}
	if err := w.announce(ctx); err != nil {
		return ctrl.Result{}, err
	}
	switch err := w.compare(ctx); {
	case errors.Is(err, organization.ErrBusy):
		return w.whenBusy(), nil
	case err != nil:
		return ctrl.Result{}, w.show(ctx, err)
	}
	if w.isInterrupted() && w.outcome.result == nil {
		return requeueAfter(shortest), nil // nothing was done: the status is that of the former pass
	}
	if w.outcome.yields {
		return ctrl.Result{}, w.show(ctx, w.finish(ctx, "Orphaned", "The object was deleted, and its fleet kept: another object declares it."))
	}
	if w.outcome.destroys && w.isGone() {
		return ctrl.Result{}, w.show(ctx, w.finish(ctx, "Deleted", "The fleet was deleted."))
	}
	w.report(ctx)
	if err := w.writeStatus(ctx); err != nil {
		return ctrl.Result{}, err
	}
	return w.requeue(), nil
}

// isInterrupted reports whether the object asks for something else than when it was read.
func (w *work) isInterrupted() bool {
	select {
	case <-w.interrupted:
		return true
	default:
		return false
	}
}

// prepare handles what needs no server: the finalizer, and objects that are deleted
// without their fleet. done means that nothing is left to do.
func (w *work) prepare(ctx context.Context) (done bool, err error) {
	deletes := w.fleet.Spec.DeletionPolicy == v1alpha1.DeletionDelete
	has := controllerutil.ContainsFinalizer(w.fleet, v1alpha1.Finalizer)
	switch {
	case w.fleet.DeletionTimestamp != nil && !has:
		w.sessions.remove(client.ObjectKeyFromObject(w.fleet))
		return true, nil
	case w.fleet.DeletionTimestamp != nil && !deletes:
		return true, w.finish(ctx, "Orphaned", "The object was deleted, and its fleet kept.")
	case w.fleet.DeletionTimestamp == nil && deletes != has:
		return false, w.setFinalizer(ctx, deletes)
	}
	w.outcome.destroys = w.fleet.DeletionTimestamp != nil
	return false, nil
}

// setFinalizer adds or removes the finalizer.
func (w *work) setFinalizer(ctx context.Context, on bool) error {
	patch := client.MergeFromWithOptions(w.fleet.DeepCopy(), client.MergeFromWithOptimisticLock{})
	if on {
		controllerutil.AddFinalizer(w.fleet, v1alpha1.Finalizer)
	} else {
		controllerutil.RemoveFinalizer(w.fleet, v1alpha1.Finalizer)
	}
	return w.Client.Patch(ctx, w.fleet, patch, client.FieldOwner(FieldManager))
}

// finish lets an object go.
func (w *work) finish(ctx context.Context, reason, note string) error {
	if err := w.setFinalizer(ctx, false); err != nil {
		return client.IgnoreNotFound(err)
	}
	w.event(corev1.EventTypeNormal, reason, "Delete", note)
	w.sessions.remove(client.ObjectKeyFromObject(w.fleet))
	return nil
}

// isGone reports whether nothing of the fleet is left to delete.
func (w *work) isGone() bool { return w.outcome.result != nil && w.outcome.result.InSync() }

// compare compares the fleet with the server, and changes it.
func (w *work) compare(ctx context.Context) error {
	if w.fleet.Spec.Suspend {
		w.outcome.suspended = true
		return nil
	}
	if err := w.load(ctx); err != nil {
		return err
	}
	if w.entry.session.Fleet() == nil {
		return nil
	}
	rivals, err := w.claim(ctx)
	if refused := (*session.Error)(nil); errors.As(err, &refused) {
		w.fail(refused)
		return nil
	}
	switch {
	case err != nil:
		return err
	case len(rivals) == 0:
		return w.pass(ctx)
	case !w.outcome.destroys:
		w.outcome.taken = w.rivalName(rivals[0])
	case slices.ContainsFunc(rivals, w.yieldsTo):
		w.outcome.yields = true
	default:
		return w.pass(ctx)
	}
	return nil
}

// load reads the spec. If it is not valid, the last valid one stays in use.
func (w *work) load(ctx context.Context) error {
	in, err := w.Loader.Load(ctx, w.fleet, w.entry.session.Input())
	if p := (*source.Problem)(nil); errors.As(err, &p) {
		w.outcome.problem = p
		return nil
	}
	if gone := (*source.UnavailableError)(nil); errors.As(err, &gone) {
		w.fail(gone)
		return nil
	}
	if err != nil {
		return err
	}
	return w.entry.session.Use(in)
}

// pass makes a pass of the session.
func (w *work) pass(ctx context.Context) error {
	if w.isInterrupted() {
		return nil
	}
	order := session.Order{
		Policy:       policy.Policy{Mode: w.mode()},
		AllowDestroy: int(w.fleet.Spec.AllowDestroy),
		Destroy:      w.outcome.destroys,
		Approve:      w.fleet.Annotations[v1alpha1.ApproveAnnotation],
		MaxAge:       w.maxAge(),
		Urgent:       w.isNew(),
		OnApproved:   w.takeApproval,
		OnPlan:       func(r *session.Result) { w.begin(ctx, r) },
		Stop:         ctx.Done(),
		Closing:      w.interrupted,
		Version:      w.Version,
	}
	// Steps that have started may finish when the fleet is given up.
	result, err := w.entry.session.Pass(context.WithoutCancel(ctx), order)
	if err != nil {
		return w.passError(err)
	}
	if w.outcome.err == nil {
		w.entry.failures = 0
	}
	w.outcome.result = result
	return nil
}

// passError records an error of a pass, or returns it if it is one of Kubernetes.
func (w *work) passError(err error) error {
	if refused := (*session.Error)(nil); errors.As(err, &refused) || session.IsRefused(err) {
		w.fail(err)
		return nil
	}
	return err
}

// fail records that a pass failed as a whole.
func (w *work) fail(err error) {
	w.entry.failures++
	w.outcome.err = err
}

// isNew reports whether the pass is for more than to compare the fleet again, or to try
// again what failed: those do not occupy a worker while another fleet makes the listing.
func (w *work) isNew() bool {
	ready := find(w.fleet.Status.Conditions, v1alpha1.Ready)
	if ready == nil || ready.ObservedGeneration != w.fleet.Generation || w.outcome.destroys || w.maxAge() == 0 {
		return true
	}
	return ready.Status != metav1.ConditionTrue && w.entry.failures == 0
}

// mode returns the mode of the pass. The deletion of a fleet is a request of its own.
func (w *work) mode() policy.Mode {
	switch w.outcome.dryRun = w.fleet.Annotations[v1alpha1.DryRunAnnotation] == "true"; {
	case w.outcome.dryRun:
		return policy.Observe
	case w.outcome.destroys:
		return policy.Enforce
	}
	return policy.Mode(w.fleet.Spec.Mode)
}

// takeApproval removes the approval of a plan, which counts once.
func (w *work) takeApproval(ctx context.Context) error {
	patch := client.MergeFromWithOptions(w.fleet.DeepCopy(), client.MergeFromWithOptimisticLock{})
	delete(w.fleet.Annotations, v1alpha1.ApproveAnnotation)
	if err := w.Client.Patch(ctx, w.fleet, patch, client.FieldOwner(FieldManager)); err != nil {
		return err
	}
	w.event(corev1.EventTypeNormal, "Approved", "Apply", "The approved plan is applied.")
	return nil
}

// Times between two comparisons with the server.
const (
	pushedInterval  = time.Hour       // while the platform's events are received
	polledInterval  = 5 * time.Minute // otherwise
	shortestElapsed = time.Second     // by which a listing may be younger than the interval
)

// interval returns the longest time between two comparisons with the server.
func (w *work) interval() time.Duration {
	if d, err := time.ParseDuration(w.fleet.Spec.Interval); err == nil && d > 0 {
		return d
	}
	if w.entry.session.Input() != nil && w.entry.session.Connected() {
		return pushedInterval
	}
	return polledInterval
}

// maxAge returns the age of the oldest listing that the pass may use.
func (w *work) maxAge() time.Duration {
	if at := w.fleet.Annotations[v1alpha1.ReconcileAnnotation]; at != w.fleet.Status.HandledReconcileAt {
		return 0
	}
	return w.interval() - shortestElapsed
}
