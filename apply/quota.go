package apply

import (
	"slices"
	"time"

	"fleet/client"
	"fleet/plan"
	"fleet/spec"
)

const (
	// quotaLag is how long a server may still count what the run has deleted or
	// stopped.
	quotaLag      = 10 * time.Second
	quotaMinDelay = 250 * time.Millisecond
	quotaMaxDelay = 2 * time.Second // between two attempts
)

// awaitQuota turns a refusal for quota into a wait if the run itself is about to
// make room, or did so less than [quotaLag] ago. As long as a sandbox waits
// for that, no replacement of another one starts: it would only add to what is
// missing.
func (r *runner) awaitQuota(t *task) {
	short := client.ErrorClassOf(t.err) == client.QuotaExceeded && !r.aborted && r.expectsFreeQuota(t)
	r.schedule.setAwaitingQuota(t, short)
	if !short {
		return
	}
	w := retryAfter("room in the quota"+serverReason(t.err), min(quotaMinDelay<<min(t.attempt, 10), quotaMaxDelay))
	w.refusal = t.err
	t.err, t.waitingFor = nil, w
}

// expectsFreeQuota reports whether the run frees, or has just freed, what another
// object of the same kind takes.
func (r *runner) expectsFreeQuota(t *task) bool {
	kind := t.step.Address.Kind
	if freed := r.freedAt[kind]; !freed.IsZero() && time.Since(freed) < quotaLag {
		return true
	}
	return slices.ContainsFunc(slices.Concat(r.planTasks, r.rollbackTasks), func(o *task) bool {
		return o != t && o.step.Address.Kind == kind && r.willFreeQuota(o, t)
	})
}

// willFreeQuota reports whether a task is to free something without waiting for the
// one that is short of room, or for another such one.
func (r *runner) willFreeQuota(t, waiter *task) bool {
	switch {
	case t.ended, t.awaitingQuota:
		return false
	case t.start.IsZero() && (t.step.RisksLoss() || t.awaitsAdmission() || r.blockedByQuota(t, waiter) || r.blockedBySlots(t, waiter)):
		return false
	}
	return slices.ContainsFunc(t.step.Ops[min(t.loopOpIndex, len(t.step.Ops)):], func(op plan.Op) bool { return op.Verb.FreesQuota() })
}

// blockedByQuota reports whether one of the tasks that a task waits for is short of
// room.
func (r *runner) blockedByQuota(t, waiter *task) bool {
	return slices.ContainsFunc(t.step.After, func(a spec.Address) bool {
		dependency := r.tasks[a]
		return dependency != nil && !dependency.ended && (dependency == waiter || dependency.awaitingQuota || dependency.start.IsZero() && r.blockedByQuota(dependency, waiter))
	})
}

// blockedBySlots reports whether tasks that are short of room take up the slots that a
// task needs.
func (r *runner) blockedBySlots(t, waiter *task) bool {
	used := map[limitKey]int{}
	for _, o := range r.planTasks {
		if o == waiter || o.awaitingQuota {
			for key := range r.schedule.limitsOf(o.slot) {
				used[key]++
			}
		}
	}
	for key, limit := range r.schedule.limitsOf(t.slot) {
		if used[key] >= limit {
			return true
		}
	}
	return false
}

// recordFreed takes in what a task has freed. The loop calls it while it owns the
// task.
func (r *runner) recordFreed(t *task) {
	t.loopOpIndex = t.opIndex
	if kind := t.step.Address.Kind; t.freedAt.After(r.freedAt[kind]) {
		r.freedAt[kind] = t.freedAt
	}
}

// setAwaitingQuota notes whether a task is short of room.
func (s *schedule) setAwaitingQuota(t *task, short bool) {
	switch {
	case t.step.Address.Kind != spec.SandboxKind: // sandboxes do not add to that
	case short && !t.awaitingQuota:
		s.quotaWaiters++
	case !short && t.awaitingQuota:
		s.quotaWaiters--
	}
	t.awaitingQuota = short
}
