package observe

import (
	"context"
	"fmt"
	"sync/atomic"

	"fleet/client"
	"fleet/internal/kind"
	"fleet/plan"
	"fleet/spec"
)

// An observer fills in one World. Each of its methods writes different parts.
type observer struct {
	api   *client.Client
	scope Scope
	fleet *spec.Fleet  // that of scope, or an empty one
	opts  plan.Options // those of scope, or the zero options
	world *plan.World
	plan  *plan.Plan // from the whole world; nil if it was not computed

	serverFacts spec.Facts        // valid once factsReady is closed
	regionIDs   map[string]string // by name; nil until they are read
	lister      kind.Lister       // used by one goroutine at a time

	factsRequested atomic.Bool   // a goroutine has requested the server's facts
	factsReady     chan struct{} // closed when the response is there
	factsErr       error         // of that request
}

// needsFacts reports whether the World is to have the server's facts.
func (o *observer) needsFacts() bool {
	return o.scope.Plan != nil || o.scope.Select != nil || o.scope.Facts
}

// readFacts reads the server's facts once, for the goroutine that needs them first.
func (o *observer) readFacts(ctx context.Context) error {
	if o.factsRequested.CompareAndSwap(false, true) {
		config, err := o.api.ServerConfig(ctx)
		if err != nil {
			o.factsErr = fmt.Errorf("asking the server for its version: %w", err)
		}
		o.serverFacts = spec.Facts{Version: spec.ParseVersion(config.Version), MaxAutoArchive: config.MaxAutoArchiveInterval, MaxBody: client.MaxBody}
		close(o.factsReady)
	}
	select {
	case <-o.factsReady:
		return o.factsErr
	case <-ctx.Done():
		return ctx.Err()
	}
}

// setFacts gives the World the server's facts, with the ids of regions and volumes.
func (o *observer) setFacts() {
	facts := o.serverFacts
	facts.Regions, facts.Volumes = o.regionIDs, map[string]string{}
	for _, v := range o.world.Objects[spec.VolumeKind] {
		facts.Volumes[v.Name] = v.ID
	}
	o.world.Facts = facts
}

// readRegions reads the ids of the regions.
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
