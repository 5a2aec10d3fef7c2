package plan

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"fleet/spec"
)

// sandbox decides about a sandbox. have is the fleet's own; rival is somebody
// else's with the wanted name. Both may be nil.
func (c *computer) sandbox(r *spec.Resource, have, rival *Object) *Step {
	s := &Step{Address: r.Address, Action: NoOp, Name: r.Name(), Want: r, Have: have}
	switch {
	case rival != nil && (have == nil || have.Name != r.Name()):
		c.rival(s, r, have, rival)
	case have == nil:
		s.Action = Create
		s.Ops = append([]Op{{Verb: DoCreate}}, lifecycle(spec.Started, r.State())...)
	case have.Failed && !have.Recoverable:
		s.ID = have.ID
		c.replaceSandbox(s, r, "it is in state "+have.State+because(r.Redact(have.ErrorReason)))
	default:
		s.ID = have.ID
		c.change(s, r, r.Diff(have.Object, c.world.Facts))
	}
	if s.Action == Create || s.Action == Replace {
		c.checkUses(s, r)
	}
	c.checkVersion(s, r)
	s.Timeout = r.Timeout(slices.ContainsFunc(s.Ops, func(op Op) bool { return op.Verb == DoArchive }))
	return s
}

// linked finds the existing sandboxes that the spec links this one to.
func (c *computer) linked(r *spec.Resource) map[string]string {
	ids := map[string]string{}
	for _, need := range r.Needs {
		if owner := c.steps[need]; owner != nil && need.Kind == spec.SandboxKind && owner.Have != nil {
			ids[need.Key] = owner.Have.ID
		}
	}
	return ids
}

// replaceSandbox makes the step a replacement, unless the sandbox is protected
// here or there.
func (c *computer) replaceSandbox(s *Step, r *spec.Resource, reason string) {
	s.replace(r, reason)
	s.Ops = append(s.Ops, lifecycle(spec.Started, r.State())...)
	if s.Have.Labels[spec.ProtectLabel] == "true" && !r.Unprotected() {
		s.Blocked = protectedBlock("protect: false in the spec lifts it")
	}
}

// change decides how to make an existing sandbox as wanted.
func (c *computer) change(s *Step, r *spec.Resource, diffs []spec.Diff) {
	have := s.Have
	s.Changes = changes(diffs)
	why := ""
	for _, d := range diffs {
		why = cmp.Or(why, d.Attr.Why)
	}
	halts := func(d spec.Diff) bool { return d.Mode == spec.Halted && have.Next != spec.Stopped }
	switch {
	case slices.ContainsFunc(diffs, func(d spec.Diff) bool { return d.Mode == spec.Rebuild }):
		c.replaceSandbox(s, r, why)
		return
	case have.Ephemeral() && slices.ContainsFunc(diffs, halts):
		c.replaceSandbox(s, r, "it must be stopped for that, and an ephemeral sandbox does not survive a stop")
		return
	}
	s.Ops = c.ops(r, have, r.Calls(diffs))
	if c.labelsDiffer(r, have, diffs) {
		s.Ops = append(s.Ops, Op{Verb: DoLabel})
	}
	s.Action = actionOf(s, have)
	if s.Action != NoOp && s.Reason == "" && len(diffs) == 0 && have.fleet() == c.fleet.Name {
		s.Reason = c.reasonFor(s, r, have)
	}
	if slices.ContainsFunc(s.Ops, func(op Op) bool { return op.Verb == DoStop }) {
		s.Loses = "its running processes"
	}
	if class := have.Class; r.State() == spec.Paused && class == "container" && have.Next != spec.Paused {
		s.Blocked = &Block{Illegal, "a container cannot be paused", "use state: stopped, or a snapshot of class linux-vm"}
	}
}

// ops are the operations that make the calls and bring the sandbox into its
// run state, in the fewest steps.
func (c *computer) ops(r *spec.Resource, have *Object, calls []spec.Call) []Op {
	var live, still []Op
	mode := spec.Live
	for i := range calls {
		op := Op{Verb: DoCall, Call: &calls[i]}
		if calls[i].Mode == spec.Live {
			live = append(live, op)
		} else {
			still = append(still, op)
			mode = max(mode, calls[i].Mode)
		}
	}
	now := have.Next
	var moves []Op
	if have.Failed {
		moves, now = []Op{{Verb: DoRecover}}, spec.Started
	}
	goal := r.State()
	if goal == "" || goal == spec.Stopped && now == spec.Archived && mode == spec.Live {
		goal = now
	}
	at := now
	switch {
	case mode == spec.Live || mode == spec.Awake && (now == spec.Started || now == spec.Stopped):
	case mode == spec.Halted || goal == spec.Stopped || goal == spec.Archived:
		at = spec.Stopped
	default:
		at = spec.Started
	}
	moves = append(moves, lifecycle(now, at)...)
	moves = append(moves, still...)
	moves = append(moves, lifecycle(at, goal)...)
	return append(live, settleFirst(have, moves...)...)
}

