package gc

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"fleet/plan"
	"fleet/spec"
)

// DefaultSpare is how long ago an object must have been used at least.
const DefaultSpare = 15 * time.Minute

// Options say how far collecting may go.
type Options struct {
	Now         time.Time     // by the server's clock
	SpareActive time.Duration // what was used or created since is never touched; 0 is DefaultSpare

	// Created are creations of snapshots that earlier runs for the fleet recorded.
	Created []plan.Creation

	// Unowned lets rules take what no fleet owns. That it is deleted has to be
	// allowed by number, beside.
	Unowned      bool
	AllowDestroy int
}

// Collect reports what there is and plans what the rules say of it. The first
// rule that picks an object decides about it. A step stands for each object that
// rules may be about; those that are only looked at do nothing. What no fleet
// owns has a step only if a rule picks it.
func Collect(f *spec.Fleet, w *plan.World, rules []Rule, opts Options) (*Report, *plan.Plan) {
	opts.SpareActive = cmp.Or(opts.SpareActive, DefaultSpare)
	x := &collection{fleet: f, rules: rules, opts: opts, users: usersOf(w), left: w.LeftBehind(f, opts.Created), plan: &plan.Plan{Fleet: f.Name, Steps: []*plan.Step{}}}
	x.all = subjects(f, w, x.left)
	for _, o := range w.Deleting {
		if f.Is(o.Fleet()) {
			x.deleting = append(x.deleting, o)
		}
	}
	picked := map[string][]*subject{}
	for _, s := range x.all {
		step, rule := x.decide(s)
		step.Unowned = s.owner == OfNobody && s.want == nil
		x.plan.Steps = append(x.plan.Steps, step)
		if step.Action != plan.NoOp {
			picked[rule] = append(picked[rule], s)
		}
	}
	x.order()
	x.guard()
	x.plan.Steps = slices.DeleteFunc(x.plan.Steps, func(s *plan.Step) bool {
		return s.Unowned && s.Action == plan.NoOp && s.Kept == ""
	})
	plan.Conduct(f, x.plan)
	return x.report(picked), x.plan
}

// A collection is one on its way.
type collection struct {
	fleet *spec.Fleet
	rules []Rule
	opts  Options
	users map[string]string // sandboxes by the snapshot that they are made from
	left  []plan.Leftover
	all   []*subject
	plan  *plan.Plan

	deleting []*plan.Object // of the fleet
}

// usersOf finds a sandbox for each snapshot that has one.
func usersOf(w *plan.World) map[string]string {
	users := map[string]string{}
	for _, o := range w.Sandboxes {
		if name := o.Snapshot(); name != "" && !o.Leaving() {
			users[name] = o.Name
		}
	}
	return users
}

// decide is the step for one subject, and the rule that makes it so.
func (x *collection) decide(s *subject) (*plan.Step, string) {
	for _, r := range x.rules {
		picked, odd := r.picks(s, x.opts.Now)
		if !picked {
			continue
		}
		why := s.spared(r, x.opts, x.users)
		if why == "" {
			why = odd
		}
		if why != "" {
			return plan.Keep(s.address, s.object, "spared: "+why), ""
		}
		step := plan.Collect(s.address, s.object, r.Action, r.String())
		if step.Action != plan.NoOp && s.want != nil && r.Action == plan.Delete {
			x.plan.Warnings = append(x.plan.Warnings, fmt.Sprintf("%s is in the spec: the next apply creates it again", s.address))
		}
		if step.Action != plan.NoOp && s.owner == OfNobody && !x.opts.Unowned {
			step.Blocked = &plan.Block{Kind: plan.Conflict, Reason: "no fleet owns it", Unblock: "--unowned lets rules take what nobody owns"}
		}
		return step, r.String()
	}
	return plan.Keep(s.address, s.object, ""), ""
}

// order lets volumes go after the sandboxes that may mount them.
func (x *collection) order() {
	var sandboxes []spec.Address
	for _, s := range x.plan.Steps {
		if s.Action == plan.Delete && s.Address.Kind == spec.SandboxKind {
			sandboxes = append(sandboxes, s.Address)
		}
	}
	for _, s := range x.plan.Steps {
		if s.Action == plan.Delete && s.Address.Kind == spec.VolumeKind {
			s.After = sandboxes
		}
	}
}

// guard blocks what would take away too much, and what nobody owns unless the
// number of deletions is allowed.
func (x *collection) guard() {
	var ours []*plan.Step
	foreign := map[*plan.Step]bool{}
	for i, s := range x.all {
		if step := x.plan.Steps[i]; s.owner == OfNobody {
			foreign[step] = true
		} else {
			ours = append(ours, step)
		}
	}
	n := x.plan.Destroys()
	opts := plan.Options{}
	if n <= x.opts.AllowDestroy {
		opts.AllowDestroy = n
	}
	plan.Confine(ours, nil, opts)
	for _, step := range x.plan.Steps {
		if foreign[step] && step.Blocked == nil && step.Action == plan.Delete && n > x.opts.AllowDestroy {
			step.Blocked = &plan.Block{Kind: plan.BlastRadius, Reason: "no fleet owns it", Unblock: fmt.Sprintf("--allow-destroy %d allows it", n)}
		}
	}
}
