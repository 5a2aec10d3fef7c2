package observe

import (
	"context"

	"golang.org/x/sync/errgroup"

	"fleet/client"
	"fleet/plan"
	"fleet/spec"
)

// Look lists the whole organisation as far as the credentials may: what they
// may not read is left out, and told in unread.
func Look(ctx context.Context, api *client.Client, f *spec.Fleet) (w *plan.World, unread []error, err error) {
	o := newObserver(api, f)
	o.everything = true
	o.lister.as = o.keepDeleting
	lists := []func(context.Context) error{o.snapshots, o.volumes, o.allSandboxes}
	refused := make([]error, len(lists))
	g, ctx := errgroup.WithContext(ctx)
	for i, list := range lists {
		g.Go(func() error {
			err := list(ctx)
			if client.ClassOf(err) == client.Forbidden {
				refused[i], err = err, nil
			}
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return nil, nil, err
	}
	for _, r := range refused {
		if r != nil {
			unread = append(unread, r)
		}
	}
	return o.world, unread, nil
}
