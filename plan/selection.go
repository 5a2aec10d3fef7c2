package plan

import (
	"cmp"
	"fmt"
	"slices"

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
	if ch.opts.Destroy {
		if err := cmp.Or(ch.acceptDestroyed(targets), ch.acceptDestroyed(excludes), ch.acceptDestroyed(labels)); err != nil {
			return err
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
