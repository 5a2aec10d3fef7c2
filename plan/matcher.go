package plan

import (
	"fmt"
	"maps"
	"slices"

	"fleet/internal/suggest"
	"fleet/spec"
)

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

	destroys bool           // the plan is that of a destroy
	absent   []spec.Address // with destroys: resources without a step
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
	for _, a := range m.absent {
		known[a.String()], known[a.GroupAddress().String()] = true, true
	}
	hint := suggest.DidYouMean(m.selectors[i].text, slices.Sorted(maps.Keys(known)))
	if m.destroys && isMissingCopy(known, m.selectors[i].text) {
		hint = ""
	}
	where := " in the spec or in the fleet"
	if m.flag == "--replace" {
		where = " in the spec"
	}
	return &SelectionError{m.flag, fmt.Sprintf("%s: no such resource%s", m.selectors[i], where), hint}
}
