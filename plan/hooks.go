package plan

import "fleet/spec"

// A HookRun is a command of the spec that applying the plan runs.
type HookRun struct {
	Hook    string `json:"hook"`    // its key in the spec
	Local   bool   `json:"local"`   // it runs on this machine, not in the sandboxes
	Command string `json:"command"` // for the shell there
	Times   int    `json:"times"`   // how often it runs, unless steps fail
}

// listHooks lists the commands that the plan runs, in the order of their first run.
func (c *planner) listHooks() {
	c.addFleetHook("before_apply", c.fleet.Hooks.BeforeApply)
	index := map[HookRun]int{}
	for _, s := range c.plan.Steps {
		if s.Blocked != nil {
			continue
		}
		for _, op := range s.Ops {
			if op.Verb != DoHook {
				continue
			}
			run := newHookRun(op.HookName, op.Command)
			i, known := index[run]
			if !known {
				i = len(c.plan.Hooks)
				index[run] = i
				run.Times = 0
				c.plan.Hooks = append(c.plan.Hooks, run)
			}
			c.plan.Hooks[i].Times++
		}
	}
	c.addFleetHook("after_apply", c.fleet.Hooks.AfterApply)
}

// addFleetHook adds a hook of the fleet unless the plan is empty.
func (c *planner) addFleetHook(name string, h *spec.Hook) {
	if h != nil && !c.plan.Empty() {
		c.plan.Hooks = append(c.plan.Hooks, newHookRun(name, h))
	}
}

// newHookRun returns one run of a hook.
func newHookRun(name string, h *spec.Hook) HookRun {
	if h.Exec != "" {
		return HookRun{Hook: name, Command: h.Exec, Times: 1}
	}
	return HookRun{Hook: name, Local: true, Command: h.Run, Times: 1}
}
