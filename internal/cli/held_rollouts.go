package cli

import (
	"fmt"

	"fleet/apply"
	"fleet/plan"
	"fleet/spec"
)

// heldRollouts remembers rollouts that failed and were rolled back: a watch that began
// them again at every interval would take the disks of the same sandboxes again
// and again, and come a little further each time.
type heldRollouts struct {
	groups      map[spec.Address]bool
	fingerprint string // the fingerprint of the spec that asked for them
}

// record takes in how a run ended.
func (h *heldRollouts) record(f *spec.Fleet, r *apply.Report) {
	for _, x := range r.Results {
		if x.Outcome == apply.RolledBack && x.Step.Rollout != nil {
			if h.groups == nil {
				h.groups = map[spec.Address]bool{}
			}
			h.groups[x.Step.Rollout.Group], h.fingerprint = true, f.Fingerprint()
		}
	}
}

// block blocks the rollouts that failed, until the spec is another one.
func (h *heldRollouts) block(f *spec.Fleet, p *plan.Plan) {
	if len(h.groups) == 0 {
		return
	}
	if f.Fingerprint() != h.fingerprint {
		*h = heldRollouts{}
		return
	}
	for _, s := range p.Steps {
		if s.Rollout != nil && s.Wave > 0 && s.Blocked == nil && h.groups[s.Rollout.Group] {
			s.Blocked = &plan.Block{
				Kind:    plan.Withheld,
				Reason:  fmt.Sprintf("the rollout of %s failed and was rolled back: it is not begun again by itself", s.Rollout.Group),
				Unblock: "change the spec, or run fleet apply",
			}
		}
	}
}
