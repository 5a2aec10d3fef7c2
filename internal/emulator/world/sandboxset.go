package world

import (
	"cmp"
	"slices"
	"strings"
)

// SandboxSet indexes sandboxes by id, by name and in the order of their creation.
type SandboxSet struct {
	ByID   map[string]*Sandbox
	ByName map[string]string
	Order  []*Sandbox
}

func newSandboxSet() *SandboxSet {
	return &SandboxSet{ByID: map[string]*Sandbox{}, ByName: map[string]string{}}
}

// put adds a sandbox, or replaces the one with the same id and creation time.
func (s *SandboxSet) put(sb *Sandbox) {
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

func (s *SandboxSet) remove(sb *Sandbox) {
	if at, found := slices.BinarySearchFunc(s.Order, sb, ByCreation); found {
		s.Order = slices.Delete(s.Order, at, at+1)
	}
	delete(s.ByID, sb.ID)
	s.unname(sb)
}

func (s *SandboxSet) rename(sb *Sandbox, name string) {
	s.unname(sb)
	sb.Name = name
	s.ByName[name] = sb.ID
}

// unname releases the name unless another sandbox has taken it: two sandboxes that
// were deleted in the same millisecond share a name.
func (s *SandboxSet) unname(sb *Sandbox) {
	if s.ByName[sb.Name] == sb.ID {
		delete(s.ByName, sb.Name)
	}
}

// ByCreation compares sandboxes by creation time, then by id.
func ByCreation(a, b *Sandbox) int {
	return cmp.Or(a.CreatedAt.Compare(b.CreatedAt.Time), strings.Compare(a.ID, b.ID))
}
