// Package status lists what exists in an organisation, with the owner of each
// object.
package status

import (
	"fmt"
	"slices"
	"strings"

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
}

// List returns the objects of a fleet, or with all those of the whole
// organisation. Those of the fleet come first, in the order of their addresses.
// The result is never nil.
func List(f *spec.Fleet, world *plan.World, all bool) []Row {
	rows := []Row{}
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
			if all || r.Address != "" {
				rows = append(rows, r)
			}
		}
	}
	rows = append(rows, deletingRows(f, world, all)...)
	slices.SortStableFunc(rows, compareRows)
	return rows
}

// compareRows sorts the objects of the fleet first. The order of other objects
// is kept.
func compareRows(a, b Row) int {
	switch {
	case (a.Address == "") != (b.Address == ""):
		return strings.Compare(b.Address, a.Address)
	case a.Kind == b.Kind:
		return spec.CompareKeys(a.Address, b.Address)
	}
	return 0
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

// deletingRows returns the sandboxes that are being deleted: those of the fleet,
// or with all those of the whole organisation.
func deletingRows(f *spec.Fleet, world *plan.World, all bool) []Row {
	var rows []Row
	for _, o := range world.Deleting {
		r := Row{Kind: string(spec.SandboxKind), Name: o.Name, State: o.State, ID: o.ID, Owner: o.Fleet(), Note: "being deleted; its name is free"}
		if r.Owner != "" {
			r.OwnedBy = "labels"
		}
		if f.HasName(o.Fleet()) {
			r.Address = spec.Address{Kind: spec.SandboxKind, Key: o.Key()}.String()
		}
		if all || r.Address != "" {
			rows = append(rows, r)
		}
	}
	return rows
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
