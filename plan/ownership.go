package plan

import "fleet/spec"

// A Role is what a sandbox is to a fleet.
type Role int

// The roles. Labels of fleet decide first: what a fleet owns is never another
// tool's, whatever other labels it carries.
const (
	RoleUnowned       Role = iota // no fleet and no tool owns it
	RoleTool                      // another tool has marked it
	RoleOtherFleet                // another fleet owns it
	RoleCopy                      // it carries the labels of another sandbox of a fleet, which nobody meant for it
	RoleOwned                     // the fleet owns it
	RoleDuplicate                 // the fleet owns it, and another one is already what it is to be
	RoleSurgeLeftover             // the fleet owns it; an interrupted replacement has left it over
)

// An Ownership says whose a sandbox is.
type Ownership struct {
	Role  Role
	Owner string // name of the fleet that owns it, or whose labels it carries, or of the tool
	Key   string // under which the fleet owns it now
}

// Owned reports whether the fleet owns the sandbox.
func (s Ownership) Owned() bool {
	return s.Role == RoleOwned || s.Role == RoleDuplicate || s.Role == RoleSurgeLeftover
}

// Ownerships returns the ownership of each sandbox of the world. All commands
// decide by it whose a sandbox is.
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

// ownershipOf is that of a sandbox which the fleet does not know under a key.
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
