package cli

import (
	"fmt"

	"fleet/plan"
)

// uncompared is the error of a plan that could not compare everything; nil when
// it could.
func (p *pass) uncompared(pl *plan.Plan) error {
	n := pl.Uncompared()
	if n == 0 {
		return nil
	}
	return fmt.Errorf("%s compared only in part, since values are not set: %s", plan.Plural(n, "object was", "objects were"), p.fleet.UnsetNames())
}
