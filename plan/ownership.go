package plan

import "fleet/spec"

// A Role is the relation of a sandbox to a fleet.
type Role int

// The roles. The labels of fleet take precedence: a sandbox that a fleet owns is not
// managed by another tool, regardless of its other labels.
const (
	RoleUnowned       Role = iota // no fleet and no tool owns it
	RoleTool                      // another tool manages it, by its labels
	RoleOtherFleet                // another fleet owns it
	RoleCopy                      // it has the labels of another sandbox of a fleet, for example as a fork of it
	RoleOwned                     // the fleet owns it
	RoleDuplicate                 // the fleet owns it, and another sandbox has its key
	RoleSurgeLeftover             // the fleet owns it; an interrupted surge left it over
)

// An Ownership is the owner of a sandbox as a fleet sees it. The zero Ownership is
// that of an unowned sandbox.
type Ownership struct {
	Role  Role   // relation to the fleet
	Owner string // name of the fleet in its labels, or of the tool; empty for an unowned sandbox
	Key   string // current key in the fleet; empty if the fleet does not own it
}

// Owned reports whether the fleet owns the sandbox.
func (s Ownership) Owned() bool {
	return s.Role == RoleOwned || s.Role == RoleDuplicate || s.Role == RoleSurgeLeftover
}

// Ownerships returns the ownership of each sandbox of the world. All commands use it
// to decide whether f owns a sandbox.
func (w *World) Ownerships(f *spec.Fleet) map[*Object]Ownership {
	all := make(map[*Object]Ownership, len(w.Objects[spec.SandboxKind]))
	own := newOwnershipIndex(f, w.Objects[spec.SandboxKind], resourcesByAddress(f), true)
	addOwned := func(role Role, o *Object, key string) {
		if o != nil {
			all[o] = Ownership{role, o.Fleet(), key}
		}
	}
	for o, key := range own.keys {
		addOwned(RoleOwned, o, key)
	}
	for _, list := range own.duplicates {
		for _, o := range list {
			addOwned(RoleDuplicate, o, o.Key())
		}
	}
	for key, o := range own.surgeLeftovers {
		addOwned(RoleSurgeLeftover, o, key)
	}
	for _, o := range w.Objects[spec.SandboxKind] {
		if _, known := all[o]; !known {
			all[o] = ownershipOf(f, o)
		}
	}
	return all
}

// ownershipOf returns the ownership of a sandbox that f does not own.
func ownershipOf(f *spec.Fleet, o *Object) Ownership {
	switch owner := o.Fleet(); {
	case owner != "" && (spec.HasCopiedLabels(o.Labels, o.Name) || f.HasName(owner)):
		return Ownership{Role: RoleCopy, Owner: owner}
	case owner != "":
		return Ownership{Role: RoleOtherFleet, Owner: owner}
	case o.Manager() != "":
		return Ownership{Role: RoleTool, Owner: o.Manager()}
	}
	return Ownership{}
}
