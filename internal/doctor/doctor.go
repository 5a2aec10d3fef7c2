// Package doctor tells whether an organisation and the credentials for it are
// fit for a fleet. It only reads.
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

// An Observation is what was read.
type Observation struct {
	Now    time.Time // by the server's clock
	Skew   time.Duration
	Server client.ServerConfig
	World  *plan.World

	Connection string // where the settings of the connection come from; "" if unknown

	Key          *client.Key          // nil with a JWT, or when the server does not tell
	Organization *client.Organization // nil when it may not be read
	Usage        *client.Usage        // nil when it may not be read
	Rates        map[client.RateClass]client.Rate
	Unreadable   []string // what could not be read, and why
}

// Observe reads what Diagnose judges. It fails when the server does not answer,
// or refuses the credentials.
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
	for _, class := range []client.RateClass{client.RateGeneral, client.RateCreate, client.RateLifecycle, client.RateList} {
		if rate, ok := api.Rate(class); ok {
			x.Rates[class] = rate
		}
	}
	x.Skew, _ = api.ClockSkew()
	x.Now = api.ServerNow()
	return x, ctx.Err()
}

// readOrganization reads what the credentials may know of themselves.
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
