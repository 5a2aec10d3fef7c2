package plan

import (
	"slices"
	"time"

	"fleet/spec"
)

// conduct completes the operations of the steps by what the spec says of how
// changes are carried out: checks and hooks, and the time that each may take.
func (c *computer) conduct() {
	for _, s := range c.plan.Steps {
		if s.Address.Kind == spec.SandboxKind {
			c.clear(s)
			c.finish(s)
			c.checkReady(s)
			c.hookDestruction(s)
		}
		c.limit(s)
	}
}

// Conduct completes a plan that was not computed from the spec, such as one of
// what is to be collected, by what the spec says of how changes are carried out:
// hooks before destructions and around the run, timeouts, and bounds.
func Conduct(f *spec.Fleet, p *Plan) {
	c := &computer{fleet: f, plan: p, wants: wants(f)}
	for _, s := range p.Steps {
		if s.Address.Kind == spec.SandboxKind {
			c.hookDestruction(s)
		}
		c.limit(s)
	}
	c.hooks()
	p.Parallelism = f.Parallelism
}

// finish completes a sandbox that is there, and was never found ready or whose
// after_create hook was never run to its end.
func (c *computer) finish(s *Step) {
	if s.Want == nil || s.Have == nil || !s.Have.Unfinished() || s.Blocked != nil || s.Action.Destroys() || s.Have.Failed {
		return
	}
	end, goal := endState(s), s.Want.State()
	what := finishing(s.Want)
	if len(what) > 1 { // nothing can be asked of a sandbox that does not run
		s.Ops = append(s.Ops, lifecycle(end, spec.Started)...)
		end = spec.Started
	}
	s.Ops = append(s.Ops, what...)
	s.Ops = append(s.Ops, lifecycle(end, goal)...)
	if s.Action == NoOp || s.Action == Wait {
		s.Action, s.Reason, s.Kept = Update, "it was not found ready after it was created", ""
		if s.Want.Gate() == nil {
			s.Reason = "its after_create hook was not run to its end"
		}
	}
}

// finishing is what follows the creation of a sandbox.
func finishing(r *spec.Resource) []Op {
	var ops []Op
	if r.Gate() != nil {
		ops = append(ops, Op{Verb: DoReady})
	}
	if h := r.AfterCreate(); h != nil {
		ops = append(ops, Op{Verb: DoHook, Hook: "after_create", Command: h, Of: r})
	}
	return append(ops, Op{Verb: DoFinish})
}

// checkReady has a sandbox checked after it was created or started.
func (c *computer) checkReady(s *Step) {
	if s.Want == nil || s.has(DoFinish) {
		return
	}
	for i, op := range slices.Backward(s.Ops) {
		switch {
		case op.Verb == DoCreate && s.Want.Finishes():
			s.Ops = slices.Insert(slices.Clone(s.Ops), i+1, finishing(s.Want)...)
			return
		case (op.Verb == DoStart || op.Verb == DoRecover || op.Verb == DoAwait && s.Have.Next == spec.Started) && s.Want.Gate() != nil:
			s.Ops = slices.Insert(slices.Clone(s.Ops), i+1, Op{Verb: DoReady})
			return
		}
	}
}

// hookDestruction has a hook run before a sandbox is deleted, and before one that
// is left over and complete. Of one that left the spec it is that of its group.
func (c *computer) hookDestruction(s *Step) {
	if !s.has(DoDelete) {
		return
	}
	r := s.Want
	if r == nil {
		r = c.sibling(s.Address)
	}
	if r == nil {
		return
	}
	c.lack(r.UnsetBeforeDestroy())
	if r.BeforeDestroy() == nil {
		return
	}
	var ops []Op
	for _, op := range s.Ops {
		broken := s.Spare != nil && op.ID == s.Spare.ID && (s.Spare.Failed || s.Spare.Unfinished())
		if op.Verb == DoDelete && !broken {
			ops = append(ops, Op{Verb: DoHook, Hook: "before_destroy", Command: r.BeforeDestroy(), ID: op.ID, Of: r})
		}
		ops = append(ops, op)
	}
	s.Ops = ops
}

// sibling is what the spec declares under an address, or else the first copy of
// its group; nil when there is none.
func (c *computer) sibling(a spec.Address) *spec.Resource {
	if r := c.wants[c.fleet.Now(a)]; r != nil {
		return r
	}
	if c.firsts == nil {
		c.firsts = map[spec.Address]*spec.Resource{}
		for _, r := range c.fleet.Resources {
			if whole := r.Whole(); c.firsts[whole] == nil {
				c.firsts[whole] = r
			}
		}
	}
	return c.firsts[c.fleet.Now(a).Whole()]
}

// efforts are the sorts of change that operations are, for their timeouts.
var efforts = map[Verb]spec.Effort{
	DoCreate: spec.ToCreate, DoDelete: spec.ToDelete, DoCall: spec.ToUpdate, DoLabel: spec.ToUpdate, DoRelease: spec.ToUpdate,
	DoFinish: spec.ToUpdate, DoDeactivate: spec.ToUpdate, DoActivate: spec.ToStart, DoStart: spec.ToStart, DoRecover: spec.ToStart,
	DoStop: spec.ToStop, DoPause: spec.ToStop, DoArchive: spec.ToArchive,
}

// delayed is the effort that a wait for a change under way delays, the first of
// what follows; it takes no longer than that may.
func delayed(ops []Op) spec.Effort {
	for _, op := range ops {
		if effort := efforts[op.Verb]; effort != "" {
			return effort
		}
	}
	return ""
}

// limit gives each operation its time, and the step enough for all of them,
// unless the spec limits it by itself.
func (c *computer) limit(s *Step) {
	if len(s.Ops) == 0 {
		return
	}
	var sum time.Duration
	open := false
	for i := range s.Ops {
		op := &s.Ops[i]
		effort := efforts[op.Verb]
		switch {
		case op.Verb == DoCreate && s.Want.Builds():
			effort = spec.ToBuild
		case op.Verb == DoSettle:
			effort = delayed(s.Ops[i:])
		case op.Verb == DoAwait:
			effort = awaited(s)
		}
		if r := s.Want; r != nil {
			op.Timeout = r.Limit(effort)
		} else {
			op.Timeout = c.fleet.Timeout(s.Address.Kind, effort)
		}
		switch {
		case op.Verb == DoReady:
			sum += s.Want.Gate().Longest()
		case op.Verb == DoHook:
			sum += op.Command.Timeout
		case op.Timeout > 0:
			sum += op.Timeout
		default:
			open = true
		}
	}
	switch {
	case s.Want != nil && s.Want.Timed() || sum == 0:
	case open:
		s.Timeout += sum
	default:
		s.Timeout = sum
	}
}
