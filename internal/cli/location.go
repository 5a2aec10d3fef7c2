package cli

import (
	"cmp"

	"fleet/plan"
)

// setLocation notes in a plan which server and organisation it is for.
func (p *planRun) setLocation(pl *plan.Plan, world *plan.World) {
	p.organization = cmp.Or(p.session.organization, world.Organization())
	pl.Environment, pl.Environments = p.fleet.Environment, p.fleet.Environments
	pl.Server, pl.Organization = p.session.address, p.organization
}
