package render

import (
	"cmp"
	"fmt"
	"slices"

	"fleet/plan"
	"fleet/spec"
)

// A fold is a step, or several of which the same is told.
type planEntry struct {
	*plan.Step // the first
	steps      []*plan.Step
	title      string
	groups     [][]*plan.Step // the steps by the group that they are copies of
	content    entryContent
	blockShown bool // what blocks it was told of another one
}

// Equal steps of several groups are told apart as long as there are few groups
// or few lines of them.
const (
	maxSeparateGroups = 2
	maxSeparateLines  = 5
)

// planEntries are the steps for a reader, each told once, at the place of the first
// of those that read the same. Copies of one group are always told together,
// and those of several when there would be many lines of them. full leaves
// each step by itself.
func planEntries(steps []*plan.Step, full bool) []*planEntry {
	if full {
		list := make([]*planEntry, len(steps))
		for i, s := range steps {
			list[i] = singleEntry(s)
		}
		return list
	}
	var list []*planEntry
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
	slices.SortFunc(list, func(a, b *planEntry) int { return cmp.Compare(place[a.Step], place[b.Step]) })
	return list
}

// newPlanEntry tells of steps that read the same.
func newPlanEntry(groups [][]*plan.Step, steps []*plan.Step) *planEntry {
	f := &planEntry{Step: steps[0], steps: steps, groups: groups, content: newEntryContent(steps)}
	f.title = addressRange(steps, titleWidth)
	if f.spansGroups() {
		f.title = fmt.Sprintf("%d %s", len(steps), f.Address.Kind.Section())
	}
	return f
}

// singleEntry tells of one step.
func singleEntry(s *plan.Step) *planEntry {
	steps := []*plan.Step{s}
	return newPlanEntry([][]*plan.Step{steps}, steps)
}

// spansGroups reports whether the steps are not all of one group.
func (f *planEntry) spansGroups() bool { return len(f.groups) > 1 }

// size is how many steps the fold holds.
func (f *planEntry) size() int { return len(f.steps) }

// estimateLines is about how many lines a step takes.
func estimateLines(s *plan.Step) int {
	n := 1 + len(s.Changes)
	if s.Blocked != nil {
		n += 2
	}
	return n
}

// groupIdentical gathers the steps of which the same is told: in so many words, or with
// no other difference than their own names and keys.
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

// groupByKey yields the steps with the same story together, in the order of the
// first of each.
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

// appendGroupingKey appends all that is told of a step but its address. A nameless story
// has a mark in the places of the step's own name, key and address.
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
	}
	if s.Blocked != nil {
		b = append(append(b, 1), s.Blocked.Kind...)
		text(s.Blocked.Reason)
		text(s.Blocked.Unblock)
	}
	return b
}

// byGroup parts steps by the group that they are copies of.
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
