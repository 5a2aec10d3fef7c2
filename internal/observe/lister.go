package observe

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"fleet/client"
	"fleet/plan"
	"fleet/spec"
)

// maxWriteReads is up to how many sandboxes that were written to lately are read one
// by one, where a list may not show it yet.
const maxWriteReads = 20

// A Lister lists sandboxes as they are now, as far as the server lets it.
//
// Servers before 0.220 have a numbered list that never lags. The list by cursor
// of the others may show what was the case some seconds ago: what this machine
// did to sandboxes meanwhile is laid over it.
type Lister struct {
	api     *client.Client
	version spec.Version // of the server; zero is not known

	// convert converts what is listed; nil is returned for what is left out. A nil as
	// leaves out what is gone.
	convert func(client.Sandbox) (*plan.Object, error)

	recent map[string]*plan.Object // what was written to lately, by id, read by itself; nil is gone
}

// NewRunLister returns a lister for a run, which knows what it does to sandboxes itself
// and reads what matters by id: nothing is laid over its lists.
func NewRunLister(api *client.Client, version spec.Version) *Lister {
	return &Lister{api: api, version: version, recent: map[string]*plan.Object{}}
}

// hasNumberedList reports whether the server is of a version that has the numbered list.
func (l *Lister) hasNumberedList() bool {
	return l.version != (spec.Version{}) && !l.version.AtLeast(spec.ParseVersion("0.220"))
}

// List lists the sandboxes that match, leaving out those that are gone.
func (l *Lister) List(ctx context.Context, filter client.SandboxFilter) ([]*plan.Object, error) {
	if l.hasNumberedList() {
		list, err := l.api.SandboxesConsistent(ctx, filter)
		switch class := client.ErrorClassOf(err); {
		case err == nil:
			return convert(list, l.pagedObject)
		case class != client.NotFound && class != client.NotSupported && !errors.Is(err, client.ErrListChanged):
			return nil, err
		}
	}
	if err := l.readRecentWrites(ctx, filter); err != nil {
		return nil, err
	}
	listed, err := Collect(l.api.Sandboxes(ctx, filter), l.object)
	if err != nil {
		return nil, err
	}
	return l.overlay(listed, filter), nil
}

// object is a listed sandbox as a plan sees it, or nil.
func (l *Lister) object(s client.Sandbox) (*plan.Object, error) {
	if l.convert != nil {
		return l.convert(s)
	}
	return objectFromListed(s)
}

// pagedObject is object for a numbered list.
func (l *Lister) pagedObject(s client.Sandbox) (*plan.Object, error) {
	o, err := l.object(s)
	if o != nil {
		o.FromPage = true
	}
	return o, err
}

// Find finds the sandbox of a name, or nil. It asks a list first: a single sandbox
// is looked up by name in a cache that may be ten seconds old. What a list that
// may lag does not show is looked up all the same.
func (l *Lister) Find(ctx context.Context, name string) (*plan.Object, error) {
	found, err := l.List(ctx, client.SandboxFilter{Name: name})
	if err != nil {
		return nil, err
	}
	for _, s := range found {
		if s.Name == name { // the filter is a prefix in which _ and % are wildcards
			return s, nil
		}
	}
	if l.hasNumberedList() {
		return nil, nil
	}
	o, err := ReadSandbox(ctx, l.api, name)
	if err != nil || o == nil || o.Name != name || o.Deleting() {
		return nil, err
	}
	return o, nil
}

// readRecentWrites finds out how the sandboxes are that were written to lately. Where they
// are many, it waits until a list shows them, but no longer than lists may lag.
func (l *Lister) readRecentWrites(ctx context.Context, filter client.SandboxFilter) error {
	if l.recent != nil {
		return nil
	}
	for wait := 250 * time.Millisecond; ; wait = min(2*wait, 2*time.Second) {
		writes := l.api.Writes().Recent()
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

// listedSettled has the ids of the sandboxes that the list by cursor holds and that are not
// on their way to anywhere: of the others the list may be late.
func (l *Lister) listedSettled(ctx context.Context, filter client.SandboxFilter) (map[string]bool, error) {
	ids := map[string]bool{}
	for s, err := range l.api.Sandboxes(ctx, client.SandboxFilter{Labels: filter.Labels}) {
		if err != nil {
			return nil, err
		}
		ids[s.ID] = s.Settled() || s.Failed()
	}
	return ids, nil
}

// readWrites reads the open ones of the writes by themselves. What was deleted needs
// no look.
func (l *Lister) readWrites(ctx context.Context, writes, open []client.Write) error {
	objects := make([]*plan.Object, len(open))
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(maxConcurrentReads)
	for i, w := range open {
		g.Go(func() (err error) {
			objects[i], err = ReadSandbox(ctx, l.api, w.ID)
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

// overlay puts what is known of recent writes in the place of what was listed.
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

// matches reports whether a list with the filter would hold the sandbox.
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
