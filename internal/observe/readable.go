package observe

import (
	"context"

	"golang.org/x/sync/errgroup"

	"fleet/client"
	"fleet/plan"
	"fleet/spec"
)

// ObserveReadable lists the whole organisation as far as the credentials may: what they
// may not read is left out, and told in unread.
func ObserveReadable(ctx context.Context, api *client.Client, f *spec.Fleet) (w *plan.World, unreadable []error, err error) {
	o := newObserver(api, f)
	o.wholeOrganization = true
	o.lister.Convert = o.collectDeleting
	lists := []func(context.Context) error{o.snapshots, o.volumes, o.allSandboxes}
	forbidden := make([]error, len(lists))
	g, ctx := errgroup.WithContext(ctx)
	for i, list := range lists {
		g.Go(func() error {
			err := list(ctx)
			if client.ErrorClassOf(err) == client.Forbidden {
				forbidden[i], err = err, nil
			}
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return nil, nil, err
	}
	for _, r := range forbidden {
		if r != nil {
			unreadable = append(unreadable, r)
		}
	}
	return o.world, unreadable, nil
}
