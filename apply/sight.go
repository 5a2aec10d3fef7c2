package apply

import (
	"context"
	"time"

	"golang.org/x/sync/errgroup"

	"fleet/client"
	"fleet/internal/observe"
	"fleet/plan"
	"fleet/spec"
)

// readers bounds the single objects that are read at once.
const readers = 32

// A look is an object to be read, and what is waited for.
type look struct {
	address spec.Address
	id      string
	created time.Time
	over    func(*plan.Object) (bool, error)
	listed  bool
}

// sightings is what was seen of objects, by address; nil is gone.
type sightings map[spec.Address]sighting

type sighting struct {
	object *plan.Object
	err    error
	final  bool // read by itself, or a list that may have the last word
}

// sight looks at objects: in a list where that is cheaper, and by themselves,
// many at once, where a list cannot have the last word. A list is cheaper for more
// than few of them.
func (r *runner) sight(ctx context.Context, looks []look, few int) sightings {
	ctx, cancel := context.WithTimeout(ctx, lookTime)
	defer cancel()
	seen := sightings{}
	var listed map[string]*plan.Object
	if countSandboxes(looks) > few {
		listed = r.list(ctx, looks)
	}
	var open []look
	for _, l := range looks {
		if listed != nil && l.address.Kind == spec.SandboxKind {
			o := listed[l.id] // nil when the list does not hold it
			if over, err := l.over(o); err == nil && (!over || l.listed) {
				seen[l.address] = sighting{object: o, final: over}
				continue
			}
		}
		open = append(open, l)
	}
	for i, s := range r.readAll(ctx, open) {
		seen[open[i].address] = s
	}
	return seen
}

// readAll reads objects by themselves.
func (r *runner) readAll(ctx context.Context, looks []look) []sighting {
	seen := make([]sighting, len(looks))
	var g errgroup.Group
	g.SetLimit(readers)
	for i, l := range looks {
		g.Go(func() error {
			o, err := observe.Read(ctx, r.api, l.address.Kind, l.id)
			seen[i] = sighting{o, err, true}
			return nil
		})
	}
	_ = g.Wait() // errors are part of what was seen
	return seen
}

func countSandboxes(looks []look) int {
	n := 0
	for _, l := range looks {
		if l.address.Kind == spec.SandboxKind {
			n++
		}
	}
	return n
}

// list lists the fleet's sandboxes by id, or only those that are as young as
// the eldest that is looked for. A list that fails is no list: the objects are
// read by themselves then.
func (r *runner) list(ctx context.Context, looks []look) map[string]*plan.Object {
	ctx, cancel := context.WithTimeout(ctx, lookTime/2) // there has to be time to read them by themselves
	defer cancel()
	var after time.Time
	for i, l := range looks {
		if l.created.IsZero() {
			after = time.Time{}
			break
		}
		if i == 0 || l.created.Before(after) {
			after = l.created
		}
	}
	listed := make(map[string]*plan.Object, len(looks))
	for _, name := range r.names {
		filter := client.SandboxFilter{Labels: map[string]string{spec.FleetLabel: name}, CreatedAfter: after}
		objects, err := observe.Collect(r.api.Sandboxes(ctx, filter), func(s client.Sandbox) (*plan.Object, error) { return observe.Sandbox(s, false) })
		if err != nil {
			return nil
		}
		for _, o := range objects {
			listed[o.ID] = o
		}
	}
	return listed
}
