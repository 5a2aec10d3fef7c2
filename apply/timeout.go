package apply

import (
	"fmt"
)

// timeoutError returns the error of a task whose deadline has passed.
func timeoutError(t *task) error {
	limit, doing := t.work.Limit(), string(t.work.Verb())
	if t.wait != nil {
		doing = "waiting for " + t.wait.Description
	}
	if t.work.LastState != "" {
		doing += "; it was last seen " + t.work.LastState
	}
	if t.wait != nil && t.wait.Refusal != nil {
		return fmt.Errorf("timed out after %s while waiting for %s: %w", limit, t.wait.RefusedFor, t.wait.Refusal)
	}
	// What the next run does depends on whether there is an object that it can find.
	nextRun := t.work.Verb().NextRun()
	if t.work.ID == "" {
		nextRun = "whether it was created is not known: the next run looks it up by name"
	}
	return fmt.Errorf("timed out after %s while %s; %s", limit, doing, nextRun)
}
