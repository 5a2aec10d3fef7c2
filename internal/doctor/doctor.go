// Package doctor checks whether an organization, and the credentials for it, can serve
// a fleet. It sends reading requests only.
package doctor

import (
	"context"
	"fmt"
	"time"

	"fleet/client"
	"fleet/internal/observe"
	"fleet/plan"
	"fleet/spec"
)

// An Observation is what Diagnose needs to know.
type Observation struct {
	Now    time.Time     // by the server's clock
	Skew   time.Duration // how far the server's clock is ahead of this machine's
	Server client.ServerConfig
	World  *plan.World // the whole organization

	Connection string // where the settings of the connection come from; empty if unknown

	Key          *client.Key                      // nil with a JWT, or if the server does not describe it
	Organization *client.Organization             // nil if it may not be read
	Usage        *client.Usage                    // nil if it may not be read
	Rates        map[client.RateClass]client.Rate // as far as they are known
	Unreadable   []string                         // refusals of what could not be read

	Registries    []client.Registry // of the organization; read only if the fleet has images in one
	RegistriesErr error             // why they could not be read; nil if they were
}

// Observe reads what [Diagnose] needs. It fails if the server does not respond, or
// refuses the credentials.
func Observe(ctx context.Context, api *client.Client, f *spec.Fleet) (*Observation, error) {
	x := &Observation{Rates: map[client.RateClass]client.Rate{}}
	var err error
	if x.Server, err = api.ServerConfig(ctx); err != nil {
		return nil, fmt.Errorf("asking the server for its version: %w", err)
	}
	if x.World, err = observe.Observe(ctx, api, observe.Scope{Fleet: f, Organization: true, SkipForbidden: true}); err != nil {
		return nil, err
	}
	for _, err := range x.World.Unreadable {
		x.Unreadable = append(x.Unreadable, err.Error())
	}
	x.readOrganization(ctx, api)
	if len(registriesOf(f)) > 0 {
		x.Registries, x.RegistriesErr = api.Registries(ctx)
	}
	for _, class := range []client.RateClass{client.RateGeneral, client.RateCreate, client.RateLifecycle, client.RateList} {
		if rate, ok := api.Rate(class); ok {
			x.Rates[class] = rate
		}
	}
	x.Skew, _ = api.ClockSkew()
	x.Now = api.ServerNow()
	return x, ctx.Err()
}

// readOrganization reads the credentials, their organization and its usage, as far as
// the credentials allow it.
func (x *Observation) readOrganization(ctx context.Context, api *client.Client) {
	id := api.JWTOrganization()
	if id != "" {
		if o, err := api.Organization(ctx, id); err == nil {
			x.Organization = &o
		}
	} else {
		key, err := api.CurrentKey(ctx)
		if err != nil {
			x.Unreadable = append(x.Unreadable, err.Error())
			return
		}
		if x.Key = &key; key.Allows(observe.ReadLimitsPermission) {
			id = observe.OrganizationID(ctx, api, key, x.World)
		}
	}
	if id == "" {
		return
	}
	if u, err := api.Usage(ctx, id); err == nil {
		x.Usage = &u
	}
}
