package controller

import (
	"context"
	"errors"

	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"fleet/internal/foreign"
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

// passes reports whether an error of the API server usually passes.
func passes(err error) bool {
	return apierrors.IsTimeout(err) || apierrors.IsServerTimeout(err) || apierrors.IsTooManyRequests(err) ||
		apierrors.IsServiceUnavailable(err) || apierrors.IsInternalError(err)
}
