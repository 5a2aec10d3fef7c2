package plan

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"fleet/spec"
)

// hasOtherEnvironment reports whether a sandbox of the fleet is labelled for another
// environment than the plan's. A sandbox without the label may belong to any
// environment and is not.
func (c *planner) hasOtherEnvironment(o *Object) bool {
	is := o.Environment()
	return is != "" && is != c.fleet.Environment
}

// environmentChange returns the change of a sandbox's environment; nil if there is
// none.
func (c *planner) environmentChange(o *Object) []Change {
	if !c.hasOtherEnvironment(o) {
		return nil
	}
	change := labelChange("environment", o.Environment(), c.fleet.Environment)
	change.Want = cmp.Or(change.Want, "none")
	return []Change{change}
}

// blockEnvironment blocks every step if sandboxes of the fleet are labelled for
// another environment than the plan's. Snapshots, volumes and new sandboxes are
// blocked too: they carry no label, and changing them would mix the environments.
// This block replaces others, whose advice is for the wrong environment.
func (c *planner) blockEnvironment() {
	others := c.otherEnvironments()
	if len(others) == 0 || c.opts.AllowEnvironmentChange {
		return
	}
	block := c.environmentBlock(others)
	for _, s := range c.plan.Steps {
		if s.Action == NoOp && s.Have != nil && s.Address.Kind == spec.SandboxKind && c.hasOtherEnvironment(s.Have) {
			s.Action, s.RetainedReason = Update, ""
			s.Changes = append(c.environmentChange(s.Have), s.Changes...)
		}
		if s.Action != NoOp {
			own := block
			s.Blocked = &own
		}
	}
}

// otherEnvironments returns the number of sandboxes of the fleet that are labelled
// for other environments, by environment.
func (c *planner) otherEnvironments() map[string]int {
	others := map[string]int{}
	count := func(o *Object) {
		if c.hasOtherEnvironment(o) {
			others[o.Environment()]++
		}
	}
	for _, o := range c.owned {
		count(o)
	}
	for _, o := range c.surgeLeftovers {
		count(o)
	}
	for _, list := range c.duplicates {
		for _, o := range list {
			count(o)
		}
	}
	return others
}

// environmentBlock returns the block for sandboxes of other environments, which
// others counts.
func (c *planner) environmentBlock(others map[string]int) Block {
	var names, choices []string
	n := 0
	for _, name := range slices.Sorted(maps.Keys(others)) {
		names = append(names, fmt.Sprintf("%q", name))
		n += others[name]
		if slices.Contains(c.fleet.Environments, name) {
			choices = append(choices, "-e "+name)
		}
	}
	run := "without -e"
	if c.fleet.Environment != "" {
		run = fmt.Sprintf("for the environment %q", c.fleet.Environment)
	}
	unblock := "--allow-environment-change allows it"
	if len(choices) > 0 {
		unblock = "run it with " + JoinOr(choices) + "; or " + unblock
	}
	return Block{
		Environment,
		fmt.Sprintf("%s of the fleet %s to the environment %s, and this run is %s", Plural(n, "sandbox", "sandboxes"), PluralWord(n, "belongs", "belong"), JoinAnd(names), run),
		unblock,
	}
}
