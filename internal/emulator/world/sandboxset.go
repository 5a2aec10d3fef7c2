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
	// shards are the parts of Order by the first digit of the id.
	shards map[byte][]*Sandbox
}

func newSandboxSet() *SandboxSet {
	return &SandboxSet{ByID: map[string]*Sandbox{}, ByName: map[string]string{}, shards: map[byte][]*Sandbox{}}
}

// WithPrefix returns sandboxes in the order of their creation, among them all whose ids
// match the prefix, in which % and _ are wildcards and case does not matter.
func (s *SandboxSet) WithPrefix(prefix string) []*Sandbox {
	if prefix == "" || !strings.Contains("0123456789abcdefABCDEF", prefix[:1]) {
		return s.Order
	}
	return s.shards[strings.ToLower(prefix)[0]]
}

// shardOf returns the key of the shard of a sandbox.
func shardOf(sb *Sandbox) byte {
	if sb.ID == "" {
		return 0
	}
	return strings.ToLower(sb.ID[:1])[0]
}

// put adds a sandbox, or replaces the one with the same id and creation time.
func (s *SandboxSet) put(sb *Sandbox) {
	if at, found := slices.BinarySearchFunc(s.Order, sb, ByCreation); found {
		s.unname(s.Order[at])
	}
	s.Order = insertInOrder(s.Order, sb)
	s.shards[shardOf(sb)] = insertInOrder(s.shards[shardOf(sb)], sb)
	s.ByID[sb.ID] = sb
	s.ByName[sb.Name] = sb.ID
}

func (s *SandboxSet) remove(sb *Sandbox) {
	s.Order = removeInOrder(s.Order, sb)
	s.shards[shardOf(sb)] = removeInOrder(s.shards[shardOf(sb)], sb)
	delete(s.ByID, sb.ID)
	s.unname(sb)
}

func (s *SandboxSet) rename(sb *Sandbox, name string) {
	s.unname(sb)
	sb.Name = name
	s.ByName[name] = sb.ID
}

// insertInOrder inserts a sandbox, or replaces the one with the same id and creation time.
func insertInOrder(order []*Sandbox, sb *Sandbox) []*Sandbox {
	at, found := slices.BinarySearchFunc(order, sb, ByCreation)
	if found {
		order[at] = sb
		return order
	}
	return slices.Insert(order, at, sb)
}

func removeInOrder(order []*Sandbox, sb *Sandbox) []*Sandbox {
	if at, found := slices.BinarySearchFunc(order, sb, ByCreation); found {
		return slices.Delete(order, at, at+1)
	}
	return order
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
