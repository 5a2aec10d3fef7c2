package apply

import (
	"time"

	"fleet/client"
)

const (
	quotaMinDelay = 250 * time.Millisecond
	quotaMaxDelay = 2 * time.Second // between two attempts
)

// awaitQuota turns a refusal for lack of quota into a wait if the run itself is
// about to free some.
func (r *runner) awaitQuota(t *task) {
	if client.ErrorClassOf(t.err) != client.QuotaExceeded || r.aborted || !r.schedule.RefuseQuota(t.number, time.Now()) {
		r.schedule.GrantQuota(t.number)
		return
	}
	w := retryAfter("room in the quota"+serverReason(t.err), min(quotaMinDelay<<min(t.attempt, 10), quotaMaxDelay))
	w.refusal = t.err
	t.err, t.waitingFor = nil, w
}