// lifecycle is the way from one run state to another.
func lifecycle(from, to string) []Op {
	var verbs []Verb
	switch {
	case from == to || to == "":
		return nil
	case to == spec.Started:
		verbs = []Verb{DoStart}
	case from == spec.Archived:
		return append([]Op{{Verb: DoStart}}, lifecycle(spec.Started, to)...)
	case to == spec.Stopped:
		verbs = []Verb{DoStop}
	case to == spec.Archived && from == spec.Stopped:
		verbs = []Verb{DoArchive}
	case to == spec.Archived:
		verbs = []Verb{DoStop, DoArchive}
	case to == spec.Paused && from == spec.Stopped:
		verbs = []Verb{DoStart, DoPause}
	case to == spec.Paused:
		verbs = []Verb{DoPause}
	}
	ops := make([]Op, len(verbs))
	for i, v := range verbs {
		ops[i] = Op{Verb: v}
	}
	return ops
}

// labelsDiffer reports whether the labels have to be written.
func (c *computer) labelsDiffer(r *spec.Resource, have *Object, diffs []spec.Diff) bool {
	if have.fleet() != c.fleet.Name || have.key() != r.Key || !r.Sealed(have.Object) {
		return true
	}
	return slices.ContainsFunc(diffs, func(d spec.Diff) bool { return d.Attr.Label != "" || d.Attr.Merges })
}

var lifecycleActions = map[Verb]Action{
	DoStart: Start, DoStop: Stop, DoPause: Pause, DoArchive: Archive, DoRecover: Recover,
}

// actionOf names the step after what it does: an update when it changes
// attributes, else the run state that it ends in.
func actionOf(s *Step, have *Object) Action {
	action := NoOp
	for _, op := range s.Ops {
		switch {
		case op.Verb == DoCall || op.Verb == DoLabel:
			return Update
		case lifecycleActions[op.Verb] != 0:
			action = lifecycleActions[op.Verb]
		}
	}
	if have.Failed && action != NoOp {
		return Recover
	}
	return action
}

// reasonFor explains a step that changes no attribute.
func (c *computer) reasonFor(s *Step, r *spec.Resource, have *Object) string {
	switch {
	case have.Failed:
		return "it is in state " + have.State + because(r.Redact(have.ErrorReason))
	case s.Action == Update && len(s.Ops) == 1:
		return "its seal is out of date"
	case r.State() != "":
		return fmt.Sprintf("it is %s, the spec wants it %s", have.Next, r.State())
	}
	return ""
}

// rival decides about a wanted name that somebody else holds.
func (c *computer) rival(s *Step, r *spec.Resource, have, rival *Object) {
	s.Action = Create
	owner := rival.fleet()
	conflict := func(reason, unblock string) {
		s.Blocked = &Block{Conflict, reason, unblock}
	}
	switch {
	case owner != "" && owner != c.fleet.Name:
		conflict(fmt.Sprintf("the name %q is that of a sandbox of the fleet %q", rival.Name, owner), "choose another name")
	case owner == c.fleet.Name && c.leavingKey(rival.key()):
		c.inherit(s, r, have)
	case owner == c.fleet.Name:
		conflict(fmt.Sprintf("the name %q is that of sandbox.%s of this fleet", rival.Name, rival.key()), "rename that one first, or choose another name")
	case rival.manager() != "":
		conflict(fmt.Sprintf("the name %q is that of a sandbox managed by %s", rival.Name, rival.manager()), "choose another name")
	case !r.Adopt() && !c.opts.AdoptAll:
		conflict(fmt.Sprintf("a sandbox named %q exists, and no fleet owns it", rival.Name), "adopt: true in the spec or --adopt takes it over; or choose another name")
	case have != nil:
		conflict(fmt.Sprintf("%s is %q already; it cannot adopt %q", s.Address, have.Name, rival.Name), "choose another name")
	case rival.Failed:
		conflict(fmt.Sprintf("the sandbox %q is in state %s", rival.Name, rival.State), "delete it, or choose another name")
	default:
		c.adopt(s, r, rival)
	}
}

// inherit takes the name of a sandbox of the fleet that goes in the same plan.
func (c *computer) inherit(s *Step, r *spec.Resource, have *Object) {
	if have != nil {
		s.ID = have.ID
		c.change(s, r, r.Diff(have.Object, c.world.Facts))
		return
	}
	s.Ops = append([]Op{{Verb: DoCreate}}, lifecycle(spec.Started, r.State())...)
}

