package plan

import (
	"cmp"
	"slices"

	"fleet/internal/foreign"
	"fleet/spec"
)

// An Unmanaged lists the objects of an organization that a fleet does not own.
type Unmanaged struct {
	Objects []Unowned `json:"objects"` // objects without a known owner, sorted by kind and name
	Others  []Owner   `json:"others"`  // owners of the other sandboxes, sorted by name
}

// An Unowned is an object that no fleet is known to own.
type Unowned struct {
	Kind  spec.Kind    `json:"kind"`           // of the object
	Name  foreign.Text `json:"name"`           // of the object
	ID    foreign.Text `json:"id"`             // of the object
	State string       `json:"state"`          // in the server's words
	Note  foreign.Text `json:"note,omitempty"` // where it may come from; may be empty
}

// An Owner is another fleet, or another tool, with the number of its sandboxes.
type Owner struct {
	Name      foreign.Text `json:"name"`           // of the fleet or tool
	Tool      bool         `json:"tool,omitempty"` // it is a tool, not a fleet
	Sandboxes int          `json:"sandboxes"`      // number of them
}

// FindUnmanaged returns the objects that f does not own. w has to hold all objects of
// the organization. Snapshots and volumes carry no labels: those of another fleet
// appear as unowned. created are the recorded creations of f.
func FindUnmanaged(f *spec.Fleet, w *World, created []Creation) *Unmanaged {
	u := &Unmanaged{Objects: []Unowned{}, Others: []Owner{}}
	others := map[Owner]int{}
	ownerships := w.Ownerships(f)
	for _, o := range w.Objects[spec.SandboxKind] {
		switch s := ownerships[o]; s.Role {
		case RoleCopy:
			u.add(spec.SandboxKind, o, "a fork, probably, with the labels of "+sandboxAddress(o.Key()).String()+" of the fleet "+s.Owner)
		case RoleOtherFleet, RoleTool:
			others[Owner{Name: foreign.Text(s.Owner), Tool: s.Role == RoleTool}]++
		case RoleUnowned:
			u.add(spec.SandboxKind, o, "")
		}
	}
	versions := w.KnownVersions(f, created)
	for _, kind := range spec.NamedKinds {
		declared := f.ByName(kind)
		for _, o := range w.Objects[kind] {
			if !o.Shared && declared[o.Name] == nil && !o.Deleting() && !f.Owned(kind, o.Name) && !versions[o] {
				u.add(kind, o, "")
			}
		}
	}
	for o, n := range others {
		o.Sandboxes = n
		u.Others = append(u.Others, o)
	}
	slices.SortFunc(u.Others, func(a, b Owner) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Sandboxes, b.Sandboxes))
	})
	slices.SortStableFunc(u.Objects, func(a, b Unowned) int {
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Name, b.Name))
	})
	return u
}

// add adds an unowned object.
func (u *Unmanaged) add(kind spec.Kind, o *Object, note string) {
	u.Objects = append(u.Objects, Unowned{kind, foreign.Text(o.Name), foreign.Text(o.ID), o.State, foreign.Text(note)})
}
