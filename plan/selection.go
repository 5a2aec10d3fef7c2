package plan

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"fleet/internal/suggest"
	"fleet/spec"
)

// A Selection limits a plan to some steps and the steps that they need. A step has to
// satisfy all fields. The zero Selection selects everything.
type Selection struct {
	Targets        []Selector      `json:"target,omitempty"`  // any of them matches; empty matches all steps
	Excludes       []Selector      `json:"exclude,omitempty"` // none of them matches
	Labels         []Selector      `json:"labels,omitempty"`  // all of them match
	Only           []Action        `json:"only,omitempty"`    // the action is any of them; empty allows all
	AddressFilters []AddressFilter `json:"among,omitempty"`   // all of them contain the address
}

// An AddressFilter is a list of addresses that a flag has computed, such as
// --changed-since. The address of a group stands for all its copies. Addresses
// without a step are ignored.
type AddressFilter struct {
	Source    string         `json:"by"`        // the flag, for messages
	Addresses []spec.Address `json:"addresses"` // in any order
}

// narrows reports whether the selection may exclude steps.
func (s Selection) narrows() bool {
	return len(s.Targets)+len(s.Excludes)+len(s.Labels)+len(s.Only)+len(s.AddressFilters) > 0
}

// A SelectionError is the error of a selection that matches nothing or contradicts
// itself.
type SelectionError struct {
	Flag    string // the flag with the mistake, such as --target
	Message string // continues Flag
	Hint    string // the remedy; may be empty
}

// Error returns the flag, the message and the hint in one line.
func (e *SelectionError) Error() string {
	text := e.Flag + " " + e.Message
	if e.Hint != "" {
		text += "; " + e.Hint
	}
	return text
}

// A matcher matches steps with selectors and remembers which of them matched.
type matcher struct {
	flag           string
	selectors      []Selector
	exactIndexes   map[string][]int // of the selectors that are addresses, by address
	patternIndexes []int            // of the other selectors
	matched        []bool
	fleet          string
	labelsUnset    *Step // a step whose labels a selector needs and that are not known; nil for none
}

// newMatcher returns a matcher for the selectors of a flag.
func newMatcher(flag, fleet string, selectors []Selector) *matcher {
	m := &matcher{flag: flag, fleet: fleet, selectors: selectors, exactIndexes: map[string][]int{}, matched: make([]bool, len(selectors))}
	for i, s := range selectors {
		if s.isExact() {
			m.exactIndexes[s.text] = append(m.exactIndexes[s.text], i)
		} else {
			m.patternIndexes = append(m.patternIndexes, i)
		}
	}
	return m
}

// matchesAny reports whether one of the selectors matches the step.
func (m *matcher) matchesAny(s *Step) bool { return m.matchCount(s) > 0 }

// matchesAll reports whether all of the selectors match the step.
func (m *matcher) matchesAll(s *Step) bool { return m.matchCount(s) == len(m.selectors) }

// matchCount returns the number of selectors that match the step.
func (m *matcher) matchCount(s *Step) int {
	n := 0
	mark := func(i int) { m.matched[i], n = true, n+1 }
	if len(m.exactIndexes) > 0 {
		for _, i := range m.exactIndexes[s.Address.String()] {
			mark(i)
		}
		if whole := s.Address.GroupAddress(); whole != s.Address {
			for _, i := range m.exactIndexes[whole.String()] {
				mark(i)
			}
		}
	}
	var labels map[string]string
	for _, i := range m.patternIndexes {
		if m.selectors[i].matches(s, func() map[string]string {
			if s.Want != nil && s.Want.LabelsUnset() {
				m.labelsUnset = s
			}
			if labels == nil {
				labels = s.labels(m.fleet)
			}
			return labels
		}) {
			mark(i)
		}
	}
	return n
}

// labels returns the labels of the step's sandbox after the step.
func (s *Step) labels(fleet string) map[string]string {
	switch {
	case s.Want == nil:
		return s.Have.Labels
	case s.Have == nil:
		return s.Want.Labels(fleet, nil)
	}
	have := s.Have.Labels
	if have == nil {
		have = map[string]string{}
	}
	return s.Want.Labels(fleet, have)
}

// unmatchedError returns the error of the first selector that matched no step, or nil.
func (m *matcher) unmatchedError(steps []*Step) error {
	i := slices.Index(m.matched, false)
	switch {
	case m.labelsUnset != nil:
		return &SelectionError{m.flag, fmt.Sprintf("asks for labels, and those of %s depend on values that are not set", m.labelsUnset.Address), "set them, or select by address"}
	case i < 0:
		return nil
	case m.selectors[i].labels != nil:
		return &SelectionError{m.flag, fmt.Sprintf("%s: no sandbox of the fleet has such labels", m.selectors[i]), ""}
	case !m.selectors[i].isExact():
		return &SelectionError{m.flag, fmt.Sprintf("%s matches nothing of the fleet", m.selectors[i]), ""}
	}
	known := map[string]bool{}
	for _, s := range steps {
		if s.Want == nil && m.flag == "--replace" {
			continue
		}
		known[s.Address.String()], known[s.Address.GroupAddress().String()] = true, true
	}
	hint := suggest.DidYouMean(m.selectors[i].text, slices.Sorted(maps.Keys(known)))
	where := " in the spec or in the fleet"
	if m.flag == "--replace" {
		where = " in the spec"
	}
	return &SelectionError{m.flag, fmt.Sprintf("%s: no such resource%s", m.selectors[i], where), hint}
}

