package controller

import (
	"cmp"
	"errors"
	"fmt"
	"strings"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"fleet/operator/api/v1alpha1"
	"fleet/operator/internal/session"
	"fleet/operator/internal/source"
	"fleet/plan"
)

// A condition is a condition without its times.
type condition struct {
	kind    string
	is      metav1.ConditionStatus
	reason  string
	message string
}

// maxMessage is the number of bytes of a message.
const maxMessage = 8 << 10

// cut returns the first bytes of a text that is too long.
func cut(text string, limit int) string {
	if len(text) <= limit {
		return text
	}
	return strings.ToValidUTF8(text[:limit], "") + "..."
}

// setConditions sets the conditions of a status, and removes all others.
func setConditions(s *v1alpha1.FleetStatus, list []condition, generation int64, now metav1.Time) {
	keep := map[string]bool{}
	for _, c := range list {
		keep[c.kind] = true
		x := metav1.Condition{Type: c.kind, Status: c.is, Reason: c.reason, Message: cut(c.message, maxMessage), ObservedGeneration: generation, LastTransitionTime: now}
		meta.SetStatusCondition(&s.Conditions, x)
	}
	kept := s.Conditions[:0]
	for _, c := range s.Conditions {
		if keep[c.Type] {
			kept = append(kept, c)
		}
	}
	s.Conditions = kept
}

// conditionsOfRun returns the conditions while the plan of an outcome is applied. A failure
// that the run tries again lasts until it ends, and so does what a user has to change.
func conditionsOfRun(o *outcome, before []metav1.Condition) []condition {
	list := []condition{
		{v1alpha1.Ready, metav1.ConditionFalse, v1alpha1.ReasonApplying, o.result.Summary},
		{v1alpha1.Reconciling, metav1.ConditionTrue, v1alpha1.ReasonApplying, o.result.Summary},
	}
	if reason, message := stalled(o); reason != "" {
		list = []condition{
			{v1alpha1.Ready, metav1.ConditionFalse, reason, message},
			{v1alpha1.Stalled, metav1.ConditionTrue, reason, message},
		}
	}
	planned := condition{v1alpha1.Planned, metav1.ConditionTrue, v1alpha1.ReasonPlanned, o.result.Summary}
	return append(list, degradedInRun(o, before), planned, blocked(o))
}

// degradedInRun returns the condition Degraded while a plan is applied: that of failed steps
// lasts, and that of a server that could not be reached does not.
func degradedInRun(o *outcome, before []metav1.Condition) condition {
	c := find(before, v1alpha1.Degraded)
	if o.err == nil && c != nil && (c.Reason == v1alpha1.ReasonFailed || c.Reason == v1alpha1.ReasonNotStored) {
		return condition{c.Type, c.Status, c.Reason, c.Message}
	}
	return degraded(o)
}

// conditionsOf returns the conditions of an outcome.
func conditionsOf(o *outcome) []condition {
	list := []condition{ready(o)}
	if reason, message := stalled(o); reason != "" {
		list = append(list, condition{v1alpha1.Stalled, metav1.ConditionTrue, reason, message})
	} else if progresses(o) {
		list = append(list, condition{v1alpha1.Reconciling, metav1.ConditionTrue, list[0].reason, list[0].message})
	}
	if o.taken != "" {
		list = append(list, condition{v1alpha1.Blocked, metav1.ConditionTrue, v1alpha1.ReasonTaken, list[0].message})
	}
	list = append(list, degraded(o))
	if r := o.result; r != nil {
		list = append(list, planned(r), blocked(o))
	}
	return list
}

// ready returns whether everything is as the spec wants it.
func ready(o *outcome) condition {
	not := func(reason, message string) condition {
		return condition{v1alpha1.Ready, metav1.ConditionFalse, reason, orOrphan(o, message)}
	}
	if reason, message := stalled(o); reason != "" {
		return condition{v1alpha1.Ready, metav1.ConditionFalse, reason, message}
	}
	switch {
	case o.suspended:
		return not(v1alpha1.ReasonSuspended, "spec.suspend is true; nothing is compared or changed")
	case o.err != nil:
		return not(failureReason(o.err), o.err.Error())
	case o.result == nil:
		return not(v1alpha1.ReasonUnknown, "the fleet was not compared with the server yet")
	case o.result.InSync():
		return condition{v1alpha1.Ready, metav1.ConditionTrue, v1alpha1.ReasonInSync, inSyncText(o.result)}
	case len(o.result.Failures) > 0:
		return not(v1alpha1.ReasonFailed, failuresText(o.result))
	case o.dryRun || allWaitFor(o.result, plan.Mode):
		return not(v1alpha1.ReasonDrifted, o.result.Summary)
	case o.result.Needs != "":
		return not(v1alpha1.ReasonApproval, approvalText(o.result))
	case len(o.result.Waiting) > 0:
		return not(v1alpha1.ReasonWaiting, waitingText(o.result))
	}
	return condition{v1alpha1.Ready, metav1.ConditionFalse, v1alpha1.ReasonApplying, o.result.Summary}
}

