package kind

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"fleet/internal/suggest"
	"fleet/plan"
	"fleet/spec"
)

// CheckStates returns an error that names all of the states in which no object of the
// kinds is ever reported; nil if there are none. Without kinds, all kinds count. A
// selection by such a state would select nothing without anyone noticing.
func CheckStates(states []string, kinds ...spec.Kind) error {
	if len(kinds) == 0 {
		kinds = spec.ObjectKinds
	}
	what := "an object"
	if len(kinds) == 1 {
		what = "a " + string(kinds[0])
	}
	var known []string
	for _, k := range kinds {
		known = append(known, Of(k).States...)
	}
	slices.Sort(known)
	known = slices.Compact(known)
	var problems []string
	for _, s := range states {
		if !slices.Contains(known, s) {
			hint := cmp.Or(suggest.DidYouMean(s, known), "its states are "+plan.JoinAnd(known))
			problems = append(problems, fmt.Sprintf("%s is never in state %q; %s", what, s, hint))
		}
	}
	if len(problems) == 0 {
		return nil
	}
	return errors.New(strings.Join(problems, "; "))
}
