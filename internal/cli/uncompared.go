package cli

import (
	"fmt"

	"fleet/plan"
)

// uncomparedError is the error of a plan that could not compare everything; nil when
// it could.
func (p *planRun) uncomparedError(pl *plan.Plan) error {
	n := pl.UncomparedCount()
	if n == 0 {
		return nil
	}
	return fmt.Errorf("%s compared only in part, since values are not set: %s", plan.Plural(n, "object was", "objects were"), p.fleet.UnsetSummary())
}
