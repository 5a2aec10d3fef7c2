package watch

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"fleet/apply"
	"fleet/plan"
	"fleet/spec"
)

// HeldRollouts remembers rollouts that failed and were rolled back. A watch that
// repeated them at every interval would replace the same sandboxes, and lose
// their disks, again and again. The zero HeldRollouts holds nothing.
type HeldRollouts struct {
	groups      map[spec.Address]bool
	fingerprint string // of the spec whose rollouts are held
}

// Record adds the rollouts that a run rolled back, and removes those that it completed.
func (h *HeldRollouts) Record(f *spec.Fleet, r *apply.Report) {
	for _, x := range r.Results {
		if x.Outcome == apply.Done && x.Step.Rollout != nil && x.Step.Wave > 0 {
			delete(h.groups, x.Step.Rollout.Group) // unless another step of it was rolled back
		}
	}
	for _, x := range r.Results {
		if x.Outcome == apply.RolledBack && x.Step.Rollout != nil {
			if h.groups == nil {
				h.groups = map[spec.Address]bool{}
			}
			h.groups[x.Step.Rollout.Group], h.fingerprint = true, f.Fingerprint()
		}
	}
}

// Block blocks the held rollouts of a plan. A changed spec releases them all.
func (h *HeldRollouts) Block(f *spec.Fleet, p *plan.Plan) {
	if len(h.groups) == 0 {
		return
	}
	if f.Fingerprint() != h.fingerprint {
		*h = HeldRollouts{}
		return
	}
	for _, s := range p.Steps {
		if s.Rollout != nil && s.Wave > 0 && s.Blocked == nil && h.groups[s.Rollout.Group] {
			s.Blocked = &plan.Block{
				Kind:    plan.Withheld,
				Reason:  fmt.Sprintf("the rollout of %s failed and was rolled back; watch does not retry it", s.Rollout.Group),
				Unblock: "change the spec, or run fleet apply",
			}
		}
	}
}

// heldJSON is the format of HeldRollouts.
type heldJSON struct {
	Groups      []spec.Address `json:"groups,omitempty"`
	Fingerprint string         `json:"fingerprint,omitempty"`
}

// MarshalJSON returns the held rollouts as JSON.
func (h *HeldRollouts) MarshalJSON() ([]byte, error) {
	groups := slices.SortedFunc(maps.Keys(h.groups), func(a, b spec.Address) int { return strings.Compare(a.String(), b.String()) })
	return json.Marshal(heldJSON{groups, h.fingerprint})
}

// UnmarshalJSON sets the held rollouts to those that MarshalJSON returned.
func (h *HeldRollouts) UnmarshalJSON(text []byte) error {
	var in heldJSON
	if err := json.Unmarshal(text, &in); err != nil {
		return err
	}
	*h = HeldRollouts{fingerprint: in.Fingerprint}
	for _, a := range in.Groups {
		if h.groups == nil {
			h.groups = map[spec.Address]bool{}
		}
		h.groups[a] = true
	}
	return nil
}

// Empty reports whether no rollout is held.
func (h *HeldRollouts) Empty() bool { return len(h.groups) == 0 }
