package plan

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"fleet/spec"
)

// A Comparison is the result of comparing a saved plan with one that was computed
// again.
type Comparison struct {
	Pending []*Step        // steps still to be applied, as computed now, and the blocked ones, as saved
	Done    []spec.Address // resources that already are as the saved plan would make them
	Stale   []Stale        // steps that must not be applied any more; if there are any, the saved plan is refused
}

// A Stale is a step of a saved plan that no longer applies.
type Stale struct {
	Address spec.Address // of the step
	Reasons []string     // clauses about what changed; at least one
}

// String returns the address and the reasons in one line.
func (s Stale) String() string {
	return fmt.Sprintf("%s: %s", s.Address, strings.Join(s.Reasons, "; "))
}

// Compare compares the saved plan with now, which was computed from f with
// [Saved.ReplanOptions]. A saved plan with a stale step must not be applied at all.
// Changes to objects without a step in the saved plan do not matter.
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
		done, reasons := step.compare(is, f.RedactSensitive, s.Version)
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

// withBlocked returns the pending steps with the blocked steps of the saved plan
// added, in its order. A step that waited for a blocked one in the saved plan still
// waits for it, even if only the blast-radius limit blocked it.
func (s *Saved) withBlocked(todo []*Step) []*Step {
	at, blocked := map[spec.Address]int{}, map[spec.Address]*Step{}
	for i := range s.Steps {
		step := &s.Steps[i].Step
		at[step.Address] = i + 1 // steps that are not in the file have 0 and come first
		if step.Blocked != nil {
			blocked[step.Address] = s.shownStep(i)
		}
	}
	for _, step := range todo { // no longer blocked
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

// compare reports whether the effect of the saved step is already reached. If not,
// it returns why the step differs from now, the one that would be planned now. now
// is nil if the step is no longer in the plan. hide redacts sensitive values. version is
// that of the saved plan.
func (s *SavedStep) compare(now *Step, hide func(string) string, version int) (done bool, stale []string) {
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
		return false, nil // the change under way has the effect of the saved step
	}
	is := toSavedStep(now, hide, version)
	is.setTexts(version) // as those of the file were
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

// diffChanges returns a clause for each attribute in which two lists of changes
// differ.
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

// opsSignature returns the operations in words, for comparison. It leaves out
// waits: whether a change is under way does not alter the effect of a step.
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
