package operation

import (
	"fmt"
	"strings"
	"time"

	"fleet/plan"
	"fleet/spec"
)

// waitUntilCreated waits until an object that was just created can be used. A list can
// be trusted: the object cannot have been in that state before. created is the time of
// the creation by the server's clock; zero if it is not known.
func waitUntilCreated(e *Env, t *Task, created time.Time) *Wait {
	t.CreatedAt = created
	w := waitForState(t.kind().Ready)
	w.TrustList = t.last()
	if goal := t.finalRunState(); goal != "" { // another apply may have created it, and be ahead
		ready := w.Done
		w.Done = func(o *plan.Object) (bool, error) {
			if o != nil && o.State == goal && atRest(o) {
				return true, nil
			}
			return ready(o)
		}
	}
	if t.Step.Want.NeedsNewerServer() {
		requireSupport(w, t.Step.Want, e.Facts)
	}
	return w
}

// requireSupport makes a wait fail if an older server has dropped attributes that it
// does not know. Lists do not show all attributes, so the object is read alone.
func requireSupport(w *Wait, want *spec.Resource, facts spec.Facts) {
	w.TrustList = false
	ready := w.Done
	w.Done = func(o *plan.Object) (bool, error) {
		done, err := ready(o)
		if !done || err != nil {
			return done, err
		}
		if dropped := want.DroppedByServer(o.Object, facts); len(dropped) > 0 {
			return false, fmt.Errorf("not supported by this server (v%s): it dropped %s; take it out of the spec", facts.Version, strings.Join(dropped, ", "))
		}
		return true, nil
	}
}
