package controller

import (
	"context"
	"errors"

	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"fleet/internal/foreign"
	"fleet/operator/api/v1alpha1"
)

// A clusterError is why the operator could not do its work in the cluster. Its text is
// escaped.
type clusterError struct{ text string }

func (e *clusterError) Error() string { return e.text }

// maxPassing is the number of attempts from which on an error that usually passes is shown.
const maxPassing = 3

// show shows an error of Kubernetes or of the disk in the status, and returns it. An object
// that was changed meanwhile, or that is given up, is tried again without a word.
func (w *work) show(ctx context.Context, err error) error {
	if err == nil || ctx.Err() != nil || apierrors.IsConflict(err) || errors.Is(err, context.Canceled) {
		return err
	}
	w.fail(&clusterError{foreign.Escape(err.Error())})
	if passes(err) && w.entry.failures < maxPassing {
		return err
	}
	w.report(ctx)
	_ = w.writeStatus(ctx) // the error that is returned is the first one
	return err
}

// showUnopened is show for an object whose entry could not be made.
func (r *Reconciler) showUnopened(ctx context.Context, f *v1alpha1.Fleet, err error) error {
	w := &work{Reconciler: r, entry: &entry{}, fleet: f, before: f.Status.DeepCopy(), ref: referenceTo(f)}
	return w.show(ctx, err)
}

// passes reports whether an error of the API server usually passes.
func passes(err error) bool {
	return apierrors.IsTimeout(err) || apierrors.IsServerTimeout(err) || apierrors.IsTooManyRequests(err) ||
		apierrors.IsServiceUnavailable(err) || apierrors.IsInternalError(err)
}
