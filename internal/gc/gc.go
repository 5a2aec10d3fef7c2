package gc

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"fleet/plan"
	"fleet/spec"
)

// DefaultSpareActive is the time for which an object must have been unused.
const DefaultSpareActive = 15 * time.Minute

// Options limit what is collected.
type Options struct {
	Now         time.Time     // by the server's clock, which also sets the times of objects
	SpareActive time.Duration // objects used or created within it are spared; 0 is DefaultSpareActive

	// Created are creations of snapshots that earlier runs for the fleet recorded.
	Created []plan.Creation

	// Snapshots also selects former versions of declared snapshots, failed builds and
	// temporary snapshots, if the fleet is known to own them and no sandbox uses them. The
	// world has to hold all sandboxes of the organization.
	Snapshots bool
	Keep      *int // former versions to keep of each snapshot; nil for those that the spec sets

	// Unowned allows rules to select objects that no fleet owns. Their deletion
	// also requires AllowDestroy.
	Unowned      bool
	AllowDestroy int // how many objects may be deleted beyond the blast radius
}

// Collect reports on the observed objects and plans what the rules ask for. The first
// rule that selects an object decides. The plan has a step for each candidate, which does
// nothing if no rule selects it; unowned objects have a step only if a rule selects them.
func Collect(f *spec.Fleet, w *plan.World, rules []Rule, opts Options) (*Report, *plan.Plan) {
	opts.SpareActive = cmp.Or(opts.SpareActive, DefaultSpareActive)
	x := &collector{fleet: f, rules: rules, opts: opts, users: snapshotUsers(w), orphanSnapshots: w.OrphanSnapshots(f, opts.Created), plan: &plan.Plan{Fleet: f.Name, Steps: []*plan.Step{}}}
	x.snapshots = map[string]*plan.SnapshotInfo{}
	for _, s := range w.Snapshots(f, plan.SnapshotOptions{Creations: opts.Created, Keep: opts.Keep}) {
		x.snapshots[s.ID] = s
	}
	x.candidates = candidates(f, w, x.snapshots)
	for _, o := range w.Deleting {
		if f.HasName(o.Fleet()) {
			x.deleting = append(x.deleting, o)
		}
	}
	picked := map[string][]*candidate{}
	for _, s := range x.candidates {
		step, rule := x.planStep(s)
		step.Unowned = s.owner == OwnerNone && s.resource == nil
		x.plan.Steps = append(x.plan.Steps, step)
		if step.Action != plan.NoOp {
			picked[rule] = append(picked[rule], s)
		}
	}
	x.orderSteps()
	x.guard() // before steps are removed: it pairs them with candidates by index
	x.plan.Steps = slices.DeleteFunc(x.plan.Steps, func(s *plan.Step) bool {
		return s.Unowned && s.Action == plan.NoOp && s.RetainedReason == ""
	})
	x.warnRecreated()
	plan.ApplyExecutionPolicy(f, x.plan)
	return x.buildReport(picked), x.plan
}

// A collector collects once.
type collector struct {
	fleet           *spec.Fleet
	rules           []Rule
	opts            Options
	users           map[string]string             // a sandbox for each snapshot in use, by name
	snapshots       map[string]*plan.SnapshotInfo // by id
	orphanSnapshots []plan.OrphanSnapshot
	candidates      []*candidate
	plan            *plan.Plan

	deleting []*plan.Object // of the fleet

	recreated []spec.Address // deleted objects that the next apply creates again
}

// snapshotUsers returns the name of one sandbox for each snapshot in use.
func snapshotUsers(w *plan.World) map[string]string {
	users := map[string]string{}
	for _, o := range w.Objects[spec.SandboxKind] {
		if name := o.Snapshot(); name != "" && !o.Deleting() {
			users[name] = o.Name
		}
	}
	return users
}

// planStep returns the step for a candidate, and the rule that decided.
func (x *collector) planStep(s *candidate) (*plan.Step, string) {
	for _, r := range x.rules {
		picked, problem := r.matches(s, x.opts.Now)
		if !picked {
			continue
		}
		why := cmp.Or(s.protectedReason(), s.declaredReason(), s.spareReason(r, x.opts, x.users), problem)
		if why != "" {
			return plan.NewNoOpStep(s.address, s.object, "spared: "+why), ""
		}
		step := plan.NewCollectStep(s.address, s.object, r.Action, r.String())
		if step.Action != plan.NoOp && s.resource != nil && r.Action == plan.Delete {
			x.recreated = append(x.recreated, s.address)
		}
		if step.Action != plan.NoOp && s.owner == OwnerNone && !x.opts.Unowned {
			step.Blocked = &plan.Block{Kind: plan.Conflict, Reason: "no fleet owns it", Unblock: "--unowned allows rules to select objects that no fleet owns"}
		}
		return step, r.String()
	}
	if x.opts.Snapshots && s.snapshot != nil {
		return x.snapshotStep(s)
	}
	return plan.NewNoOpStep(s.address, s.object, ""), ""
}

// orderSteps deletes volumes after the sandboxes that may mount them.
func (x *collector) orderSteps() {
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

// guard blocks deletions beyond the blast radius, and all deletions of unowned objects
// unless the number of deletions is allowed.
func (x *collector) guard() {
	var owned []*plan.Step
	foreign := map[*plan.Step]bool{}
	for i, s := range x.candidates {
		switch step := x.plan.Steps[i]; {
		case step.IsFormerVersion(), s.isFailedBuild(): // no sandbox uses it
		case s.owner == OwnerNone:
			foreign[step] = true
		default:
			owned = append(owned, step)
		}
	}
	n := x.plan.DestroyCount()
	opts := plan.Options{}
	if n <= x.opts.AllowDestroy {
		opts.AllowDestroy = n
	}
	plan.CheckBlastRadius(owned, nil, opts)
	for _, step := range x.plan.Steps {
		if foreign[step] && step.Blocked == nil && step.Action == plan.Delete && n > x.opts.AllowDestroy {
			step.Blocked = &plan.Block{Kind: plan.BlastRadius, Reason: "no fleet owns it", Unblock: fmt.Sprintf("--allow-destroy %d allows it", n)}
		}
	}
}
