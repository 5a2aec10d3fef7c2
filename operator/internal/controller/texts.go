package controller

import (
	"fmt"
	"strings"

	"fleet/operator/api/v1alpha1"
	"fleet/operator/internal/session"
	"fleet/plan"
)

// maxListed is the number of failures and reasons that a message lists.
const maxListed = 3

// failuresText lists the steps that failed.
func failuresText(r *session.Result) string {
	var list []string
	for i, f := range r.Failures {
		if i == maxListed {
			list = append(list, fmt.Sprintf("and %d more", len(r.Failures)-maxListed))
			break
		}
		list = append(list, fmt.Sprintf("%s of %s failed: %s", f.Action, f.Address, f.Text))
	}
	return strings.Join(list, "; ")
}

// inSyncText states what is in sync.
func inSyncText(r *session.Result) string {
	if r.Wanted == 0 {
		return "Everything is as the spec wants it."
	}
	return fmt.Sprintf("Everything is as the spec wants it: %s.", plan.Plural(r.Wanted, "sandbox", "sandboxes"))
}

// waitingText lists what steps wait for.
func waitingText(r *session.Result) string {
	var list []string
	for i, w := range r.Waiting {
		if i == maxListed {
			break
		}
		text := fmt.Sprintf("%s: %s", w.Address, w.Reason)
		if w.Count > 1 {
			text = fmt.Sprintf("%s (and %s)", text, plan.Plural(w.Count-1, "other step", "other steps"))
		}
		if w.Unblock != "" {
			text += "; to continue, " + w.Unblock
		}
		list = append(list, text)
	}
	return strings.Join(list, "; ")
}

// approvalText states how a plan is approved; empty if no approval is needed.
func approvalText(r *session.Result) string {
	if r.Needs == "" {
		return ""
	}
	return fmt.Sprintf("%s: to apply this plan, annotate the object with %s=%s; %s", r.Needs, v1alpha1.ApproveAnnotation, r.Digest, waitingText(r))
}
