package plan

import (
	"fmt"
	"slices"

	"fleet/spec"
)

// leave plans for the fleet's sandboxes that no step is about: they are
// deleted, or what was said of that beforehand is done.
func (c *computer) leave(reason string) {
	var keys []string
	for key := range c.owned {
		if c.steps[sandboxAt(key)] == nil {
			keys = append(keys, key)
		}
	}
	slices.SortFunc(keys, spec.CompareKeys)
	for _, key := range keys {
		c.add(c.unwanted(sandboxAt(key), c.owned[key], reason))
	}
}

// unwanted decides about a sandbox that is not wanted any more.
func (c *computer) unwanted(address spec.Address, have *Object, reason string) *Step {
	what := c.onRemove(address, have)
	switch {
	case c.fleet.Releases(address):
		return c.release(address, have, "removed with destroy: false")
	case what == spec.Release:
		return c.release(address, have, reason+"; on_remove: release")
	case what == spec.Stop:
		return c.putAway(address, have, spec.Stopped, reason+"; on_remove: stop")
	case what == spec.Archive:
		return c.putAway(address, have, spec.Archived, reason+"; on_remove: archive")
	}
	s := deletion(address, have, reason)
	s.Blocked = c.protection(address, have)
	if what != spec.Delete {
		s.Blocked = &Block{Illegal, fmt.Sprintf("its label %s says %q, which this fleet does not know", spec.RemoveLabel, what), "use a newer fleet, or set that label to delete, stop, archive or release"}
	}
	if now := c.fleet.Now(address); now != address && !c.opts.Destroy {
		c.nowhere(s, now)
	}
	return s
}

// onRemove is what to do with a sandbox that is not wanted: the spec's word
// counts, then the label.
func (c *computer) onRemove(address spec.Address, have *Object) string {
	if want := c.wants[c.fleet.Now(address)]; want != nil && want.OnRemove() != "" {
		return want.OnRemove()
	}
	return have.OnRemove()
}

// nowhere explains the end of a sandbox that moves to what the spec does not
// declare, and blocks it where a group became one, or one a group.
func (c *computer) nowhere(s *Step, now spec.Address) {
	s.Reason = fmt.Sprintf("it moves to %s, which is not in the spec", now)
	for _, r := range c.fleet.Of(spec.SandboxKind) {
		if r.Whole() != now.Whole() || s.Blocked != nil || (r.Index() == "") == (now.Index() == "") {
			continue
		}
		s.Blocked = &Block{Illegal, fmt.Sprintf("it cannot move: %s is one sandbox, not several", now.Whole()), fmt.Sprintf("say in moved which copy it was: {from: %s, to: %s}", s.Address, now.Whole())}
		if now.Index() == "" {
			s.Blocked = &Block{Illegal, fmt.Sprintf("it cannot move: %s is several sandboxes now", now), fmt.Sprintf("say in moved which one: {from: %s, to: %s}", s.Address, r.Address)}
		}
	}
}

// release is the step that takes the fleet's labels off a sandbox.
func (c *computer) release(address spec.Address, have *Object, reason string) *Step {
	s := &Step{
		Address: address, Action: Release, Name: have.Name, ID: have.ID, Have: have, Reason: reason,
		Ops: []Op{{Verb: DoRelease}}, Timeout: spec.DefaultTimeout,
	}
	if s.Blocked = c.protection(address, have); s.Blocked != nil {
		s.Blocked.Reason = "it is protected, and to let it go would lift that"
	}
	return s
}

// putAway is the step that brings a sandbox which is not wanted into a run
// state, in which it stays the fleet's.
func (c *computer) putAway(address spec.Address, have *Object, goal, reason string) *Step {
	s := Keep(address, have, "")
	away := have.Failed || have.Next == goal || have.Next == spec.Archived
	switch {
	case away:
	case have.Ephemeral():
		s.Action = Stop
		s.Blocked = &Block{Illegal, "it is ephemeral: a stop would delete it", "release it: removed: [{from: " + address.String() + ", destroy: false}]"}
	default:
		s.Ops = settleFirst(have, lifecycle(have.Next, goal)...)
	}
	if goal == spec.Archived {
		s.Timeout = spec.ArchiveTimeout
	}
	if s.Changes = append(c.movedFrom(have, address.Key), c.environmentChange(have)...); len(s.Changes) > 0 {
		s.Ops = append(s.Ops, Op{Verb: DoLabel})
	}
	if s.Blocked == nil {
		s.Action = actionOf(s, &Object{})
	}
	if s.Action == NoOp {
		s.Kept = reason
	} else {
		s.Reason = reason
	}
	if s.has(DoStop) && s.Blocked == nil {
		s.Loses = "its running processes"
	}
	return s
}

// protection blocks the deletion of a sandbox that the spec protects, or that
// was protected and that the spec no longer declares.
func (c *computer) protection(address spec.Address, have *Object) *Block {
	want := c.wants[c.fleet.Now(address)]
	switch kept := have.Labels[spec.ProtectLabel] == "true"; {
	case want == nil && kept:
		return protectedBlock(fmt.Sprintf("declare %s again with protect: false and apply, then take it out", address.Whole()))
	case want == nil || want.Unprotected():
		return nil
	case kept || want.Protected():
		return unprotect(want)
	}
	return nil
}

// deletion is the step that deletes an object.
func deletion(address spec.Address, have *Object, reason string) *Step {
	return &Step{
		Address: address, Action: Delete, Name: have.Name, ID: have.ID, Have: have, Reason: reason, Loses: loses[address.Kind],
		Ops: settleFirst(have, Op{Verb: DoDelete}), Timeout: spec.DefaultTimeout,
	}
}

// keeper is a sandbox that the spec declares as a user of a volume and that
// outlives its fleet, or nil.
func (c *computer) keeper(volume spec.Address) *spec.Resource {
	for _, r := range c.fleet.Of(spec.SandboxKind) {
		if s := c.steps[r.Address]; s != nil && s.Action != Delete && slices.Contains(r.Needs, volume) {
			return r
		}
	}
	return nil
}
