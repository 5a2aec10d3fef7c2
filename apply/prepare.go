package apply

import (
	"slices"

	"fleet/apply/internal/admission"
	"fleet/apply/internal/operation"
	"fleet/apply/internal/schedule"
	"fleet/internal/redact"
	"fleet/plan"
	"fleet/spec"
)

// newTasks returns a task for each step that has operations or is blocked, in the order
// of the plan.
func newTasks(p *plan.Plan, limits *schedule.Limits, target string) []*task {
	var tasks []*task
	for _, s := range p.Steps {
		if len(s.Ops) == 0 && s.Blocked == nil {
			continue
		}
		id := s.ID
		if len(s.Ops) > 0 && s.Ops[0].Verb == plan.DoCreate {
			id = "" // the existing object is not the one that the step creates
		}
		t := &task{identity: identity{step: s, number: schedule.TaskID(len(tasks))}, work: operation.NewTask(s, id)}
		if s.Blocked == nil {
			t.slot = limits.SlotOf(s, target)
		}
		if s.Want != nil {
			t.region = s.Want.RegionID(target, p.Facts)
		}
		tasks = append(tasks, t)
	}
	return tasks
}

// byAddress returns tasks by the addresses of their steps.
func byAddress(tasks []*task) map[spec.Address]*task {
	m := make(map[spec.Address]*task, len(tasks))
	for _, t := range tasks {
		m[t.step.Address] = t
	}
	return m
}

// newSchedule returns a schedule of tasks. They depend on each other as their steps do.
func newSchedule(tasks []*task, limits *schedule.Limits) *schedule.Schedule {
	s := schedule.New(limits)
	known := byAddress(tasks)
	for _, t := range tasks {
		work := schedule.Task{Order: int(t.number), Slot: t.slot}
		if t.step.Blocked == nil { // a blocked step may have lost what it wants, and never starts
			work.Turns = schedule.TurnsOf(t.step)
		}
		for _, a := range t.step.After {
			if dependency := known[a]; dependency != nil { // a step without operations has no task
				work.After = append(work.After, dependency.number)
			}
		}
		s.Add(work)
	}
	s.Connect()
	return s
}

// newRollouts makes tasks members of their rollouts, and returns these in the order of
// the plan.
func newRollouts(tasks []*task, s *schedule.Schedule) []*admission.Rollout {
	var rollouts []*admission.Rollout
	known := map[*plan.Rollout]*admission.Rollout{}
	for _, t := range tasks {
		p := t.step.Rollout
		if p == nil || t.step.Blocked != nil {
			continue
		}
		if known[p] == nil {
			known[p] = admission.NewRollout(p)
			rollouts = append(rollouts, known[p])
		}
		have := t.step.Have
		t.rollout, t.usable = known[p], have != nil && !have.Failed && !have.Unfinished()
		t.rollout.Join(t.number, admission.Member{Wave: t.step.Wave, Usable: t.usable})
		if t.rollout.AwaitsAdmission(t.number) {
			s.Hold(t.number)
		}
	}
	return rollouts
}

// newTrials groups the tasks that risk a sandbox by create request, as planned.
func newTrials(tasks []*task) *admission.Trials {
	trials := admission.NewTrials()
	for _, t := range tasks {
		if !t.step.RisksLoss() {
			continue
		}
		root := t.step.TrialStep
		if root == (spec.Address{}) {
			root = t.step.Address
		}
		trials.Join(root, admission.Candidate{ID: t.number, Region: t.region, Rollout: t.rollout, IncreasesUsage: t.step.IncreasesUsage})
	}
	for _, t := range tasks {
		trials.Lead(t.step.Address, t.number)
	}
	return trials
}

// newBuilds groups the tasks that build an image by its content.
func newBuilds(tasks []*task) *admission.Builds {
	builds := admission.NewBuilds()
	for _, t := range tasks {
		if t.step.Blocked != nil || t.work.Created() || t.step.Want == nil {
			continue
		}
		if key := t.step.Want.BuildKey(); key != "" {
			builds.Join(key, t.number)
		}
	}
	return builds
}

// newEnv returns what the operations of a run share.
func newEnv(p *plan.Plan, tasks []*task, opts Options) *operation.Env {
	planned := map[string]bool{}
	for _, t := range tasks {
		planned[t.step.ID] = true
	}
	return &operation.Env{
		Fleet: operation.Fleet{Name: p.Fleet, Environment: p.Environment, Names: fleetNames(p), Facts: p.Facts, PlannedIDs: planned},
		Stop:  opts.Stop, Trace: opts.Trace, OnSnapshotCreate: opts.OnSnapshotCreate,
		Uploads: &operation.Uploads{},
		Target:  opts.Target, HookEnvironment: opts.HookEnvironment, HookRedactor: redact.New(opts.HookSecrets),
	}
}

// fleetNames returns the fleets whose labels the sandboxes of a plan carry: its own,
// and earlier names of it.
func fleetNames(p *plan.Plan) []string {
	names := []string{p.Fleet}
	for _, s := range p.Steps {
		if s.Have == nil {
			continue
		}
		if name := s.Have.Labels[spec.FleetLabel]; name != "" && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}
