package page

import (
	"fmt"
	"strings"
	"time"

	"fleet/internal/journal"
)

// demo returns the journal of a watch that has made some passes over a large fleet: with
// drift that came and went, failures, an alarm, and a rollout that waits for approval.
func demo(workers, passes int) *journal.Journal {
	now := time.Now().Add(-time.Duration(passes) * 4 * time.Minute)
	h := head()
	j := journal.New(func() time.Time { return now }, h)
	objects := demoObjects(workers)
	for i := range passes {
		j.Begin([]string{"interval", "push event", "file change: fleet.yaml"}[i%7%3], fmt.Sprintf("4f2a9c1%x", i/30))
		if i == 0 {
			j.SetObjects(objects)
		}
		now = now.Add(1400 * time.Millisecond)
		drift := max(0, (i*i*7)%23-17) + max(0, 12-(i-48)*(i-48))
		if i%41 == 30 {
			j.End(func(p *journal.Pass) {
				p.Outcome, p.Reason, p.Requests = journal.Failed, "the API answered 503 for 30 s; trying again in 20 s", 4
			})
		} else {
			j.End(func(p *journal.Pass) {
				p.Outcome, p.Requests, p.Drift, p.Done = journal.InSync, 3+drift, drift, drift
				if drift > 0 {
					p.Outcome = journal.Changed
				}
			})
		}
		now = now.Add(238 * time.Second)
	}
	j.Raise("flapping sandbox.worker[17]", "labels.owner of sandbox.worker[17] was changed back 4 times in an hour, last by another client; fleet no longer corrects it")
	j.SetHead(func(h *journal.Head) { h.NextPass = now.Add(26 * time.Minute) })
	demoRollout(j, &now)
	return j
}

// demoObjects returns a fleet with groups of different sizes.
func demoObjects(workers int) []journal.Object {
	var list []journal.Object
	add := func(kind, group string, n int, state string) {
		for i := range n {
			o := journal.Object{Address: fmt.Sprintf("%s.%s[%d]", kind, group, i), Group: kind + "." + group, Desired: state, State: state}
			switch {
			case i%151 == 17:
				o.Drift = `labels.owner: "ops" instead of "research"`
			case i%397 == 61:
				o.State, o.Failed, o.Drift = "error", true, "state: error instead of started"
			case i%283 == 120:
				o.State, o.Drift = "", "does not exist"
			case i%503 == 200:
				o.Paused = true
			}
			list = append(list, o)
		}
	}
	add("sandbox", "worker", workers, "started")
	add("sandbox", "eval", workers/8, "started")
	add("sandbox", "notebook", 24, "started")
	for _, address := range []string{"sandbox.gateway", "sandbox.scheduler", "snapshot.base", "snapshot.cuda", "volume.datasets", "volume.cache"} {
		state := "ready"
		switch {
		case strings.HasPrefix(address, "sandbox"):
			state = "started"
		case strings.HasPrefix(address, "snapshot"):
			state = "active"
		}
		list = append(list, journal.Object{Address: address, Group: address, Desired: state, State: state})
	}
	return list
}

// demoRollout adds a pass whose plan is being applied and was approved.
func demoRollout(j *journal.Journal, now *time.Time) {
	plan := &journal.Plan{
		Digest: "3f9a12c4e5d60718293a4b5c6d7e8f90", Time: *now,
		NeedsApproval: "it replaces 24 sandboxes, more than the 10 that --allow-destroy permits",
	}
	for i := range 24 {
		plan.Steps = append(plan.Steps, journal.Step{Address: fmt.Sprintf("sandbox.notebook[%d]", i), Action: "replace", Wave: 1 + i/8})
	}
	for _, i := range []int{120, 403} {
		plan.Steps = append(plan.Steps, journal.Step{Address: fmt.Sprintf("sandbox.worker[%d]", i), Action: "create"})
	}
	plan.Steps = append(plan.Steps, journal.Step{Address: "sandbox.eval[17]", Action: "update"})
	plan.Text = demoPlan
	j.Begin("file change: fleet.yaml", "4f2a9c13")
	j.Planned(plan, func(p *journal.Pass) { p.Drift, p.Digest = len(plan.Steps), plan.Digest })
	*now = now.Add(40 * time.Second)
}

// demoRuns approves the plan of the demo and applies a part of it.
func demoRuns(j *journal.Journal) {
	plan := j.State().Plan
	j.Approved(plan.Digest, "page")
	for i, s := range plan.Steps[:14] {
		switch s.Phase = "done"; {
		case i == 6:
			s.Phase, s.Text = "failed", "the sandbox did not start: no runner with 4 GPUs is available"
		case i >= 10:
			s.Phase, s.Text = "working", "waiting until it is started"
		}
		j.Step(s)
	}
}

// demoPlan is the plan of the demo, as fleet plan prints it.
const demoPlan = `  ± sandbox.notebook[0..23]  replace; in 3 waves of 8; loses its disk and running processes
      image  (cannot be changed in place: forces replacement)
          FROM python:3.12
        - RUN pip install torch==2.8
        + RUN pip install torch==2.9
          ENV HF_HOME=/data/hf
  + sandbox.worker[120]      create
  + sandbox.worker[403]      create
  ~ sandbox.eval[17]         update
      labels.owner  "ops" -> "research"

Plan: 2 to create, 1 to update, 24 to replace, 0 to delete.
`
