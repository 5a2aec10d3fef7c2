package kind

import (
	"context"

	"golang.org/x/sync/errgroup"

	"fleet/client"
	"fleet/plan"
	"fleet/spec"
)

// listSandboxes lists all sandboxes, with the recent writes of this machine.
func listSandboxes(ctx context.Context, api *client.Client, server spec.Version) ([]*plan.Object, error) {
	return (&Lister{API: api, Server: server}).List(ctx, client.SandboxFilter{})
}

// ReadSandbox reads one sandbox by its id or name; nil if it no longer exists. By name
// the result may be ten seconds old.
func ReadSandbox(ctx context.Context, api *client.Client, id string) (*plan.Object, error) {
	s, err := api.Sandbox(ctx, id)
	if err != nil {
		return nil, client.IgnoreNotFound(err)
	}
	return FromSandbox(s, true)
}

// maxConcurrentReads is the number of sandboxes that are read at the same time.
const maxConcurrentReads = 32

// ReadSandboxes is [ReadSandbox] for several ids, in their order.
func ReadSandboxes(ctx context.Context, api *client.Client, ids []string) ([]*plan.Object, error) {
	objects := make([]*plan.Object, len(ids))
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(maxConcurrentReads)
	for i, id := range ids {
		g.Go(func() (err error) {
			objects[i], err = ReadSandbox(ctx, api, id)
			return err
		})
	}
	return objects, g.Wait()
}

// findSandbox reads the sandbox that holds a name. A list may lag: a sandbox that it
// shows is read by id, and one that it does not show by name.
func findSandbox(ctx context.Context, api *client.Client, server spec.Version, name string) (*plan.Object, error) {
	o, err := NewRunLister(api, server).Find(ctx, name)
	if err != nil {
		return nil, err
	}
	if o != nil {
		if o, err = ReadSandbox(ctx, api, o.ID); err != nil {
			return nil, err
		}
	}
	if o == nil || o.Deleting() {
		if other, err := ReadSandbox(ctx, api, name); err != nil || other != nil {
			return other, err
		}
	}
	return o, nil
}

// deleteSandbox asks for the deletion of a sandbox. The response adds nothing to it: the
// sandbox still exists in the state destroying.
func deleteSandbox(ctx context.Context, api *client.Client, id string) error {
	_, err := api.DeleteSandbox(ctx, id)
	return err
}
