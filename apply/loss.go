package apply

import "strings"

// A lossError is the error of a task that has deleted something, with the loss at the
// end of its first line.
type lossError struct {
	err  error
	loss string // a clause
}

// withLoss adds a loss to an error; an empty loss leaves it unchanged.
func withLoss(err error, loss string) error {
	if err == nil || loss == "" {
		return err
	}
	return &lossError{err, loss}
}

func (e *lossError) Error() string {
	first, rest, more := strings.Cut(e.err.Error(), "\n")
	first += "; " + e.loss
	if more {
		return first + "\n" + rest
	}
	return first
}

func (e *lossError) Unwrap() error { return e.err }
