package apply

import (
	"cmp"
	"strings"

	"fleet/plan"
)

// A deletion is how far the deletion of an object has come that a task sent.
type deletion int

const (
	notDeleted        deletion = iota
	deletionUnknown            // the answer was lost, and the object could not be read
	deletionAccepted           // the server accepted it
	deletionConfirmed          // the object was seen to be gone
)

// loss describes what a task that was not done has deleted: what is lost, and a
// sentence about it for the report. Both are empty if it has deleted nothing, or
// only what its step makes superfluous, such as the old sandbox of a surge.
func (t *task) loss() (lost, sentence string) {
	s := t.step
	switch {
	case t.oldDeletion == notDeleted || s.Surge:
		if leftover := s.SurgeLeftover; t.leftoverDeletion != notDeleted && !leftover.Unfinished() && !leftover.Failed {
			return "what was on the disk of " + leftover.Name, t.leftoverDeletion.describe(leftover.Name)
		}
		return "", ""
	case s.Action == plan.Replace:
		lost = cmp.Or(s.DataLoss, "the old "+string(s.Address.Kind))
		sentence = t.oldDeletion.describe("the old one")
	default:
		lost = cmp.Or(s.DataLoss, "the "+string(s.Address.Kind))
		sentence = t.oldDeletion.describe("it")
	}
	if s.DataLoss != "" {
		sentence += ", and with it " + s.DataLoss
	}
	return lost, sentence
}

// describe says of an object what became of it.
func (d deletion) describe(what string) string {
	switch d {
	case deletionUnknown:
		return "whether " + what + " was deleted is not known"
	case deletionAccepted:
		return what + " is being deleted"
	}
	return what + " is gone"
}

// A lossError is the error of a task that has deleted something, with what is
// lost at the end of its first line.
type lossError struct {
	err         error
	description string
}

// withLoss adds the sentence of a loss to an error, if there is one.
func withLoss(err error, sentence string) error {
	if err == nil || sentence == "" {
		return err
	}
	return &lossError{err, sentence}
}

func (e *lossError) Error() string {
	first, rest, more := strings.Cut(e.err.Error(), "\n")
	first += "; " + e.description
	if more {
		return first + "\n" + rest
	}
	return first
}

func (e *lossError) Unwrap() error { return e.err }

// recordDeletion notes how far the deletion of the object with an id has come.
func (t *task) recordDeletion(id string, d deletion) {
	deletion := t.deletionOf(id)
	*deletion = max(*deletion, d)
}

// deletionOf is the task's record of the deletion of the object with an id.
func (t *task) deletionOf(id string) *deletion {
	if t.step.SurgeLeftover != nil && id == t.step.SurgeLeftover.ID {
		return &t.leftoverDeletion
	}
	return &t.oldDeletion
}
