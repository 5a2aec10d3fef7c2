package schedule

// Add adds a task and returns its id. The tasks of After may be added later.
func (s *Schedule) Add(t Task) TaskID {
	id := TaskID(len(s.tasks))
	s.tasks = append(s.tasks, &record{Task: t, id: id})
	return id
}

// Connect resolves the dependencies of all tasks that were added so far. It is
// called once, before any task is enqueued; a task that is added later depends on
// nothing.
func (s *Schedule) Connect() {
	for _, t := range s.tasks {
		t.pendingDeps = len(t.After)
		for _, id := range t.After {
			s.tasks[id].dependents = append(s.tasks[id].dependents, t.id)
		}
	}
	for _, t := range s.tasks {
		s.computeDepth(t)
	}
}

func (s *Schedule) computeDepth(t *record) int {
	if t.depth == 0 {
		for _, id := range t.dependents {
			t.depth = max(t.depth, 1+s.computeDepth(s.tasks[id]))
		}
	}
	return t.depth
}

// Hold records that a rollout has to admit a task before it may start.
func (s *Schedule) Hold(id TaskID) { s.tasks[id].held = true }

// Admit enqueues a task that was held.
func (s *Schedule) Admit(id TaskID) {
	s.tasks[id].held = false
	s.Enqueue(id)
}

// End records that a task has ended, and releases its slot. It returns the tasks
// that waited for it: if it is done, those that now wait for nothing more and can
// be enqueued; otherwise all of them, which can never start.
func (s *Schedule) End(id TaskID, done bool) []TaskID {
	t := s.tasks[id]
	t.ended = true
	s.setAwaitingQuota(t, false)
	if t.hasSlot {
		t.hasSlot = false
		for key := range s.limits.of(t.Slot) {
			s.used[key]--
		}
	}
	if !done {
		return t.dependents
	}
	var ready []TaskID
	for _, id := range t.dependents {
		dependent := s.tasks[id]
		if dependent.pendingDeps--; dependent.pendingDeps == 0 && !dependent.ended {
			ready = append(ready, id)
		}
	}
	return ready
}

// Ready reports whether a task can start: it waits for no other one, and has not
// started or ended.
func (s *Schedule) Ready(id TaskID) bool {
	t := s.tasks[id]
	return !t.started && !t.ended && t.pendingDeps == 0
}

// HasDependents reports whether other tasks wait for this one.
func (s *Schedule) HasDependents(id TaskID) bool { return len(s.tasks[id].dependents) > 0 }
