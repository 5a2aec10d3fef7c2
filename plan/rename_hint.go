package plan

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"fleet/spec"
)

// renameHint returns a hint about a mistake that may be the reason for many deletions:
// a group was given another key, or two specs have the same name. It returns "" if
// neither is likely. all is set if all sandboxes of the fleet are to be deleted.
func (c *planner) renameHint(all bool) string {
	deleted, created, known := c.changedGroups()
	if from, to := matchGroups(deleted, created); from != "" {
		return fmt.Sprintf("if sandbox.%[1]s is called sandbox.%[2]s now, write moved: [{from: sandbox.%[1]s, to: sandbox.%[2]s}]%[3]s", from, to, c.nameHint(from, to))
	}
	if all && !known && len(c.fleet.OfKind(spec.SandboxKind)) > 0 {
		return fmt.Sprintf("if another spec has the name %s, too, it made them: give one of the two another name", c.fleet.Name)
	}
	return ""
}

// nameHint returns what a move needs in addition to its entry: a name in the new block,
// unless the block already yields the names of the existing sandboxes.
func (c *planner) nameHint(from, to string) string {
	had, has := map[string]string{}, map[string]string{}
	for _, s := range c.plan.Steps {
		key, index := s.Address.Group()
		switch {
		case s.Address.Kind != spec.SandboxKind:
		case key == from && s.Have != nil:
			had[index] = spec.BaseName(s.Have.Name)
		case key == to && s.Want != nil:
			has[index] = s.Want.Name()
		}
	}
	if maps.Equal(had, has) {
		return ""
	}
	bases := map[string]bool{}
	for index, name := range had {
		base, regular := name, true
		if index != "" {
			base, regular = strings.CutSuffix(name, "-"+index)
		}
		if bases[base] = true; !regular || len(bases) > 1 {
			return fmt.Sprintf(", and a name in sandboxes.%s that makes the names that they have", to)
		}
	}
	return fmt.Sprintf(", and name: %s in sandboxes.%s", slices.Collect(maps.Keys(bases))[0], to)
}

// changedGroups returns the indexes of the groups that are deleted as a whole, and of
// those that are entirely new, by key. A single sandbox is a group with the index "".
// known is set if sandboxes are deleted whose key the spec still declares.
func (c *planner) changedGroups() (deleted, created map[string][]string, known bool) {
	deleted, created = map[string][]string{}, map[string][]string{}
	stays := map[string]bool{}
	for _, s := range c.plan.Steps {
		if s.Address.Kind != spec.SandboxKind {
			continue
		}
		key, index := s.Address.Group()
		switch {
		case s.Action == Delete && s.Want == nil:
			deleted[key] = append(deleted[key], index)
		case s.Action == Create && s.Have == nil:
			created[key] = append(created[key], index)
		default:
			stays[key] = true
		}
	}
	for key := range deleted {
		if stays[key] || len(created[key]) > 0 {
			known = true
			delete(deleted, key)
			delete(created, key)
		}
	}
	for key := range stays {
		delete(created, key)
	}
	return deleted, created, known
}

// matchGroups returns the keys of a deleted and a new group with the same copies, or ""
// unless there is exactly one such pair.
func matchGroups(deleted, created map[string][]string) (from, to string) {
	same := map[string]int{}
	mark := func(indexes []string) string {
		slices.SortFunc(indexes, spec.CompareKeys)
		return strings.Join(indexes, "\x00")
	}
	for g, had := range deleted {
		for k, has := range created {
			if m := mark(had); m == mark(has) {
				same[m]++
				from, to = g, k
			}
		}
	}
	if len(same) != 1 || same[mark(deleted[from])] != 1 {
		return "", ""
	}
	return from, to
}
