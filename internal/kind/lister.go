package kind

import (
	"context"
	"errors"

	"fleet/client"
	"fleet/plan"
	"fleet/spec"
)

// A Lister lists sandboxes in their current state, as far as the server allows it.
// It is used by one goroutine at a time.
//
// Servers before 0.220 have a numbered list that never lags. The list by cursor of
// newer servers may be some seconds old, so the Lister overlays it with the recent
// writes of this machine.
type Lister struct {
	API    *client.Client
	Server spec.Version // zero if it is not known

	// Deletion receives the listed sandboxes whose deletion was accepted and has not
	// ended, under the names that they had. The list does not have them. LastActive is
	// when the deletion started. A nil Deletion is not called.
	Deletion func(*plan.Object)

	converter listConverter

	// recent holds the sandboxes that were written to recently, read by id; nil for
	// deleted ones. The map is nil until they are read.
	recent map[string]*plan.Object
}

// NewRunLister returns a lister without the overlay, for a run: the run knows its own
// writes, and reads by id what matters.
func NewRunLister(api *client.Client, server spec.Version) *Lister {
	return &Lister{API: api, Server: server, recent: map[string]*plan.Object{}}
}

// hasNumberedList reports whether the server is known to have the numbered list.
func (l *Lister) hasNumberedList() bool {
	return l.Server != (spec.Version{}) && !l.Server.AtLeast(spec.ParseVersion("0.220"))
}

// List returns the sandboxes that match the filter and still exist.
func (l *Lister) List(ctx context.Context, filter client.SandboxFilter) ([]*plan.Object, error) {
	if l.hasNumberedList() {
		list, err := client.ListSandboxesConsistent(ctx, l.API, filter, l.converter.fromPage)
		switch class := client.ErrorClassOf(err); { // the list by cursor replaces one that is missing or changes
		case err == nil:
			return l.existing(list), nil
		case class != client.NotFound && class != client.NotSupported && !errors.Is(err, client.ErrListChanged):
			return nil, err
		}
	}
	if err := l.readRecentWrites(ctx, filter); err != nil {
		return nil, err
	}
	listed, err := client.ListSandboxes(ctx, l.API, filter, l.converter.fromList)
	if err != nil {
		return nil, err
	}
	return l.overlay(l.existing(listed), filter), nil
}

// existing returns the sandboxes of a list whose deletion was not accepted, and hands
// the others to Deletion.
func (l *Lister) existing(list []listedSandbox) []*plan.Object {
	objects := make([]*plan.Object, 0, len(list))
	for _, s := range list {
		switch {
		case !s.deleted:
			objects = append(objects, s.object)
		case s.object != nil && l.Deletion != nil:
			l.Deletion(s.object)
		}
	}
	return objects
}

// ListAsShown returns the sandboxes of a list by cursor, which may be out of date, with
// those whose deletion was accepted.
func ListAsShown(ctx context.Context, api *client.Client, filter client.SandboxFilter) ([]*plan.Object, error) {
	attrs := spec.NewAttrsReader(spec.Tables[spec.SandboxKind])
	return client.ListSandboxes(ctx, api, filter, func(s client.Sandbox) (*plan.Object, error) { return fromSandbox(s, attrs) })
}

// Find returns the sandbox with the name, or nil. It asks a list first, because a
// look-up by name is served from a cache that may be ten seconds old. A list by
// cursor may lag, so a name that it does not show is looked up nevertheless.
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
	o, err := ReadSandbox(ctx, l.API, name)
	if err != nil || o == nil || o.Name != name || o.Deleting() {
		return nil, err
	}
	return o, nil
}
