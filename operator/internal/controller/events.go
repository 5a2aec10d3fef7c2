package controller

import (
	"fmt"

	corev1 "k8s.io/api/core/v1"

	"fleet/operator/api/v1alpha1"
	"fleet/operator/internal/session"
	"fleet/plan"
)

// maxNote is the number of bytes of the longest note of an event: the API server refuses
// 1,024 and more.
const maxNote = 1000

// event records an event of the object.
func (w *work) event(kind, reason, action, note string) {
	w.Recorder.Eventf(w.ref, nil, kind, reason, action, "%s", cut(note, maxNote))
}

// reportPlan reports a plan that differs from the last one.
func (w *work) reportPlan(r *session.Result) {
	if r.Digest != "" && (w.before.Plan == nil || w.before.Plan.Digest != r.Digest) {
		w.event(corev1.EventTypeNormal, v1alpha1.ReasonPlanned, "Plan", r.Summary)
	}
}

// reportEvents reports what is new in the outcome.
func (w *work) reportEvents() {
	o := &w.outcome
	if r := o.result; r != nil {
		if r.Done > 0 {
			w.event(corev1.EventTypeNormal, "Applied", "Apply", fmt.Sprintf("%s done. %s", plan.Plural(r.Done, "step is", "steps are"), r.Summary))
		}
		for i, f := range r.Failures {
			if i == maxListed {
				break
			}
			w.event(corev1.EventTypeWarning, v1alpha1.ReasonFailed, "Apply", f.Action+" of "+f.Address+" failed: "+f.Text)
		}
	}
	for _, kind := range []string{v1alpha1.Stalled, v1alpha1.Blocked, v1alpha1.Degraded} {
		w.reportCondition(kind)
	}
}

// reportCondition reports a condition that has become True, or has another message.
func (w *work) reportCondition(kind string) {
	now, before := find(w.fleet.Status.Conditions, kind), find(w.before.Conditions, kind)
	if now == nil || now.Status != "True" || now.Reason == v1alpha1.ReasonFailed {
		return
	}
	if before == nil || before.Status != now.Status || before.Reason != now.Reason || before.Message != now.Message {
		w.event(corev1.EventTypeWarning, now.Reason, actions[kind], now.Message)
	}
}

// actions are what the operator did when it found a condition.
var actions = map[string]string{v1alpha1.Stalled: "Load", v1alpha1.Blocked: "Plan", v1alpha1.Degraded: "Compare"}
