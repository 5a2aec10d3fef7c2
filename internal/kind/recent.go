package kind

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"fleet/client"
	"fleet/plan"
)

// maxWriteReads is the number of recently written sandboxes up to which each is read
// by its id.
const maxWriteReads = 20

// maxConcurrentReads is the number of sandboxes that are read at the same time.
const maxConcurrentReads = 32

// readRecentWrites reads the sandboxes that were written to recently. If there are
// many, it first waits until a list shows them, but no longer than lists may lag.
func (l *Lister) readRecentWrites(ctx context.Context, filter client.SandboxFilter) error {
	if l.recent != nil {
		return nil
	}
	for wait := 250 * time.Millisecond; ; wait = min(2*wait, 2*time.Second) {
		writes := l.API.Writes().Recent()
		open := slices.DeleteFunc(slices.Clone(writes), func(w client.Write) bool { return w.Kind == client.WriteDeleted })
		if len(open) > maxWriteReads {
			settled, err := l.listedSettled(ctx, filter)
			if err != nil {
				return err
			}
			open = slices.DeleteFunc(open, func(w client.Write) bool { return w.Kind == client.WriteCreated && settled[w.ID] })
		}
		if len(open) <= maxWriteReads {
			return l.readWrites(ctx, writes, open)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(wait):
		}
	}
}

// listedSettled returns the ids of the sandboxes that the list by cursor shows at rest.
// The list may be out of date for all others.
func (l *Lister) listedSettled(ctx context.Context, filter client.SandboxFilter) (map[string]bool, error) {
	ids := map[string]bool{}
	_, err := client.ListSandboxes(ctx, l.API, client.SandboxFilter{Labels: filter.Labels}, func(s client.Sandbox) (struct{}, error) {
		ids[s.ID] = s.Settled() || s.Failed()
		return struct{}{}, nil
	})
	return ids, err
}

// readWrites reads the open ones of the writes by id. Deleted sandboxes need no read.
func (l *Lister) readWrites(ctx context.Context, writes, open []client.Write) error {
	objects := make([]*plan.Object, len(open))
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(maxConcurrentReads)
	for i, w := range open {
		g.Go(func() (err error) {
			objects[i], err = ReadSandbox(ctx, l.API, w.ID)
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return err
	}
	l.recent = map[string]*plan.Object{}
	for _, w := range writes {
		if w.Kind == client.WriteDeleted {
			l.recent[w.ID] = nil
		}
	}
	for i, w := range open {
		if l.recent[w.ID] = objects[i]; objects[i] != nil && objects[i].Deleting() {
			l.recent[w.ID] = nil
		}
	}
	return nil
}

// overlay replaces listed sandboxes by those of recent writes, which are newer.
func (l *Lister) overlay(listed []*plan.Object, filter client.SandboxFilter) []*plan.Object {
	if len(l.recent) == 0 {
		return listed
	}
	objects := slices.DeleteFunc(listed, func(o *plan.Object) bool {
		_, known := l.recent[o.ID]
		return known
	})
	for _, id := range slices.Sorted(maps.Keys(l.recent)) {
		if o := l.recent[id]; o != nil && matches(o, filter) {
			copied := *o
			objects = append(objects, &copied)
		}
	}
	slices.SortStableFunc(objects, func(a, b *plan.Object) int { return a.Created.Compare(b.Created) })
	return objects
}

// matches reports whether a list with the filter would show the sandbox.
func matches(o *plan.Object, f client.SandboxFilter) bool {
	for key, value := range f.Labels {
		if o.Labels[key] != value {
			return false
		}
	}
	if f.Name != "" && !strings.HasPrefix(strings.ToLower(o.Name), strings.ToLower(f.Name)) {
		return false
	}
	return len(f.Snapshots) == 0 || slices.Contains(f.Snapshots, o.Snapshot())
}
