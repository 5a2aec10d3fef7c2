package render

import (
	"cmp"
	"fmt"
	"slices"

	"fleet/plan"
	"fleet/spec"
)

// A fold is a step, or several of which the same is told.
type fold struct {
	*plan.Step // the first
	steps      []*plan.Step
	title      string
	groups     [][]*plan.Step // the steps by the group that they are copies of
	told       told
	again      bool // what blocks it was told of another one
}

// Equal steps of several groups are told apart as long as there are few groups
// or few lines of them.
const (
	fewGroups = 2
	fewLines  = 5
)

// folds are the steps for a reader, each told once, at the place of the first
// of those that read the same. Copies of one group are always told together,
// and those of several when there would be many lines of them. full leaves
// each step by itself.
func folds(steps []*plan.Step, full bool) []*fold {
	if full {
		list := make([]*fold, len(steps))
		for i, s := range steps {
			list[i] = single(s)
		}
		return list
	}
	var list []*fold
	place := map[*plan.Step]int{}
	add := func(groups [][]*plan.Step, steps []*plan.Step) {
		list = append(list, newFold(groups, steps))
		place[steps[0]] = 0
	}
	for _, alike := range alike(steps) {
		groups := byGroup(alike)
		if len(groups) > fewGroups && len(groups)*lines(alike[0]) > fewLines {
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
	slices.SortFunc(list, func(a, b *fold) int { return cmp.Compare(place[a.Step], place[b.Step]) })
	return list
}

// newFold tells of steps that read the same.
func newFold(groups [][]*plan.Step, steps []*plan.Step) *fold {
	f := &fold{Step: steps[0], steps: steps, groups: groups, told: tell(steps)}
	f.title = copies(steps, titleWidth)
	if f.several() {
		f.title = fmt.Sprintf("%d %s", len(steps), f.Address.Kind.Section())
	}
	return f
}

// single tells of one step.
func single(s *plan.Step) *fold {
	steps := []*plan.Step{s}
	return newFold([][]*plan.Step{steps}, steps)
}

// several reports whether the steps are not all of one group.
func (f *fold) several() bool { return len(f.groups) > 1 }

// size is how many steps the fold holds.
func (f *fold) size() int { return len(f.steps) }

// lines is about how many lines a step takes.
func lines(s *plan.Step) int {
	n := 1 + len(s.Changes)
	if s.Blocked != nil {
		n += 2
	}
	return n
}

// alike gathers the steps of which the same is told: in so many words, or with
// no other difference than their own names and keys.
func alike(steps []*plan.Step) [][]*plan.Step {
	var list, left [][]*plan.Step
	gather(steps, false, func(group []*plan.Step) { list = append(list, group) })
	var single []*plan.Step
	for _, group := range list {
		if len(group) == 1 {
			single = append(single, group[0])
		} else {
			left = append(left, group)
		}
	}
	gather(single, true, func(group []*plan.Step) { left = append(left, group) })
	return left
}

// gather yields the steps with the same story together, in the order of the
// first of each.
func gather(steps []*plan.Step, nameless bool, yield func([]*plan.Step)) {
	groups := make([][]*plan.Step, 0, len(steps))
	index := make(map[string]int, len(steps))
	var key []byte
	for _, s := range steps {
		key = story(key[:0], s, nameless)
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

// story appends all that is told of a step but its address. A nameless story
// has a mark in the places of the step's own name, key and address.
func story(b []byte, s *plan.Step, nameless bool) []byte {
	text := func(t string) {
		if nameless {
			t = unnamed(t, s)
		}
		b = append(append(b, t...), 0)
	}
	b = append(append(b, s.Address.Kind...), byte(s.Action), byte(s.Action>>8))
	b = append(append(append(b, s.Loses...), 0), s.Drift...)
	for _, op := range s.Ops {
		if travels[op.Verb] {
			b = append(append(b, 0), op.Verb...)
		}
	}
	b = append(b, 0)
	text(s.Reason)
	text(s.Kept)
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
		if whole := s.Address.Whole(); at < 0 || whole != last {
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
