package plan

import "fleet/spec"

// A Role is what a sandbox is to a fleet.
type Role int

// The roles. Labels of fleet decide first: what a fleet owns is never another
// tool's, whatever other labels it carries.
const (
	OfNobody Role = iota // no fleet and no tool owns it
	OfTool               // another tool has marked it
	OfOther              // another fleet owns it
	Copy                 // it carries the labels of another sandbox of a fleet, which nobody meant for it
	Own                  // the fleet owns it
	Double               // the fleet owns it, and another one is already what it is to be
	Spare                // the fleet owns it; an interrupted replacement has left it over
)

// An Ownership says whose a sandbox is.
type Ownership struct {
	Role  Role
	Owner string // name of the fleet that owns it, or whose labels it carries, or of the tool
	Key   string // under which the fleet owns it now
}

// Ours reports whether the fleet owns the sandbox.
func (s Ownership) Ours() bool { return s.Role == Own || s.Role == Double || s.Role == Spare }

// Ownerships returns the ownership of each sandbox of the world. All commands
// decide by it whose a sandbox is.
func (w *World) Ownerships(f *spec.Fleet) map[*Object]Ownership {
	all := make(map[*Object]Ownership, len(w.Sandboxes))
	own := own(f, w.Sandboxes, wants(f), true)
	ours := func(role Role, o *Object, key string) {
		if o != nil {
			all[o] = Ownership{role, o.Fleet(), key}
		}
	}
	for o, key := range own.keys {
		ours(Own, o, key)
	}
	for _, list := range own.double {
		for _, o := range list {
			ours(Double, o, o.Key())
		}
	}
	for key, o := range own.spares {
		ours(Spare, o, key)
	}
	for _, o := range w.Sandboxes {
		if _, known := all[o]; !known {
			all[o] = ownershipOf(f, o)
		}
	}
	return all
}

// ownershipOf is that of a sandbox which the fleet does not know under a key.
func ownershipOf(f *spec.Fleet, o *Object) Ownership {
	switch owner := o.Fleet(); {
	case owner != "" && (spec.Copied(o.Labels, o.Name) || f.Is(owner)):
		return Ownership{Role: Copy, Owner: owner}
	case owner != "":
		return Ownership{Role: OfOther, Owner: owner}
	case o.Manager() != "":
		return Ownership{Role: OfTool, Owner: o.Manager()}
	}
	return Ownership{}
}
