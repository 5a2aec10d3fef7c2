package controller

import (
	"context"
	"encoding/json"
	"fmt"

	"k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"fleet/operator/api/v1alpha1"
	"fleet/operator/internal/session"
)

// report sets the status to the outcome, and reports what is new as events.
func (w *work) report(ctx context.Context) {
	s := &w.fleet.Status
	s.ObservedGeneration = w.fleet.Generation
	if r := w.outcome.result; r != nil {
		w.setResult(r)
		if r.Done > 0 && r.Left() == 0 {
			_, _ = w.entry.store.setPlan(ctx, "") // otherwise it is removed by a later pass
		}
	}
	if w.outcome.result != nil || session.IsRefused(w.outcome.err) { // the fleet was compared
		s.HandledReconcileAt = w.fleet.Annotations[v1alpha1.ReconcileAnnotation]
	}
	setConditions(s, conditionsOf(&w.outcome), w.fleet.Generation, metav1.NewTime(w.now()))
	w.reportEvents()
}

// announce writes a first status, so that what waits for the object does not take it for
// current while a slow server is asked.
func (w *work) announce(ctx context.Context) error {
	if len(w.fleet.Status.Conditions) > 0 {
		return nil
	}
	w.fleet.Status.ObservedGeneration = w.fleet.Generation
	setConditions(&w.fleet.Status, conditionsOf(&outcome{}), w.fleet.Generation, metav1.NewTime(w.now()))
	return w.writeStatus(ctx)
}

// setResult sets what a pass found.
func (w *work) setResult(r *session.Result) {
	s := &w.fleet.Status
	s.Sandboxes = fmt.Sprintf("%d/%d", r.AsWanted, r.Wanted)
	s.Objects = nil
	for _, c := range r.Objects {
		s.Objects = append(s.Objects, v1alpha1.ObjectCount{Kind: c.Kind, State: c.State, Count: int32(c.Count)})
	}
	at := metav1.NewTime(r.At.Truncate(0).UTC())
	if s.LastComparison == nil || r.Changes > 0 || at.Sub(s.LastComparison.Time) >= comparisonSteps {
		s.LastComparison = &at
	}
	s.Plan = planStatus(r, s.Plan)
}

// comparisonSteps is the least time between two values of lastComparison when nothing
// changes: each costs a write.
const comparisonSteps = pushedInterval / 4

const noChanges = "Nothing is to be changed."

// planStatus returns the summary of a plan.
func planStatus(r *session.Result, before *v1alpha1.PlanStatus) *v1alpha1.PlanStatus {
	if r.Left() == 0 {
		return &v1alpha1.PlanStatus{Summary: noChanges}
	}
	p := &v1alpha1.PlanStatus{Digest: r.Digest, Changes: int32(r.Changes), Summary: r.Summary, Needs: r.Needs}
	for _, x := range r.Waiting {
		p.Blocked += int32(x.Count)
	}
	if before != nil {
		p.ConfigMap = before.ConfigMap
	}
	return p
}

// begin shows a plan before it is applied. What cannot be written now is written at the
// end of the pass.
func (w *work) begin(ctx context.Context, r *session.Result) {
	w.fleet.Status.Plan = planStatus(r, w.fleet.Status.Plan)
	name, err := w.entry.store.setPlan(ctx, r.Text)
	if err == nil {
		w.fleet.Status.Plan.ConfigMap = name
	}
	w.reportPlan(r)
	if !r.Runs {
		return
	}
	running := w.outcome
	running.result = r
	setConditions(&w.fleet.Status, conditionsOfRun(&running, w.fleet.Status.Conditions), w.fleet.Generation, metav1.NewTime(w.now()))
	w.fleet.Status.ObservedGeneration = w.fleet.Generation
	_ = w.writeStatus(ctx)
}

// writeStatus writes the status if it has changed. It is not written to another object of
// the same name.
func (w *work) writeStatus(ctx context.Context) error {
	if equality.Semantic.DeepEqual(w.before, &w.fleet.Status) {
		return nil
	}
	patch, err := statusPatch(w.fleet)
	if err != nil {
		return err
	}
	if err := w.Client.Status().Patch(ctx, w.fleet.DeepCopy(), patch, client.FieldOwner(FieldManager)); err != nil {
		return w.ignoreGone(ctx, err)
	}
	// The version that was read stays: a later write with a lock must fail if a user has
	// changed the object since.
	w.before = w.fleet.Status.DeepCopy()
	return nil
}

// statusPatch returns the patch that sets the status of an object with its uid. The API
// server compares the uid only if it is tested.
func statusPatch(f *v1alpha1.Fleet) (client.Patch, error) {
	data, err := json.Marshal([]struct {
		Op    string `json:"op"`
		Path  string `json:"path"`
		Value any    `json:"value"`
	}{
		{"test", "/metadata/uid", f.UID},
		{"add", "/status", f.Status},
	})
	return client.RawPatch(types.JSONPatchType, data), err
}

// ignoreGone returns nil for an error of a write to an object that no longer exists.
func (w *work) ignoreGone(ctx context.Context, err error) error {
	now := &v1alpha1.Fleet{}
	if apierrors.IsInvalid(err) && w.Reader.Get(ctx, client.ObjectKeyFromObject(w.fleet), now) == nil && now.UID != w.fleet.UID {
		return nil
	}
	return client.IgnoreNotFound(err)
}