// leavingKey reports whether the fleet's sandbox of a key is to go, which
// frees its name.
func (c *computer) leavingKey(key string) bool {
	return !slices.ContainsFunc(c.fleet.Of(spec.SandboxKind), func(r *spec.Resource) bool { return r.Key == key })
}

// adopt takes over a sandbox that nobody owns, as long as it need not be
// replaced for that.
func (c *computer) adopt(s *Step, r *spec.Resource, rival *Object) {
	s.Have, s.ID = rival, rival.ID
	diffs := r.Diff(rival.Object, c.world.Facts)
	var forced []string
	for _, d := range diffs {
		if d.Mode == spec.Rebuild {
			forced = append(forced, d.Attr.Key)
		}
	}
	c.change(s, r, diffs)
	s.Action = Adopt
	if s.Reason == "" {
		s.Reason = "no fleet owns it"
	}
	if len(forced) > 0 || slices.ContainsFunc(s.Ops, func(op Op) bool { return op.Verb == DoDelete }) {
		s.Ops, s.Loses = nil, ""
		s.Blocked = &Block{
			Illegal, "it could only be adopted by replacing it: " + strings.Join(forced, ", ") + " cannot be changed in place",
			"make the spec say what is there, or delete the sandbox",
		}
	}
}

// checkVersion blocks what the server does not know: it would drop it without
// a word.
func (c *computer) checkVersion(s *Step, r *spec.Resource) {
	server := c.world.Facts.Version
	if server == (spec.Version{}) || s.Blocked != nil || s.Action == NoOp {
		return
	}
	if key, since := r.Newer(server); key != "" {
		s.Blocked = &Block{Illegal, fmt.Sprintf("%s needs a server from %s on, and this one is %s", key, since, server), "take it out of the spec"}
	}
}

// checkUses checks that what the sandbox is made of exists, before anything is
// sent.
func (c *computer) checkUses(s *Step, r *spec.Resource) {
	for _, use := range r.Uses {
		var names []string
		var found *Object
		for _, o := range c.world.of(use.Kind) {
			names = append(names, o.Name)
			if o.Name == use.Name || use.Kind == spec.VolumeKind && o.ID == use.Name {
				found = o
			}
		}
		for _, other := range c.fleet.Of(use.Kind) {
			names = append(names, other.Key)
		}
		unblock := spec.DidYouMean(use.Name, names)
		switch {
		case found == nil:
			if unblock == "" {
				unblock = "declare it in the spec, or create it"
			}
			s.Blocked = &Block{Illegal, fmt.Sprintf("there is no %s %q, neither in the spec nor in the organisation", use.Kind, use.Name), unblock}
		case use.Kind == spec.SnapshotKind && found.Next != "active":
			s.Blocked = &Block{Illegal, fmt.Sprintf("the snapshot %q is %s", use.Name, found.State), "activate it; fleet does so with snapshots that the spec declares"}
		}
	}
}

// checkOwner blocks a link to a sandbox that is put away: the server wants the
// other one started or stopped.
func (c *computer) checkOwner(s, owner *Step) {
	if owner.Have == nil || owner.Action == Replace {
		return
	}
	at, want := owner.Have.Next, owner.Want.State()
	if at == spec.Archived && want != spec.Started || at == spec.Paused && want == "" {
		s.Blocked = &Block{Illegal, fmt.Sprintf("%s, to which it is linked, is %s", owner.Address, at), "give that one state: started"}
	}
}

// followers completes linked sandboxes once all steps are known. Those whose
// owner is replaced are replaced, too: the server deletes them with it.
func (c *computer) followers() {
	for _, s := range c.plan.Steps {
		if s.Address.Kind != spec.SandboxKind {
			continue
		}
		s.Linked = c.linked(s.Want)
		for _, need := range s.Want.Needs {
			owner := c.steps[need]
			if need.Kind != spec.SandboxKind || owner == nil {
				continue
			}
			if s.Action == Create || s.Action == Replace {
				c.checkOwner(s, owner)
			}
			if s.Have == nil || owner.Action != Replace && owner.Action != Create {
				continue
			}
			if s.Action != Replace {
				c.replaceSandbox(s, s.Want, fmt.Sprintf("it is linked to %s, which is %sd", need, owner.Action))
			}
			if s.Blocked != nil && owner.Blocked == nil {
				owner.Blocked = &Block{s.Blocked.Kind, fmt.Sprintf("%s goes with it and may not: %s", s.Address, s.Blocked.Reason), s.Blocked.Unblock}
			}
		}
	}
}
