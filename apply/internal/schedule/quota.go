package schedule

import (
	"slices"
	"time"

	"fleet/spec"
)

// quotaLag is how long a server may still count an object that the run has deleted
// or stopped.
const quotaLag = 10 * time.Second

// RefuseQuota reports whether a task that was refused for lack of quota should
// wait: another task is about to free some, or freed some less than [quotaLag] ago.
// While a sandbox waits for quota, no task that risks a sandbox starts, since its
// new sandbox would be refused too.
func (s *Schedule) RefuseQuota(id TaskID, now time.Time) bool {
	t := s.tasks[id]
	wait := s.expectsFreeQuota(t, now)
	s.setAwaitingQuota(t, wait)
	return wait
}

// GrantQuota records that a task no longer waits for quota.
func (s *Schedule) GrantQuota(id TaskID) { s.setAwaitingQuota(s.tasks[id], false) }

func (s *Schedule) setAwaitingQuota(t *record, awaiting bool) {
	switch {
	case t.kind() != spec.SandboxKind: // starting more sandboxes does not lengthen its wait
	case awaiting && !t.awaitingQuota:
		s.quotaWaiters++
	case !awaiting && t.awaitingQuota:
		s.quotaWaiters--
	}
	t.awaitingQuota = awaiting
}

// expectsFreeQuota reports whether the run frees, or has just freed, quota for
// objects of the task's kind.
func (s *Schedule) expectsFreeQuota(waiter *record, now time.Time) bool {
	if freed := s.freedAt[waiter.kind()]; !freed.IsZero() && now.Sub(freed) < quotaLag {
		return true
	}
	return slices.ContainsFunc(s.tasks, func(t *record) bool {
		return t != waiter && t.kind() == waiter.kind() && s.willFreeQuota(t, waiter)
	})
}

// willFreeQuota reports whether a task is to free quota without waiting for the
// waiter, or for another task that waits for quota.
func (s *Schedule) willFreeQuota(t, waiter *record) bool {
	switch {
	case t.ended, t.awaitingQuota:
		return false
	case !t.started && (t.Slot.Risks || t.held || s.blockedByQuota(t, waiter) || s.blockedBySlots(t, waiter)):
		return false
	}
	return slices.ContainsFunc(t.Turns[min(t.turn, len(t.Turns)):], func(turn Turn) bool { return turn.FreesQuota })
}

// blockedByQuota reports whether a task waits for one that waits for quota.
func (s *Schedule) blockedByQuota(t, waiter *record) bool {
	return slices.ContainsFunc(t.After, func(id TaskID) bool {
		dependency := s.tasks[id]
		return !dependency.ended && (dependency == waiter || dependency.awaitingQuota || !dependency.started && s.blockedByQuota(dependency, waiter))
	})
}

// blockedBySlots reports whether tasks that wait for quota occupy the slots that a
// task needs.
func (s *Schedule) blockedBySlots(t, waiter *record) bool {
	used := map[limitKey]int{}
	for _, other := range s.tasks {
		if other == waiter || other.awaitingQuota {
			for key := range s.limits.of(other.Slot) {
				used[key]++
			}
		}
	}
	for key, limit := range s.limits.of(t.Slot) {
		if used[key] >= limit {
			return true
		}
	}
	return false
}
