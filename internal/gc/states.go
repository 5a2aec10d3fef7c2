package gc

import (
	"cmp"
	"fmt"
	"slices"

	"fleet/internal/kind"
	"fleet/plan"
	"fleet/spec"
)

// checkStates returns an error for a state that no object of the rule's kind is ever
// in. Such a rule would select nothing without anyone noticing.
func (r Rule) checkStates() error {
	known := kind.Of(r.Kind).States
	for _, s := range r.States {
		if !slices.Contains(known, s) {
			return fmt.Errorf("a %s is never in state %q; %s", r.Kind, s, cmp.Or(spec.DidYouMean(s, known), "its states are "+plan.JoinAnd(known)))
		}
	}
	return nil
}
