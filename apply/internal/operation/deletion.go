package operation

import (
	"cmp"
	"slices"

	"fleet/plan"
)

// A deletion is how far the deletion of an object has come.
type deletion int

const (
	notDeleted        deletion = iota
	deletionUnknown            // the response was lost, and the object could not be read
	deletionAccepted           // the server accepted it
	deletionConfirmed          // the object no longer exists
)

// describe returns a clause about an object whose deletion was requested.
func (d deletion) describe(object string) string {
	switch d {
	case deletionUnknown:
		return "whether " + object + " was deleted is not known"
	case deletionAccepted:
		return object + " is being deleted"
	}
	return object + " is gone"
}

// deletions are the deletions that a task has requested.
type deletions struct {
	old      deletion // of the object that the step is about
	leftover deletion // of the second sandbox that an interrupted surge left
}

// recordDeletion records how far the deletion of the object with an id has come.
func (t *Task) recordDeletion(id string, d deletion) {
	record := t.deletionOf(id)
	*record = max(*record, d)
}

// confirmDeletion records that an object whose deletion was accepted no longer exists.
func (t *Task) confirmDeletion(id string) {
	if record := t.deletionOf(id); *record == deletionAccepted {
		*record = deletionConfirmed
	}
}

// deletionOf returns the record of the deletion of the object with an id.
func (t *Task) deletionOf(id string) *deletion {
	if t.isLeftover(id) {
		return &t.deleted.leftover
	}
	return &t.deleted.old
}

// isLeftover reports whether an id is that of a second sandbox that an interrupted
// surge left.
func (t *Task) isLeftover(id string) bool {
	return t.Step.SurgeLeftover != nil && id == t.Step.SurgeLeftover.ID
}

// Loss describes what a task that is not done has deleted: what is lost, and a sentence
// about it for the report. Both are empty if it has deleted nothing, or only what its
// step makes superfluous, such as the old sandbox of a surge.
func (t *Task) Loss() (lost, sentence string) {
	s, deleted := t.Step, t.deleted
	switch {
	case deleted.old == notDeleted || s.Surge:
		if leftover := s.SurgeLeftover; deleted.leftover != notDeleted && !leftover.Unfinished() && !leftover.Failed {
			return "what was on the disk of " + leftover.Name, deleted.leftover.describe(leftover.Name)
		}
		return "", ""
	case s.Action == plan.Replace:
		lost = cmp.Or(s.DataLoss, "the old "+string(s.Address.Kind))
		sentence = deleted.old.describe("the old one")
	default:
		lost = cmp.Or(s.DataLoss, "the "+string(s.Address.Kind))
		sentence = deleted.old.describe("it")
	}
	if s.DataLoss != "" {
		sentence += ", and with it " + s.DataLoss
	}
	return lost, sentence
}

// MayHaveLostSandbox reports whether a task that ended in err may have lost its
// sandbox.
func (t *Task) MayHaveLostSandbox(err error) bool {
	return t.Disrupted || t.ReachedCreate() || t.Verb() == plan.DoDelete && mayHaveApplied(err)
}

// ReachedCreate reports whether the task has reached the creation of its object, or has
// none.
func (t *Task) ReachedCreate() bool {
	return t.OpIndex >= slices.IndexFunc(t.Step.Ops, func(op plan.Op) bool { return op.Verb == plan.DoCreate })
}

// Deleting reports whether the operation that is due is a deletion.
func (t *Task) Deleting() bool { return t.Verb() == plan.DoDelete }
