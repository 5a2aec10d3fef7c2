package reconcile

import (
	"fleet/internal/journal"
	"fleet/internal/watch/policy"
)

var _ journal.Controls = (*Engine)(nil)

// Reconcile implements journal.Controls.
func (e *Engine) Reconcile(by string) { e.Requests.Ask(by) }

// Approve implements journal.Controls.
func (e *Engine) Approve(digest, by string) error {
	if err := e.approvals.Approve(digest); err != nil {
		return err
	}
	e.Journal.Approved(digest, by)
	e.Requests.Ask("approval by " + by)
	return nil
}

// Pause implements journal.Controls.
func (e *Engine) Pause(address, by string) error {
	err := e.change(func(s *policy.State) error { return s.Pause(address, by, e.addresses, e.Now()) })
	if err == nil {
		e.Journal.SetPaused(address, true, by)
	}
	return err
}

// Resume implements journal.Controls.
func (e *Engine) Resume(address, by string) error {
	err := e.change(func(s *policy.State) error { return s.Resume(address) })
	if err == nil {
		e.Journal.SetPaused(address, false, by)
		e.Requests.Ask("resumed by " + by)
	}
	return err
}

// change changes the state and writes it.
func (e *Engine) change(f func(*policy.State) error) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if err := f(e.State); err != nil {
		return err
	}
	e.Save(e.State)
	return nil
}
