package plan

import (
	"cmp"
	"slices"

	"fleet/internal/foreign"
	"fleet/spec"
)

// An Unmanaged is what of an organisation the spec does not speak of.
type Unmanaged struct {
	Objects []Unowned `json:"objects"` // owned by no spec, as far as that can be told
	Others  []Owner   `json:"others"`  // whose the rest is, by how much
}

// An Unowned is an object that no spec owns.
type Unowned struct {
	Kind  spec.Kind    `json:"kind"`
	Name  foreign.Text `json:"name"`
	ID    foreign.Text `json:"id"`
	State string       `json:"state"`
	Note  foreign.Text `json:"note,omitempty"`
}

// An Owner is another fleet, or another tool, with the number of its sandboxes.
type Owner struct {
	Name      foreign.Text `json:"name"`
	Tool      bool         `json:"tool,omitempty"` // it is no fleet
	Sandboxes int          `json:"sandboxes"`
}

// FindUnmanaged finds in a world that holds the whole organisation what the
// fleet does not own. Snapshots and volumes carry no labels: those of another
// fleet look like nobody's.
func FindUnmanaged(f *spec.Fleet, w *World) *Unmanaged {
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
	for _, kind := range []spec.Kind{spec.SnapshotKind, spec.VolumeKind} {
		declared := f.ByName(kind)
		for _, o := range w.Objects[kind] {
			if !o.Shared && declared[o.Name] == nil && !o.Deleting() && !f.Owned(kind, o.Name) {
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

func (u *Unmanaged) add(kind spec.Kind, o *Object, note string) {
	u.Objects = append(u.Objects, Unowned{kind, foreign.Text(o.Name), foreign.Text(o.ID), o.State, foreign.Text(note)})
}
