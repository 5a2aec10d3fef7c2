package observe

import (
	"context"
	"slices"

	"fleet/plan"
	"fleet/spec"
)

// requirements reads what has to be known before a plan destroys an object in order to
// create its successor: the regions, what the organization and the credentials are
// allowed to do, and which secrets exist. It reads nothing unless the plan creates or
// enlarges something.
func (o *observer) requirements(ctx context.Context) error {
	p, err := plan.Compute(o.fleet, o.world, o.opts)
	if err != nil { // the caller computes the plan again and reports it
		return nil //nolint:nilerr // see above
	}
	unread := p.PartiallyRead()
	if err := o.readEach(ctx, unread, nil); err != nil {
		return err
	}
	if !p.Creates() && !p.Enlarges() {
		if len(unread) == 0 {
			o.plan = p
		}
		return nil
	}
	if o.world.Facts.Regions == nil && o.opts.DefaultRegion != "" {
		if err := o.readRegions(ctx); err != nil {
			return err
		}
		o.world.Facts.Regions = o.regionIDs
	}
	o.world.QuotaStatus = ReadQuotaStatus(ctx, o.api, o.world)
	if refersToSecrets(p) && slices.Contains(o.world.QuotaStatus.GrantedPermissions, "manage:secrets") {
		o.readSecrets(ctx)
	}
	return ctx.Err()
}

// readSecrets reads the names of the organization's secrets. They stay unknown if the
// server does not list them.
func (o *observer) readSecrets(ctx context.Context) {
	list, err := o.api.Secrets(ctx)
	if err != nil {
		return
	}
	o.world.Secrets = []string{}
	for _, s := range list {
		o.world.Secrets = append(o.world.Secrets, s.Name)
	}
}

// refersToSecrets reports whether a sandbox that the plan creates refers to a secret.
func refersToSecrets(p *plan.Plan) bool {
	return slices.ContainsFunc(p.Steps, func(s *plan.Step) bool {
		return s.Action.Creates() && s.Address.Kind == spec.SandboxKind && len(s.Want.Secrets()) > 0
	})
}
