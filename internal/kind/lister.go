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

	// Convert converts a listed sandbox; it returns nil to leave it out. A nil
	// Convert leaves out sandboxes whose deletion was accepted.
	Convert func(client.Sandbox) (*plan.Object, error)

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
		list, err := l.API.SandboxesConsistent(ctx, filter)
		switch class := client.ErrorClassOf(err); { // the list by cursor replaces one that is missing or changes
		case err == nil:
			return l.convertPages(list)
		case class != client.NotFound && class != client.NotSupported && !errors.Is(err, client.ErrListChanged):
			return nil, err
		}
	}
	if err := l.readRecentWrites(ctx, filter); err != nil {
		return nil, err
	}
	found, err := l.API.ListSandboxes(ctx, filter)
	if err != nil {
		return nil, err
	}
	listed, err := l.convertAll(found)
	if err != nil {
		return nil, err
	}
	return l.overlay(listed, filter), nil
}

// convert converts a listed sandbox.
func (l *Lister) convert(s client.Sandbox) (*plan.Object, error) {
	if l.Convert != nil {
		return l.Convert(s)
	}
	return FromListed(s)
}

// convertAll converts listed sandboxes.
func (l *Lister) convertAll(list []client.Sandbox) ([]*plan.Object, error) {
	objects := make([]*plan.Object, 0, len(list))
	for _, s := range list {
		o, err := l.convert(s)
		if err != nil {
			return nil, err
		}
		if o != nil {
			objects = append(objects, o)
		}
	}
	return objects, nil
}

// convertPages converts the sandboxes of a numbered list, which shows more attributes
// than a list by cursor.
func (l *Lister) convertPages(list []client.Sandbox) ([]*plan.Object, error) {
	objects, err := l.convertAll(list)
	for _, o := range objects {
		o.FromPage = true
	}
	return objects, err
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
