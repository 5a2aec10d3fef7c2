package observe

import (
	"context"
	"fmt"
	"slices"

	"fleet/plan"
	"fleet/spec"
)

// requirements reads what has to be known before anything is destroyed for
// something else to be made: the regions, what the organisation and its
// credentials may do, and which secrets there are. Nothing is read for a plan
// that makes nothing and enlarges nothing.
func (o *observer) requirements(ctx context.Context) error {
	p := plan.Compute(o.fleet, o.world, o.opts)
	if p.SelectionErr != nil { // such a plan has no steps; the caller reports it
		return nil //nolint:nilerr // see above
	}
	if err := o.readEach(ctx, p.PartiallyRead(), func(int) {}); err != nil {
		return err
	}
	if !p.Creates() && !p.Enlarges() {
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
		o.secrets(ctx)
	}
	return ctx.Err()
}

// secrets lists the names of the organisation's secrets. A server that does not
// tell them leaves them unknown.
func (o *observer) secrets(ctx context.Context) {
	list, err := o.api.Secrets(ctx)
	if err != nil {
		return
	}
	o.world.Secrets = []string{}
	for _, s := range list {
		o.world.Secrets = append(o.world.Secrets, s.Name)
	}
}

// refersToSecrets reports whether something that the plan makes refers to a
// secret.
func refersToSecrets(p *plan.Plan) bool {
	return slices.ContainsFunc(p.Steps, func(s *plan.Step) bool {
		return s.Action.Creates() && s.Address.Kind == spec.SandboxKind && len(s.Want.Secrets()) > 0
	})
}

// readRegions lists the regions.
func (o *observer) readRegions(ctx context.Context) error {
	regions, err := o.api.Regions(ctx)
	if err != nil {
		return fmt.Errorf("listing regions: %w", err)
	}
	o.regionIDs = make(map[string]string, len(regions))
	for _, r := range regions {
		o.regionIDs[r.Name] = r.ID
	}
	return nil
}
