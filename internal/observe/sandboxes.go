package observe

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"fleet/client"
	"fleet/plan"
	"fleet/spec"
)

// maxNameLookups is the number of names up to which each is looked up on its own. Above
// it, one list of all sandboxes of the organization is cheaper.
const maxNameLookups = 10

// listSandboxes lists the sandboxes that match, in their current state.
func (o *observer) listSandboxes(ctx context.Context, filter client.SandboxFilter) ([]*plan.Object, error) {
	if err := o.readFacts(ctx); err != nil {
		return nil, err
	}
	o.lister.API, o.lister.Server = o.api, o.serverFacts.Version
	return o.lister.List(ctx, filter)
}

// fleetSandboxes lists the sandboxes that carry the fleet's name, or a former one.
func (o *observer) fleetSandboxes(ctx context.Context) ([]*plan.Object, error) {
	var owned []*plan.Object
	for _, name := range append([]string{o.fleet.Name}, o.fleet.FormerNames...) {
		filter := client.SandboxFilter{Labels: map[string]string{spec.FleetLabel: name}}
		listed, err := o.listSandboxes(ctx, filter)
		if err != nil {
			return nil, fmt.Errorf("listing the sandboxes of the fleet %s: %w", name, err)
		}
		owned = appendNew(owned, listed) // a sandbox whose label changes meanwhile is listed twice
	}
	return owned, nil
}

// missingNames returns the names that the fleet wants and that none of its sandboxes
// holds.
func (o *observer) missingNames(owned []*plan.Object) map[string]bool {
	names := map[string]bool{}
	byKey := map[string]*spec.Resource{}
	for _, r := range o.fleet.OfKind(spec.SandboxKind) {
		names[r.Name()], byKey[r.Key] = true, r
	}
	for _, s := range owned {
		delete(names, s.Name)
		if r := byKey[s.Labels[spec.KeyLabel]]; r != nil && s.Name == r.AlternateName() {
			delete(names, r.Name())
		}
	}
	return names
}

// findByNames returns the sandboxes that hold one of the names.
func (o *observer) findByNames(ctx context.Context, names map[string]bool) ([]*plan.Object, error) {
	if len(names) > maxNameLookups {
		all, err := o.listSandboxes(ctx, client.SandboxFilter{})
		return slices.DeleteFunc(all, func(s *plan.Object) bool { return !names[s.Name] }), err
	}
	var holders []*plan.Object
	for name := range names {
		s, err := o.lister.Find(ctx, name)
		if err != nil {
			return nil, err
		}
		if s != nil {
			holders = append(holders, s)
		}
	}
	slices.SortFunc(holders, func(a, b *plan.Object) int { return strings.Compare(a.Name, b.Name) })
	return holders, nil
}
