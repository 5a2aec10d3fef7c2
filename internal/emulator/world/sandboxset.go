package world

import (
	"cmp"
	"slices"
	"strings"
)

// sandboxSet finds sandboxes by id, by name and in the order of their creation.
type sandboxSet struct {
	ByID   map[string]*Sandbox
	ByName map[string]string
	Order  []*Sandbox
}

func newSandboxSet() *sandboxSet {
	return &sandboxSet{ByID: map[string]*Sandbox{}, ByName: map[string]string{}}
}

// put adds a sandbox or replaces the one of that id; createdAt must not differ.
func (s *sandboxSet) put(sb *Sandbox) {
	at, found := slices.BinarySearchFunc(s.Order, sb, ByCreation)
	if found {
		s.unname(s.Order[at])
		s.Order[at] = sb
	} else {
		s.Order = slices.Insert(s.Order, at, sb)
	}
	s.ByID[sb.ID] = sb
	s.ByName[sb.Name] = sb.ID
}

func (s *sandboxSet) remove(sb *Sandbox) {
	if at, found := slices.BinarySearchFunc(s.Order, sb, ByCreation); found {
		s.Order = slices.Delete(s.Order, at, at+1)
	}
	delete(s.ByID, sb.ID)
	s.unname(sb)
}

func (s *sandboxSet) rename(sb *Sandbox, name string) {
	s.unname(sb)
	sb.Name = name
	s.ByName[name] = sb.ID
}

// unname frees the name unless another sandbox took it: two deleted in one
// millisecond share their name.
func (s *sandboxSet) unname(sb *Sandbox) {
	if s.ByName[sb.Name] == sb.ID {
		delete(s.ByName, sb.Name)
	}
}

func ByCreation(a, b *Sandbox) int {
	return cmp.Or(a.CreatedAt.Compare(b.CreatedAt.Time), strings.Compare(a.ID, b.ID))
}
