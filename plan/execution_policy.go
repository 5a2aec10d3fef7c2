package plan

import (
	"slices"
	"time"

	"fleet/spec"
)

// applyExecutionPolicy adds to the steps what the execution policy of the spec
// requires: readiness probes, hooks and timeouts.
func (c *planner) applyExecutionPolicy() {
	for _, s := range c.plan.Steps {
		if s.Address.Kind == spec.SandboxKind {
			c.addLeftoverDeletion(s)
			c.addFinish(s)
			c.addReadinessProbe(s)
			c.addUploads(s)
			c.addDestroyHooks(s)
		}
		c.setTimeouts(s)
	}
}

// ApplyExecutionPolicy adds the execution policy of f to a plan that was not computed
// from it, such as the plan of a garbage collection: hooks before deletions and
// around the run, timeouts, and limits on concurrent steps.
func ApplyExecutionPolicy(f *spec.Fleet, p *Plan) {
	c := &planner{fleet: f, plan: p, resources: resourcesByAddress(f)}
	c.addUnset(f.UnsetInHooks())
	for _, s := range p.Steps {
		if s.Address.Kind == spec.SandboxKind {
			c.addDestroyHooks(s)
		}
		c.setTimeouts(s)
	}
	c.listHooks()
	p.Parallelism = f.Parallelism
}

// addFinish adds the operations that complete an existing sandbox which has never
// been ready or whose after_create hook did not complete.
func (c *planner) addFinish(s *Step) {
	if s.Want == nil || s.Have == nil || !s.Have.Unfinished() || s.Blocked != nil || s.Action.Destroys() || s.Have.Failed {
		return
	}
	end, goal := endState(s), s.Want.State()
	finish := finishOps(s.Want)
	if len(finish) > 1 { // probes and hooks need a running sandbox
		s.Ops = append(s.Ops, transitionOps(end, spec.Started)...)
		end = spec.Started
	}
	s.Ops = append(s.Ops, finish...)
	s.Ops = append(s.Ops, transitionOps(end, goal)...)
	if s.Action == NoOp || s.Action == Wait {
		s.Action, s.Reason, s.RetainedReason = Update, "it was not found ready after it was created", ""
		if s.Want.ReadinessProbe() == nil {
			s.Reason = "its after_create hook was not run to its end"
		}
	}
}

// finishOps returns the operations that follow the creation of a sandbox.
func finishOps(r *spec.Resource) []Op {
	var ops []Op
	if r.ReadinessProbe() != nil {
		ops = append(ops, Op{Verb: DoProbe})
	}
	if h := r.AfterCreate(); h != nil {
		ops = append(ops, Op{Verb: DoHook, HookName: "after_create", Command: h, Resource: r})
	}
	return append(ops, Op{Verb: DoFinish})
}

// addReadinessProbe adds a probe after the operation that creates or starts a sandbox.
func (c *planner) addReadinessProbe(s *Step) {
	if s.Want == nil || s.hasVerb(DoFinish) {
		return
	}
	for i, op := range slices.Backward(s.Ops) {
		switch {
		case op.Verb == DoCreate && s.Want.HasPostCreate():
			s.Ops = slices.Insert(slices.Clone(s.Ops), i+1, finishOps(s.Want)...)
			return
		case (op.Verb == DoStart || op.Verb == DoRecover || op.Verb == DoAwait && s.Have.TargetState == spec.Started) && s.Want.ReadinessProbe() != nil:
			s.Ops = slices.Insert(slices.Clone(s.Ops), i+1, Op{Verb: DoProbe})
			return
		}
	}
}

// addDestroyHooks adds the before_destroy hook before the deletion of a sandbox, and
// of a surge leftover that was complete. A sandbox that the spec no longer declares
// has the hook of its group.
func (c *planner) addDestroyHooks(s *Step) {
	if !s.hasVerb(DoDelete) {
		return
	}
	r := s.Want
	if r == nil {
		r = c.sibling(s.Address)
	}
	if r == nil {
		return
	}
	c.addUnset(r.UnsetBeforeDestroy())
	if r.BeforeDestroy() == nil {
		return
	}
	var ops []Op
	for _, op := range s.Ops {
		broken := s.SurgeLeftover != nil && op.ID == s.SurgeLeftover.ID && (s.SurgeLeftover.Failed || s.SurgeLeftover.Unfinished())
		if op.Verb == DoDelete && !broken {
			ops = append(ops, Op{Verb: DoHook, HookName: "before_destroy", Command: r.BeforeDestroy(), ID: op.ID, Resource: r})
		}
		ops = append(ops, op)
	}
	s.Ops = ops
}

// sibling returns the resource that the spec declares under an address, or else the
// first copy of its group; nil if there is none.
func (c *planner) sibling(a spec.Address) *spec.Resource {
	if r := c.resources[c.fleet.CurrentAddress(a)]; r != nil {
		return r
	}
	if c.firstCopies == nil {
		c.firstCopies = map[spec.Address]*spec.Resource{}
		for _, r := range c.fleet.Resources {
			if whole := r.GroupAddress(); c.firstCopies[whole] == nil {
				c.firstCopies[whole] = r
			}
		}
	}
	return c.firstCopies[c.fleet.CurrentAddress(a).GroupAddress()]
}

// delayedTimeoutClass returns the timeout class of the first operation that a wait
// for a change under way delays. The wait may take as long.
func delayedTimeoutClass(ops []Op) spec.TimeoutClass {
	for _, op := range ops {
		if timeoutClass := verbs[op.Verb].timeout; timeoutClass != "" {
			return timeoutClass
		}
	}
	return ""
}

// setTimeouts sets the timeout of each operation, and of the step to their sum unless
// the spec sets it.
func (c *planner) setTimeouts(s *Step) {
	if len(s.Ops) == 0 {
		return
	}
	var sum time.Duration
	open := false // an operation has no limit of its own
	for i := range s.Ops {
		op := &s.Ops[i]
		timeoutClass := verbs[op.Verb].timeout
		switch {
		case (op.Verb == DoCreate || op.Verb == DoTryBuild) && s.Want.BuildsImage():
			timeoutClass = spec.TimeoutBuild
		case op.Verb == DoSettle:
			timeoutClass = delayedTimeoutClass(s.Ops[i:])
		case op.Verb == DoAwait:
			timeoutClass = awaitTimeoutClass(s)
		}
		if r := s.Want; r != nil {
			op.Timeout = r.TimeoutFor(timeoutClass)
		} else {
			op.Timeout = c.fleet.Timeout(s.Address.Kind, timeoutClass)
		}
		switch {
		case op.Verb == DoProbe:
			sum += s.Want.ReadinessProbe().MaxDuration()
		case op.Verb == DoHook:
			sum += op.Command.Timeout
		case op.Timeout > 0:
			sum += op.Timeout
		default:
			open = true
		}
	}
	switch {
	case s.Want != nil && s.Want.HasTimeout() || sum == 0:
	case open:
		s.Timeout += sum
	default:
		s.Timeout = sum
	}
}
