package policy

import (
	"errors"
	"fmt"
	"sync"

	"fleet/internal/foreign"
)

// Approvals hold the plan that a user may approve, and whether one did. An approval is
// for one digest: it expires when another plan is offered, and is taken once. The zero
// Approvals offer nothing. They may be used by several goroutines at once.
type Approvals struct {
	mu       sync.Mutex
	digest   string // of the plan that is offered; empty for none
	why      string
	approved bool
}

// Offer offers a plan for approval, with what an approval applies. An approval of a plan
// with another digest expires. An empty digest offers nothing.
func (a *Approvals) Offer(digest, why string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if digest != a.digest {
		a.digest, a.approved = digest, false
	}
	a.why = why
}

// Approve approves the plan with the digest. The error states why there is no such plan.
func (a *Approvals) Approve(digest string) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	switch {
	case a.digest == "":
		return errors.New("no plan waits for approval; fleet plan shows whether there is something to do")
	case digest != a.digest:
		return fmt.Errorf("no plan with the digest %s waits for approval: the plan has changed, and its digest is now %s; review it, and approve that digest", foreign.Text(digest), a.digest)
	}
	a.approved = true
	return nil
}

// Take reports whether the plan with the digest was approved, and ends the approval: the
// next pass needs another one.
func (a *Approvals) Take(digest string) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if !a.approved || digest != a.digest {
		return false
	}
	a.digest, a.why, a.approved = "", "", false
	return true
}

// Pending returns the plan that is offered, what an approval applies, and whether there
// is one; digest is empty if there is no plan.
func (a *Approvals) Pending() (digest, why string, approved bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.digest, a.why, a.approved
}
