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

// fewWrites is up to how many sandboxes that were written to lately are read one
// by one, where a list may not show it yet.
const fewWrites = 20

// A Lister lists sandboxes as they are now, as far as the server lets it.
//
// Servers before 0.220 have a numbered list that never lags. The list by cursor
// of the others may show what was the case some seconds ago: what this machine
// did to sandboxes meanwhile is laid over it.
type Lister struct {
	api     *client.Client
	version spec.Version // of the server; zero is not known

	// as converts what is listed; nil is returned for what is left out. A nil as
	// leaves out what is gone.
	as func(client.Sandbox) (*plan.Object, error)

	fresh map[string]*plan.Object // what was written to lately, by id, read by itself; nil is gone
}

// Within returns a lister for a run, which knows what it does to sandboxes itself
// and reads what matters by id: nothing is laid over its lists.
func Within(api *client.Client, version spec.Version) *Lister {
	return &Lister{api: api, version: version, fresh: map[string]*plan.Object{}}
}

// numbered reports whether the server is of a version that has the numbered list.
func (l *Lister) numbered() bool {
	return l.version != (spec.Version{}) && !l.version.AtLeast(spec.ParseVersion("0.220"))
}

// List lists the sandboxes that match, leaving out those that are gone.
func (l *Lister) List(ctx context.Context, filter client.SandboxFilter) ([]*plan.Object, error) {
	if l.numbered() {
		list, err := l.api.SandboxesNow(ctx, filter)
		switch class := client.ClassOf(err); {
		case err == nil:
			return convert(list, l.paged)
		case class != client.NotFound && class != client.NotSupported && !errors.Is(err, client.ErrUnsteady):
			return nil, err
		}
	}
	if err := l.freshen(ctx, filter); err != nil {
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
	if l.as != nil {
		return l.as(s)
	}
	return listedSandbox(s)
}

// paged is object for a numbered list.
func (l *Lister) paged(s client.Sandbox) (*plan.Object, error) {
	o, err := l.object(s)
	if o != nil {
		o.Paged = true
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
	if l.numbered() {
		return nil, nil
	}
	o, err := ReadSandbox(ctx, l.api, name)
	if err != nil || o == nil || o.Name != name || o.Leaving() {
		return nil, err
	}
	return o, nil
}

// freshen finds out how the sandboxes are that were written to lately. Where they
// are many, it waits until a list shows them, but no longer than lists may lag.
func (l *Lister) freshen(ctx context.Context, filter client.SandboxFilter) error {
	if l.fresh != nil {
		return nil
	}
	for wait := 250 * time.Millisecond; ; wait = min(2*wait, 2*time.Second) {
		writes := l.api.Writes().Recent()
		open := slices.DeleteFunc(slices.Clone(writes), func(w client.Write) bool { return w.What == client.Deleted })
		if len(open) > fewWrites {
			shown, err := l.shown(ctx, filter)
			if err != nil {
				return err
			}
			open = slices.DeleteFunc(open, func(w client.Write) bool { return w.What == client.Created && shown[w.ID] })
		}
		if len(open) <= fewWrites {
			return l.read(ctx, writes, open)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(wait):
		}
	}
}

// shown has the ids of the sandboxes that the list by cursor holds and that are not
// on their way to anywhere: of the others the list may be late.
func (l *Lister) shown(ctx context.Context, filter client.SandboxFilter) (map[string]bool, error) {
	ids := map[string]bool{}
	for s, err := range l.api.Sandboxes(ctx, client.SandboxFilter{Labels: filter.Labels}) {
		if err != nil {
			return nil, err
		}
		ids[s.ID] = s.Settled() || s.Failed()
	}
	return ids, nil
}

// read reads the open ones of the writes by themselves. What was deleted needs
// no look.
func (l *Lister) read(ctx context.Context, writes, open []client.Write) error {
	objects := make([]*plan.Object, len(open))
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(readers)
	for i, w := range open {
		g.Go(func() (err error) {
			objects[i], err = ReadSandbox(ctx, l.api, w.ID)
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return err
	}
	l.fresh = map[string]*plan.Object{}
	for _, w := range writes {
		if w.What == client.Deleted {
			l.fresh[w.ID] = nil
		}
	}
	for i, w := range open {
		if l.fresh[w.ID] = objects[i]; objects[i] != nil && objects[i].Leaving() {
			l.fresh[w.ID] = nil
		}
	}
	return nil
}

// overlay puts what is known of recent writes in the place of what was listed.
func (l *Lister) overlay(listed []*plan.Object, filter client.SandboxFilter) []*plan.Object {
	if len(l.fresh) == 0 {
		return listed
	}
	objects := slices.DeleteFunc(listed, func(o *plan.Object) bool {
		_, known := l.fresh[o.ID]
		return known
	})
	for _, id := range slices.Sorted(maps.Keys(l.fresh)) {
		if o := l.fresh[id]; o != nil && matches(o, filter) {
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
