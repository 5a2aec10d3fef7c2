package plan

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"fleet/spec"
)

// A Comparison is what has become of a saved plan.
type Comparison struct {
	Pending []*Step        // what is still to be done, by the plan as it would be made now, and what was blocked, as it was saved
	Done    []spec.Address // what is as the saved plan makes it already
	Stale   []Stale        // what the saved plan must not do any more
}

// A Stale is a step of a saved plan that no longer holds.
type Stale struct {
	Address spec.Address
	Reasons []string
}

func (s Stale) String() string {
	return fmt.Sprintf("%s: %s", s.Address, strings.Join(s.Reasons, "; "))
}

// Compare tells whether the plan that is made now, with [Saved.Again], does the
// same as the saved one. A saved plan with a stale step must not be carried out
// at all. What the saved plan says nothing of does not matter.
func (s *Saved) Compare(now *Plan, f *spec.Fleet) Comparison {
	var c Comparison
	steps := map[spec.Address]*Step{}
	for _, step := range now.Steps {
		steps[step.Address] = step
	}
	saved := map[spec.Address]*SavedStep{}
	for i := range s.Steps {
		step := &s.Steps[i]
		saved[step.Address] = step
		if !step.isPending() {
			continue
		}
		is := steps[step.Address]
		done, reasons := step.compare(is, f.RedactSensitive)
		switch {
		case done:
			c.Done = append(c.Done, step.Address)
		case len(reasons) > 0:
			c.Stale = append(c.Stale, Stale{step.Address, reasons})
		}
	}
	done := map[spec.Address]bool{}
	for _, a := range c.Done {
		done[a] = true
	}
	for _, step := range now.Steps {
		was := saved[step.Address]
		switch {
		case done[step.Address]:
			continue
		case was != nil && was.Blocked != nil && step.Action != NoOp:
			continue
		case step.Action == NoOp || step.Action == Wait || was != nil && was.isPending():
		default:
			c.Stale = append(c.Stale, Stale{step.Address, []string{fmt.Sprintf("%s needs it, and the saved plan does not %s it", step.NeededBy, step.Action)}})
		}
		c.Pending = append(c.Pending, step)
	}
	c.Pending = s.withBlocked(c.Pending)
	return c
}

// withBlocked adds the blocked steps of the saved plan to those that are to be
// done, in its order. What waited for one of them in the saved plan waits for it
// still, though it may be blocked for no reason but the number of its like.
func (s *Saved) withBlocked(todo []*Step) []*Step {
	at, blocked := map[spec.Address]int{}, map[spec.Address]*Step{}
	for i := range s.Steps {
		step := s.Steps[i].Step
		at[step.Address] = i + 1 // what is not in the file comes first
		if step.Blocked != nil {
			blocked[step.Address] = &step
		}
	}
	for _, step := range todo { // what is right by now
		delete(blocked, step.Address)
	}
	for _, step := range todo {
		if i := at[step.Address]; i > 0 {
			for _, a := range s.Steps[i-1].After {
				if blocked[a] != nil && !slices.Contains(step.After, a) {
					step.After = append(step.After, a)
				}
			}
		}
	}
	todo = slices.AppendSeq(todo, maps.Values(blocked))
	slices.SortStableFunc(todo, func(a, b *Step) int { return cmp.Compare(at[a.Address], at[b.Address]) })
	return todo
}

// compare tells whether what the saved step does was done, or else why it is
// not the step that would be planned now; nil is of what is gone from the plan.
func (s *SavedStep) compare(now *Step, hide func(string) string) (done bool, stale []string) {
	switch {
	case now == nil && (s.Action == Delete || s.Action == Release):
		return true, nil
	case now == nil:
		return false, []string{"the fleet has no such object any more"}
	case now.Action == NoOp && now.Have == nil:
		return false, []string{"it no longer exists, and would not be created again"}
	case now.Action == NoOp && now.Have.Failed:
		return false, []string{fmt.Sprintf("it is in state %s, and would not be repaired", now.Have.State)}
	case now.Action == NoOp:
		return true, nil
	case now.Action == Wait:
		return false, nil // it ends as the saved plan makes it
	}
	is := toSavedStep(now, hide)
	stale = s.Precondition.violations(&s.Step, is.Precondition)
	if is.Action != s.Action {
		why := ""
		if is.Reason != "" {
			why = " (" + is.Reason + ")"
		}
		return false, append(stale, fmt.Sprintf("it would be %s%s, not %s", is.Action.PastTense(), why, s.Action.PastTense()))
	}
	if is.Blocked != nil {
		return false, append(stale, "it is blocked: "+is.Blocked.Reason)
	}
	stale = append(stale, diffChanges(s.Changes, is.Changes)...)
	if was, now := opsSignature(s.Ops), opsSignature(is.Ops); was != now && len(stale) == 0 {
		stale = append(stale, fmt.Sprintf("it would take other operations: %s, not %s", now, was))
	}
	return false, stale
}

// diffChanges tells in which attributes two lists of changes differ.
func diffChanges(was, is []Change) []string {
	find := func(list []Change, key string) *Change {
		if i := slices.IndexFunc(list, func(c Change) bool { return c.Attribute == key }); i >= 0 {
			return &list[i]
		}
		return nil
	}
	var list []string
	for _, c := range is {
		switch before := find(was, c.Attribute); {
		case before == nil:
			list = append(list, fmt.Sprintf("its %s would be changed, too", c.Attribute))
		case before.Want != c.Want:
			list = append(list, fmt.Sprintf("its %s would be set to another value", c.Attribute))
		case before.Have != c.Have:
			list = append(list, fmt.Sprintf("its %s has changed", c.Attribute))
		}
	}
	for _, c := range was {
		if find(is, c.Attribute) == nil {
			list = append(list, fmt.Sprintf("its %s already matches the spec", c.Attribute))
		}
	}
	return list
}

// opsSignature is what operations do, in words. Waits are none: whether something
// is under way changes nothing of what is done.
func opsSignature(ops []Op) string {
	var parts []string
	for _, op := range ops {
		switch {
		case op.Verb == DoSettle || op.Verb == DoAwait:
		case op.Call != nil:
			parts = append(parts, op.Call.Method+" "+op.Call.Path)
		default:
			parts = append(parts, string(op.Verb))
		}
	}
	return strings.Join(parts, ", ")
}
