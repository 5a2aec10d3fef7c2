package plan

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"fleet/spec"
)

// mistaken says what else the reason may be that much is to go: a group has
// another key now, or two specs have one name. It returns "" when nothing looks
// like that. all says that all sandboxes of the fleet are to go.
func (c *computer) mistaken(all bool) string {
	gone, come, known := c.groups()
	if from, to := twins(gone, come); from != "" {
		return fmt.Sprintf("if sandbox.%[1]s is called sandbox.%[2]s now, write moved: [{from: sandbox.%[1]s, to: sandbox.%[2]s}]%[3]s", from, to, c.keepingNames(from, to))
	}
	if all && !known && len(c.fleet.Of(spec.SandboxKind)) > 0 {
		return fmt.Sprintf("if another spec has the name %s, too, it made them: give one of the two another name", c.fleet.Name)
	}
	return ""
}

// keepingNames says what a move needs beside its entry: a name in the new block,
// unless that makes the names that the sandboxes have.
func (c *computer) keepingNames(from, to string) string {
	had, has := map[string]string{}, map[string]string{}
	for _, s := range c.plan.Steps {
		key, index := s.Address.Group()
		switch {
		case s.Address.Kind != spec.SandboxKind:
		case key == from && s.Have != nil:
			had[index] = spec.FirstName(s.Have.Name)
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

// groups are the indexes of the groups that go as a whole, and of those that
// are all new, by key. A single sandbox is a group with the index "". known says
// that some that go have a key that the spec knows.
func (c *computer) groups() (gone, come map[string][]string, known bool) {
	gone, come = map[string][]string{}, map[string][]string{}
	stays := map[string]bool{}
	for _, s := range c.plan.Steps {
		if s.Address.Kind != spec.SandboxKind {
			continue
		}
		key, index := s.Address.Group()
		switch {
		case s.Action == Delete && s.Want == nil:
			gone[key] = append(gone[key], index)
		case s.Action == Create && s.Have == nil:
			come[key] = append(come[key], index)
		default:
			stays[key] = true
		}
	}
	for key := range gone {
		if stays[key] || len(come[key]) > 0 {
			known = true
			delete(gone, key)
			delete(come, key)
		}
	}
	for key := range stays {
		delete(come, key)
	}
	return gone, come, known
}

// twins finds a group that goes and one that comes with the same copies, if there
// is but one such pair.
func twins(gone, come map[string][]string) (from, to string) {
	same := map[string]int{}
	mark := func(indexes []string) string {
		slices.SortFunc(indexes, spec.CompareKeys)
		return strings.Join(indexes, "\x00")
	}
	for g, had := range gone {
		for k, has := range come {
			if m := mark(had); m == mark(has) {
				same[m]++
				from, to = g, k
			}
		}
	}
	if len(same) != 1 || same[mark(gone[from])] != 1 {
		return "", ""
	}
	return from, to
}
