package apply

import (
	"cmp"
	"strings"

	"fleet/plan"
)

// A deletion is how far the deletion of an object has come that a task sent.
type deletion int

const (
	notDeleted     deletion = iota
	maybeDeleted            // the answer was lost, and the object could not be read
	beingDeleted            // the server accepted it
	deletedForSure          // the object was seen to be gone
)

// loss describes what a task that was not done has deleted: what is lost, and a
// sentence about it for the report. Both are empty if it has deleted nothing, or
// only what its step makes superfluous, such as the old sandbox of a surge.
func (t *task) loss() (lost, sentence string) {
	s := t.step
	switch {
	case t.oldGone == notDeleted || s.Surge:
		if spare := s.Spare; t.spareGone != notDeleted && !spare.Unfinished() && !spare.Failed {
			return "what was on the disk of " + spare.Name, t.spareGone.sentence(spare.Name)
		}
		return "", ""
	case s.Action == plan.Replace:
		lost = cmp.Or(s.Loses, "the old "+string(s.Address.Kind))
		sentence = t.oldGone.sentence("the old one")
	default:
		lost = cmp.Or(s.Loses, "the "+string(s.Address.Kind))
		sentence = t.oldGone.sentence("it")
	}
	if s.Loses != "" {
		sentence += ", and with it " + s.Loses
	}
	return lost, sentence
}

// sentence says of an object what became of it.
func (d deletion) sentence(what string) string {
	switch d {
	case maybeDeleted:
		return "whether " + what + " was deleted is not known"
	case beingDeleted:
		return what + " is being deleted"
	}
	return what + " is gone"
}

// A lostError is the error of a task that has deleted something, with what is
// lost at the end of its first line.
type lostError struct {
	err      error
	sentence string
}

// withLoss adds the sentence of a loss to an error, if there is one.
func withLoss(err error, sentence string) error {
	if err == nil || sentence == "" {
		return err
	}
	return &lostError{err, sentence}
}

func (e *lostError) Error() string {
	first, rest, more := strings.Cut(e.err.Error(), "\n")
	first += "; " + e.sentence
	if more {
		return first + "\n" + rest
	}
	return first
}

func (e *lostError) Unwrap() error { return e.err }

// deletes notes how far the deletion of the object with an id has come.
func (t *task) deletes(id string, d deletion) {
	gone := t.goneOf(id)
	*gone = max(*gone, d)
}

// goneOf is the task's record of the deletion of the object with an id.
func (t *task) goneOf(id string) *deletion {
	if t.step.Spare != nil && id == t.step.Spare.ID {
		return &t.spareGone
	}
	return &t.oldGone
}
