package apply

import (
	"context"
	"time"

	"fleet/client"
	"fleet/internal/kind"
	"fleet/plan"
	"fleet/spec"
)

// listPage is the number of objects on one page of a list.
const listPage = 200

// pollLists lists the objects that tasks wait for, where that takes fewer requests than
// reading them one by one.
type pollLists struct {
	fleetNames []string // that the sandboxes carry in their labels

	// sizes are the numbers of objects that the lists have: by the plan at first, and
	// then as the list was last read.
	sizes map[pollList]int
}

// A pollList identifies a list: all objects of a kind, or only the youngest.
type pollList struct {
	kind  spec.Kind
	young bool
}

// newPollLists returns the lists for a plan.
func newPollLists(p *plan.Plan) *pollLists {
	l := &pollLists{fleetNames: fleetNames(p), sizes: map[pollList]int{}}
	for _, s := range p.Steps {
		l.sizes[pollList{kind: s.Address.Kind}]++
		if s.Action == plan.Create || s.Action == plan.Replace {
			l.sizes[pollList{s.Address.Kind, true}]++
		}
	}
	return l
}

// cost returns how many requests the list takes.
func (l *pollLists) cost(list pollList) int {
	pages := max((l.sizes[list]+listPage-1)/listPage, 1)
	if kind.Of(list.kind).Labelled {
		pages += len(l.fleetNames) - 1
	}
	return pages
}

// saves reports whether a list takes fewer requests than reading the targets of any
// kind one by one.
func (l *pollLists) saves(targets []pollTarget) bool {
	for k, targets := range byKind(targets) {
		if list, _ := listOf(k, targets); len(targets) > l.cost(list) {
			return true
		}
	}
	return false
}

// read lists the objects of a kind by id, or only those that are as young as the oldest
// target. It returns nil if the list saves no requests, or fails: the objects are then
// read one by one.
func (l *pollLists) read(ctx context.Context, api *client.Client, k spec.Kind, targets []pollTarget) map[string]*plan.Object {
	list, after := listOf(k, targets)
	if len(targets) <= l.cost(list) {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, pollTimeout/2) // which leaves time to read them one by one
	defer cancel()
	objects, err := l.list(ctx, api, k, after)
	if err != nil {
		return nil
	}
	l.sizes[list] = len(objects)
	listed := make(map[string]*plan.Object, len(objects))
	for _, o := range objects {
		listed[o.ID] = o
	}
	return listed
}

// list returns the objects of a kind; of sandboxes, only those of the fleet that were
// created at a time or later.
func (l *pollLists) list(ctx context.Context, api *client.Client, k spec.Kind, after time.Time) ([]*plan.Object, error) {
	if !kind.Of(k).Labelled {
		return kind.Of(k).List(ctx, api, spec.Version{})
	}
	var all []*plan.Object
	for _, name := range l.fleetNames {
		filter := client.SandboxFilter{Labels: map[string]string{spec.FleetLabel: name}, CreatedAfter: after}
		objects, err := kind.ListAsShown(ctx, api, filter)
		if err != nil {
			return nil, err
		}
		all = append(all, objects...)
	}
	return all, nil
}

// listOf returns the shortest list that has the targets of one kind, and the time
// from which on its objects were created; zero for all.
func listOf(k spec.Kind, targets []pollTarget) (list pollList, after time.Time) {
	if kind.Of(k).Labelled {
		after = oldest(targets)
	}
	return pollList{k, !after.IsZero()}, after
}

// oldest returns when the oldest of the objects was created; zero if that is not known
// of each.
func oldest(targets []pollTarget) time.Time {
	var oldest time.Time
	for i, target := range targets {
		if target.createdAt.IsZero() {
			return time.Time{}
		}
		if i == 0 || target.createdAt.Before(oldest) {
			oldest = target.createdAt
		}
	}
	return oldest
}