// orOrphan returns the message of a condition. If it is why a fleet is not deleted yet, the
// message also names the policy that releases the object.
func orOrphan(o *outcome, message string) string {
	if !o.destroys {
		return message
	}
	const before, after = "the fleet cannot be deleted: ", "; or set spec.deletionPolicy: Orphan to keep it"
	return before + cut(message, maxMessage-len(before)-len(after)-len("...")) + after
}

// stalled returns why trying again cannot help; an empty reason if it can.
func stalled(o *outcome) (reason, message string) {
	if reason, message = stuck(o); reason != "" {
		message = orOrphan(o, message)
	}
	return reason, message
}

// stuck is stalled without what releases an object that is deleted.
func stuck(o *outcome) (reason, message string) {
	refused := (*session.Error)(nil)
	switch {
	case o.problem != nil:
		return o.problem.Reason, o.problem.Message
	case o.taken != "":
		return v1alpha1.ReasonTaken, fmt.Sprintf("%s declares the same fleet for the same organization; delete one of the two objects, or rename its fleet", o.taken)
	case errors.As(o.err, &refused) && refused.Refused:
		return v1alpha1.ReasonRefused, refused.Text + "; put a valid key into the Secret that spec.server.credentials names"
	case session.IsRefused(o.err):
		return v1alpha1.ReasonPlanRefused, o.err.Error()
	}
	return "", ""
}

// progresses reports whether the operator continues without a user.
func progresses(o *outcome) bool {
	switch r := o.result; {
	case o.suspended:
		return false
	case r == nil:
		return true
	default:
		return len(r.Failures) > 0 || r.BacksOff || r.Stopped
	}
}

// degraded returns whether changes failed, or the server could not be reached.
func degraded(o *outcome) condition {
	is := func(reason, message string) condition {
		return condition{v1alpha1.Degraded, metav1.ConditionTrue, reason, orOrphan(o, message)}
	}
	switch r := o.result; {
	case o.err != nil:
		return is(failureReason(o.err), o.err.Error())
	case r != nil && len(r.Failures) > 0:
		return is(v1alpha1.ReasonFailed, failuresText(r))
	case r != nil && r.BacksOff:
		return is(v1alpha1.ReasonFailed, waitingText(r))
	case r != nil && r.NotStored != "":
		return is(v1alpha1.ReasonNotStored, "what a restarted operator has to know was not stored: "+r.NotStored)
	}
	return condition{v1alpha1.Degraded, metav1.ConditionFalse, v1alpha1.ReasonAsExpected, ""}
}

// failureReason returns the reason of an error of a pass.
func failureReason(err error) string {
	refused, gone, cluster := (*session.Error)(nil), (*source.UnavailableError)(nil), (*clusterError)(nil)
	switch {
	case errors.As(err, &cluster):
		return v1alpha1.ReasonCluster
	case session.IsRefused(err):
		return v1alpha1.ReasonPlanRefused
	case errors.As(err, &gone):
		return v1alpha1.ReasonRegistry
	case errors.As(err, &refused) && refused.Refused:
		return v1alpha1.ReasonRefused
	}
	return v1alpha1.ReasonUnreachable
}

// planned returns whether something is left to change.
func planned(r *session.Result) condition {
	if r.Left() == 0 {
		return condition{v1alpha1.Planned, metav1.ConditionFalse, v1alpha1.ReasonNoChanges, ""}
	}
	return condition{v1alpha1.Planned, metav1.ConditionTrue, v1alpha1.ReasonPlanned, r.Summary}
}

// blocked returns whether something waits for a user.
func blocked(o *outcome) condition {
	r, reason := o.result, v1alpha1.ReasonWaiting
	if r.Needs != "" {
		reason = v1alpha1.ReasonApproval
	}
	if !waitsForUser(r) {
		return condition{v1alpha1.Blocked, metav1.ConditionFalse, v1alpha1.ReasonAsExpected, ""}
	}
	return condition{v1alpha1.Blocked, metav1.ConditionTrue, reason, orOrphan(o, cmp.Or(approvalText(r), waitingText(r)))}
}

// ends are the blocks that end by themselves, or that the object asks for.
var ends = map[plan.BlockKind]bool{plan.Mode: true, plan.BackOff: true, plan.Flapping: true, plan.Window: true}

// waitsForUser reports whether a step waits for a user.
func waitsForUser(r *session.Result) bool {
	for _, w := range r.Waiting {
		if !ends[w.Kind] {
			return true
		}
	}
	return false
}

// allWaitFor reports whether all steps that wait do so for one reason.
func allWaitFor(r *session.Result, kind plan.BlockKind) bool {
	return len(r.Waiting) == 1 && r.Waiting[0].Kind == kind
}
