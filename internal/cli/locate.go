package cli

import (
	"cmp"

	"fleet/plan"
)

// locate notes in a plan which server and organisation it is for.
func (p *pass) locate(pl *plan.Plan, world *plan.World) {
	p.organization = cmp.Or(p.session.organization, world.Organization())
	pl.Environment, pl.Environments = p.fleet.Environment, p.fleet.Environments
	pl.Server, pl.Organization = p.session.address, p.organization
}
