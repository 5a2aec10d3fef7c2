package apply

import "fleet/plan"

// A redactedError is an error with secrets removed from its text.
type redactedError struct {
	text string
	err  error
}

func (e *redactedError) Error() string { return e.text }
func (e *redactedError) Unwrap() error { return e.err }

// redactError removes the secret values of the step's resource from the text of an
// error: servers repeat what they were sent.
func redactError(s *plan.Step, err error) error {
	if err == nil || s.Want == nil {
		return err
	}
	if text := s.Want.Redact(err.Error()); text != err.Error() {
		return &redactedError{text, err}
	}
	return err
}
