package emulator

import (
	"cmp"
	"slices"
	"strings"
)

// sandboxSet finds sandboxes by id, by name and in the order of their creation.
type sandboxSet struct {
	byID   map[string]*sandbox
	byName map[string]string
	order  []*sandbox
}

func newSandboxSet() *sandboxSet {
	return &sandboxSet{byID: map[string]*sandbox{}, byName: map[string]string{}}
}

// put adds a sandbox or replaces the one of that id; createdAt must not differ.
func (s *sandboxSet) put(sb *sandbox) {
	at, found := slices.BinarySearchFunc(s.order, sb, byCreation)
	if found {
		s.unname(s.order[at])
		s.order[at] = sb
	} else {
		s.order = slices.Insert(s.order, at, sb)
	}
	s.byID[sb.ID] = sb
	s.byName[sb.Name] = sb.ID
}

func (s *sandboxSet) remove(sb *sandbox) {
	if at, found := slices.BinarySearchFunc(s.order, sb, byCreation); found {
		s.order = slices.Delete(s.order, at, at+1)
	}
	delete(s.byID, sb.ID)
	s.unname(sb)
}

func (s *sandboxSet) rename(sb *sandbox, name string) {
	s.unname(sb)
	sb.Name = name
	s.byName[name] = sb.ID
}

// unname frees the name unless another sandbox took it: two deleted in one
// millisecond share their name.
func (s *sandboxSet) unname(sb *sandbox) {
	if s.byName[sb.Name] == sb.ID {
		delete(s.byName, sb.Name)
	}
}

func byCreation(a, b *sandbox) int {
	return cmp.Or(a.CreatedAt.Compare(b.CreatedAt.Time), strings.Compare(a.ID, b.ID))
}
