// Package steps groups the steps of plans and the results of runs that read the
// same, so that each is shown once.
package steps

import (
	"cmp"
	"fmt"
	"slices"

	"fleet/plan"
	"fleet/spec"
)

// An Entry is a step, or several that read the same.
type Entry struct {
	*plan.Step                // the first one
	Steps      []*plan.Step   // all of them
	Title      string         // the address, a range of addresses, or a number of objects
	Groups     [][]*plan.Step // the steps by their group
	Content    Content
	BlockShown bool // an earlier entry has shown the same block
}

// Equal steps of several groups have an entry for each group if there are few
// groups, or few lines.
const (
	maxSeparateGroups = 2
	maxSeparateLines  = 5
)

// Entries returns entries for steps, each at the place of its first step.
// Equal members of a group share an entry, and equal steps of several groups do if
// they would take many lines. With full, each step has an entry.
func Entries(steps []*plan.Step, full bool) []*Entry {
	if full {
		list := make([]*Entry, len(steps))
		for i, s := range steps {
			list[i] = Single(s)
		}
		return list
	}
	var list []*Entry
	place := map[*plan.Step]int{}
	add := func(groups [][]*plan.Step, steps []*plan.Step) {
		list = append(list, newPlanEntry(groups, steps))
		place[steps[0]] = 0
	}
	for _, alike := range groupIdentical(steps) {
		groups := byGroup(alike)
		if len(groups) > maxSeparateGroups && len(groups)*estimateLines(alike[0]) > maxSeparateLines {
			add(groups, alike)
			continue
		}
		for _, g := range groups {
			add([][]*plan.Step{g}, g)
		}
	}
	for i, s := range steps {
		if _, first := place[s]; first {
			place[s] = i
		}
	}
	slices.SortFunc(list, func(a, b *Entry) int { return cmp.Compare(place[a.Step], place[b.Step]) })
	return list
}

// newPlanEntry returns the entry of steps that read the same.
func newPlanEntry(groups [][]*plan.Step, steps []*plan.Step) *Entry {
	f := &Entry{Step: steps[0], Steps: steps, Groups: groups, Content: newEntryContent(steps)}
	f.Title = AddressRange(steps, TitleWidth)
	if f.SpansGroups() {
		f.Title = fmt.Sprintf("%d %s", len(steps), f.Address.Kind.Section())
	}
	return f
}

// Single returns the entry of one step.
func Single(s *plan.Step) *Entry {
	steps := []*plan.Step{s}
	return newPlanEntry([][]*plan.Step{steps}, steps)
}

// SpansGroups reports whether the steps belong to more than one group.
func (f *Entry) SpansGroups() bool { return len(f.Groups) > 1 }

// Size returns the number of steps.
func (f *Entry) Size() int { return len(f.Steps) }

// estimateLines returns about how many lines a step takes.
func estimateLines(s *plan.Step) int {
	n := 1 + len(s.Changes)
	if s.Blocked != nil {
		n += 2
	}
	return n
}

// groupIdentical groups steps that read the same: exactly, or apart from their own
// names and keys.
func groupIdentical(steps []*plan.Step) [][]*plan.Step {
	var list, left [][]*plan.Step
	groupByKey(steps, false, func(group []*plan.Step) { list = append(list, group) })
	var single []*plan.Step
	for _, group := range list {
		if len(group) == 1 {
			single = append(single, group[0])
		} else {
			left = append(left, group)
		}
	}
	groupByKey(single, true, func(group []*plan.Step) { left = append(left, group) })
	return left
}

// groupByKey yields the steps with the same grouping key, in the order of the
// first step of each group.
func groupByKey(steps []*plan.Step, ignoreNames bool, yield func([]*plan.Step)) {
	groups := make([][]*plan.Step, 0, len(steps))
	index := make(map[string]int, len(steps))
	var key []byte
	for _, s := range steps {
		key = appendGroupingKey(key[:0], s, ignoreNames)
		i, known := index[string(key)]
		if !known {
			i = len(groups)
			index[string(key)] = i
			groups = append(groups, nil)
		}
		groups[i] = append(groups[i], s)
	}
	for _, g := range groups {
		yield(g)
	}
}

// appendGroupingKey appends everything that an entry shows of a step except its
// address. With ignoreNames, the step's own name, key and address are replaced
// with a mark.
func appendGroupingKey(b []byte, s *plan.Step, ignoreNames bool) []byte {
	text := func(t string) {
		if ignoreNames {
			t = withoutOwnName(t, s)
		}
		b = append(append(b, t...), 0)
	}
	b = append(append(b, s.Address.Kind...), byte(s.Action), byte(s.Action>>8))
	b = append(append(append(b, s.DataLoss...), 0), s.Drift...)
	for _, op := range s.Ops {
		if op.Verb.ChangesRunState() {
			b = append(append(b, 0), op.Verb...)
		}
	}
	b = append(b, 0)
	text(s.Reason)
	text(s.RetainedReason)
	b = append(append(append(b, s.NeededBy.Kind...), s.NeededBy.Key...), 0)
	for _, c := range s.Changes {
		b = append(append(append(b, c.Attribute...), 0), c.Rule...)
		if c.Forces {
			b = append(b, '!')
		}
		b = append(b, 0)
		text(c.Have)
		text(c.Want)
		for _, d := range c.Details {
			text(d)
		}
	}
	if s.Blocked != nil {
		b = append(append(b, 1), s.Blocked.Kind...)
		text(s.Blocked.Reason)
		text(s.Blocked.Unblock)
	}
	return b
}

// byGroup groups steps by the group that they belong to.
func byGroup(steps []*plan.Step) [][]*plan.Step {
	var list [][]*plan.Step
	if len(steps) == 1 {
		return append(list, steps)
	}
	index := map[spec.Address]int{}
	var last spec.Address
	at := -1
	for _, s := range steps {
		if whole := s.Address.GroupAddress(); at < 0 || whole != last {
			i, known := index[whole]
			if !known {
				i = len(list)
				index[whole] = i
				list = append(list, nil)
			}
			at, last = i, whole
		}
		list[at] = append(list[at], s)
	}
	return list
}