// A selectionResolver finds the steps of a selection.
type selectionResolver struct {
	*planner
	excluded           map[*Step]string // explicitly excluded steps, with the flag that excludes them
	selected           map[*Step]bool
	queue              []*Step                  // selected steps whose required steps are not yet selected
	replacedDependents map[spec.Address][]*Step // replaced sandboxes, by the resources that they depend on
}

// selectSteps selects the steps that [Options.Select] matches and those that they need.
// The error is a *[SelectionError].
func (c *planner) selectSteps() error {
	replaced, err := c.forcedSteps()
	if err != nil || !c.opts.Select.narrows() {
		return err
	}
	r := &selectionResolver{planner: c, excluded: map[*Step]string{}, selected: map[*Step]bool{}, replacedDependents: map[spec.Address][]*Step{}}
	c.selected = r.selected
	return r.resolve(replaced)
}

// resolve selects the steps. replaced are the forced replacements, which have to be
// among them.
func (ch *selectionResolver) resolve(replaced []*Step) error {
	if err := cmp.Or(ch.selectMatches(), ch.selectRequired(), ch.checkRemaining()); err != nil {
		return withVolumeHint(err, ch.opts)
	}
	for _, s := range replaced {
		if !ch.selected[s] {
			return &SelectionError{"--replace", fmt.Sprintf("%s: it is not selected", s.Address), "select it, too"}
		}
	}
	return nil
}

// selectMatches selects the steps that the selection matches.
func (ch *selectionResolver) selectMatches() error {
	sel := ch.opts.Select
	name := ch.fleet.Name
	targets, excludes, labels := newMatcher("--target", name, sel.Targets), newMatcher("--exclude", name, sel.Excludes), newMatcher("--selector", name, sel.Labels)
	var among []map[spec.Address]bool
	for _, a := range sel.AddressFilters {
		set := make(map[spec.Address]bool, len(a.Addresses))
		for _, address := range a.Addresses {
			set[address] = true
		}
		among = append(among, set)
	}
	for _, s := range ch.plan.Steps {
		picked := len(sel.Targets) == 0 || targets.matchesAny(s)
		picked = labels.matchesAll(s) && picked
		for _, set := range among {
			picked = picked && (set[s.Address] || set[s.Address.GroupAddress()])
		}
		if excludes.matchesAny(s) {
			ch.excluded[s] = "--exclude"
		} else if len(sel.Only) > 0 && !slices.Contains(sel.Only, s.Action) {
			ch.excluded[s] = "--only"
		}
		if picked && ch.excluded[s] == "" {
			ch.enqueue(s)
		}
	}
	return cmp.Or(targets.unmatchedError(ch.plan.Steps), excludes.unmatchedError(ch.plan.Steps), labels.unmatchedError(ch.plan.Steps))
}

// enqueue selects a step; [selectionResolver.selectRequired] adds what it needs.
func (ch *selectionResolver) enqueue(s *Step) {
	ch.selected[s] = true
	ch.queue = append(ch.queue, s)
}

// selectRequired selects the steps that selected ones need, directly or not.
func (ch *selectionResolver) selectRequired() error {
	for _, s := range ch.plan.Steps {
		if s.Want != nil && s.Have != nil && s.Action == Replace {
			for _, need := range s.Want.DependsOn {
				ch.replacedDependents[need] = append(ch.replacedDependents[need], s)
			}
		}
	}
	for len(ch.queue) > 0 {
		s := ch.queue[0]
		ch.queue = ch.queue[1:]
		for _, n := range ch.required(s) {
			switch flag := ch.excluded[n]; {
			case ch.selected[n]:
				continue
			case flag != "" && n.Action != NoOp:
				return &SelectionError{flag, fmt.Sprintf("leaves out %s, and %s needs it (%s)", n.Address, s.Address, n.Action), "leave out both, or neither"}
			}
			if n.Action != NoOp {
				n.NeededBy = s.Address
			}
			ch.enqueue(n)
		}
	}
	return nil
}

// required returns the steps that have to be selected with a step. A creation needs the
// resources that it refers to and the step that frees its name. The replacement of a
// sandbox needs the replacements of the sandboxes that are linked to it.
func (ch *selectionResolver) required(s *Step) []*Step {
	if s.Blocked != nil || !s.Action.Creates() {
		return nil
	}
	var list []*Step
	for _, a := range s.After {
		other := ch.steps[a]
		frees := other.Have != nil && other.Action.Destroys() && other.Have.Name == s.Name
		if frees || s.Want != nil && slices.Contains(s.Want.DependsOn, a) {
			list = append(list, other)
		}
	}
	if s.Action == Replace && s.Address.Kind == spec.SandboxKind {
		list = append(list, ch.replacedDependents[s.Address]...)
	}
	return list
}

// dropUnselected removes the steps that are not selected from the plan.
func (c *planner) dropUnselected() {
	if c.selected == nil {
		return
	}
	kept := []*Step{}
	for _, s := range c.plan.Steps {
		if c.selected[s] {
			kept = append(kept, s)
		}
	}
	c.plan.Unlisted.NotSelected = len(c.plan.Steps) - len(kept)
	c.plan.Steps = kept
	for _, s := range kept {
		s.After = slices.DeleteFunc(s.After, func(a spec.Address) bool { return !c.selected[c.steps[a]] })
	}
}
