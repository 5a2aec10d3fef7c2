// Package status lists what exists in an organisation, with the owner of each
// object.
package status

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"fleet/plan"
	"fleet/spec"
)

// A Row is one object.
type Row struct {
	Address string `json:"address,omitempty"` // in the spec; empty if the object is not the fleet's
	Kind    string `json:"kind"`
	Name    string `json:"name"`
	State   string `json:"state"`
	Owner   string `json:"owner,omitempty"`    // the fleet; empty if no owner is known
	OwnedBy string `json:"owned_by,omitempty"` // what the ownership follows from: labels, name or owns
	ID      string `json:"id"`
	Error   string `json:"error,omitempty"` // why the object is in an error state
	Note    string `json:"note,omitempty"`  // how it differs from the spec

	Region   string `json:"region,omitempty"`   // of a sandbox: its name, or its id if the name is not known
	Snapshot string `json:"snapshot,omitempty"` // of a sandbox: name of the snapshot that it was created from; empty if it was built from an image

	CostPerHour *float64 `json:"cost_per_hour,omitempty"` // of a sandbox in its state, in the currency of the prices; absent if it is not known

	Created     time.Time `json:"created,omitzero"`       // by the server's clock
	AgeSeconds  int64     `json:"age_seconds,omitempty"`  // time since then
	LastActive  time.Time `json:"last_active,omitzero"`   // when it was last used or changed its state; zero if the server does not report it
	IdleSeconds int64     `json:"idle_seconds,omitempty"` // time since then
}

// Options are what a list shows.
type Options struct {
	All    bool       // the objects of the whole organisation
	Now    time.Time  // by the server's clock; zero leaves out ages
	Facts  spec.Facts // the names of regions; without them, regions have ids
	Select Selection  // limits the list
}

// List returns the objects of a fleet, or of the whole organisation. Those of the
// fleet come first, in the order of their addresses. The result is nil only if
// there is an error: a selector is an unknown address.
func List(f *spec.Fleet, world *plan.World, o Options) ([]Row, error) {
	rows, labels := listAll(f, world, o)
	if err := o.Select.checkAddresses(f, rows); err != nil {
		return nil, err
	}
	selected := []Row{}
	for i, r := range rows {
		if o.Select.selects(r, labels[i]) {
			selected = append(selected, r)
		}
	}
	slices.SortStableFunc(selected, compareRows)
	return selected, nil
}

// listAll returns the objects without a selection, in any order, with their labels.
func listAll(f *spec.Fleet, world *plan.World, opts Options) (rows []Row, labels []map[string]string) {
	add := func(r Row, o *plan.Object) {
		if opts.All || r.Address != "" {
			rows, labels = append(rows, r), append(labels, o.Labels)
		}
	}
	ownership := world.Ownerships(f)
	addresses := map[spec.Address]bool{}
	for _, r := range f.Resources {
		addresses[r.Address] = true
	}
	for _, kind := range spec.ObjectKinds {
		declared := f.ByName(kind)
		for _, o := range world.Objects[kind] {
			r := newRow(f, declared[o.Name], ownership[o], kind, o)
			if kind == spec.SandboxKind && r.Address != "" {
				r.Note = sandboxNote(f, addresses, o)
			}
			r.setTimes(o, opts.Now)
			if kind == spec.SandboxKind {
				r.Region, r.Snapshot = opts.Facts.RegionName(o.Region()), o.Snapshot()
				r.CostPerHour = costPerHour(f.Prices, o)
			}
			add(r, o)
		}
	}
	for _, o := range world.Deleting {
		r := deletingRow(f, o)
		r.CostPerHour = costPerHour(f.Prices, o)
		add(r, o)
	}
	return rows, labels
}

// setTimes sets the age of an object, and when it was last used.
func (r *Row) setTimes(o *plan.Object, now time.Time) {
	since := func(t time.Time) int64 {
		if t.IsZero() || now.IsZero() {
			return 0
		}
		return int64(max(0, now.Sub(t)) / time.Second)
	}
	r.Created, r.LastActive = o.Created, o.LastActive
	r.AgeSeconds, r.IdleSeconds = since(o.Created), since(o.LastActive)
}

// compareRows sorts the objects of the fleet first, by their addresses. The others are
// sorted by kind.
func compareRows(a, b Row) int {
	if (a.Address == "") != (b.Address == "") {
		return strings.Compare(b.Address, a.Address)
	}
	kind := func(r Row) int { return slices.Index(spec.ObjectKinds, spec.Kind(r.Kind)) }
	return cmp.Or(cmp.Compare(kind(a), kind(b)), spec.CompareKeys(a.Address, b.Address))
}

// newRow describes an object. r is the resource of the spec with its name, or
// nil.
func newRow(f *spec.Fleet, r *spec.Resource, s plan.Ownership, kind spec.Kind, o *plan.Object) Row {
	row := Row{Kind: string(kind), Name: o.Name, State: o.State, ID: o.ID}
	if o.Failed {
		row.Error = f.Redact(string(o.ErrorReason))
	}
	row.Address, row.Owner, row.OwnedBy = OwnerOf(f, r, s, kind, o)
	if s.Role == plan.RoleCopy {
		row.Note = fmt.Sprintf("probably a fork: it has the labels of sandbox.%s of fleet %s", o.Labels[spec.KeyLabel], o.Labels[spec.FleetLabel])
	}
	return row
}

// deletingRow describes a sandbox that is being deleted.
func deletingRow(f *spec.Fleet, o *plan.Object) Row {
	r := Row{Kind: string(spec.SandboxKind), Name: o.Name, State: o.State, ID: o.ID, Owner: o.Fleet(), Note: "being deleted; its name is free"}
	if r.Owner != "" {
		r.OwnedBy = "labels"
	}
	if f.HasName(o.Fleet()) {
		r.Address = spec.Address{Kind: spec.SandboxKind, Key: o.Key()}.String()
	}
	return r
}

// OwnerOf returns the address of an object of the fleet, the fleet that owns it,
// and what the ownership follows from. Values that do not apply are empty. r is
// the resource of the spec with the object's name, or nil.
func OwnerOf(f *spec.Fleet, r *spec.Resource, s plan.Ownership, kind spec.Kind, o *plan.Object) (address, fleet, by string) {
	switch {
	case s.Owned():
		return spec.Address{Kind: kind, Key: o.Key()}.String(), s.Owner, "labels"
	case s.Role == plan.RoleOtherFleet:
		return "", s.Owner, "labels"
	case kind == spec.SandboxKind:
		return "", "", ""
	case o.Shared:
		return "", "daytona", ""
	case r != nil:
		return r.String(), f.Name, "name"
	case f.Owned(kind, o.Name):
		return "", f.Name, "owns"
	}
	return "", "", ""
}

// sandboxNote describes how the spec and a sandbox of the fleet disagree: a move
// that is not applied yet, or what will happen to one that is not declared. declared are
// the addresses in the spec.
func sandboxNote(f *spec.Fleet, declared map[spec.Address]bool, o *plan.Object) string {
	var parts []string
	at := spec.Address{Kind: spec.SandboxKind, Key: o.Labels[spec.KeyLabel]}
	now := f.CurrentAddress(at)
	if now != at {
		parts = append(parts, "moves to "+now.String())
	}
	if o.Unfinished() {
		parts = append(parts, "not ready yet")
	}
	switch {
	case f.IsReleased(at):
		parts = append(parts, "to be released")
	case !declared[now]:
		parts = append(parts, "not in the spec, on_remove: "+o.OnRemove())
	}
	return strings.Join(parts, "; ")
}
