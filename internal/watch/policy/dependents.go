package policy

import (
	"cmp"
	"fmt"
	"slices"

	"fleet/plan"
	"fleet/spec"
)

// holdDependents blocks the steps that must not run while another one waits. A plan
// orders them, but an executor leaves out a blocked step and continues with the next one,
// which then would be the first to be tried.
func (h *holder) holdDependents() {
	h.holdFailedRollouts()
	for more := true; more; {
		before := h.result.Held
		h.holdTrials()
		h.holdWaves()
		more = h.result.Held > before
	}
}

// holdFailedRollouts blocks the rollouts that wait for a member that failed: otherwise
// each pass would disrupt another one. The spec may let a rollout continue.
func (h *holder) holdFailedRollouts() {
	failed := map[*plan.Rollout]*plan.Step{}
	for _, s := range h.plan.Steps {
		if s.Rollout != nil && h.pass.State.hasFailed(s.Address) && s.Rollout.OnFailure != spec.ContinueRollout && failed[s.Rollout] == nil {
			failed[s.Rollout] = s
		}
	}
	for _, s := range h.plan.Steps {
		first := failed[s.Rollout]
		if first == nil || s.Wave == 0 || s.Blocked != nil || h.pass.State.hasFailed(s.Address) {
			continue
		}
		h.block(s, &plan.Block{
			Kind:    plan.BackOff,
			Reason:  fmt.Sprintf("the rollout of %s waits until %s succeeds, which failed", s.Rollout.Group, first.Address),
			Unblock: "change the spec, or approve the plan",
		})
	}
}

// holdTrials blocks the steps whose trial is blocked: another step would lose its sandbox
// instead of the trial if the server refused the request.
func (h *holder) holdTrials() {
	blocked := map[spec.Address]*plan.Block{}
	for _, s := range h.plan.Blocked() {
		blocked[s.Address] = s.Blocked
	}
	for _, s := range h.plan.Steps {
		b := blocked[s.TrialStep]
		if b == nil || s.Blocked != nil {
			continue
		}
		h.block(s, &plan.Block{
			Kind:    b.Kind,
			Reason:  fmt.Sprintf("%s, whose creation is tried first, is blocked: %s", s.TrialStep, b.Reason),
			Unblock: b.Unblock,
		})
	}
}

// holdWaves blocks the waves of a rollout after one whose steps are all blocked: nothing
// would show that the change works.
func (h *holder) holdWaves() {
	members := map[*plan.Rollout][][]*plan.Step{}
	for _, s := range h.plan.Steps {
		if r := s.Rollout; s.Wave > 0 {
			if members[r] == nil {
				members[r] = make([][]*plan.Step, len(r.Waves))
			}
			members[r][s.Wave-1] = append(members[r][s.Wave-1], s)
		}
	}
	for _, waves := range members {
		var blocked *plan.Step // of the last wave that is blocked
		for _, wave := range waves {
			if blocked != nil {
				h.holdWave(wave, blocked)
			}
			if len(wave) > 0 && !slices.ContainsFunc(wave, func(s *plan.Step) bool { return s.Blocked == nil }) {
				blocked = cmp.Or(blocked, wave[0])
			}
		}
	}
}

// holdWave blocks the steps of a wave after the one of a blocked step. A member that
// failed has been tried already, and the others may wait for it.
func (h *holder) holdWave(wave []*plan.Step, blocked *plan.Step) {
	for _, s := range wave {
		if s.Blocked == nil && !h.pass.State.hasFailed(s.Address) {
			h.block(s, &plan.Block{
				Kind:    blocked.Blocked.Kind,
				Reason:  fmt.Sprintf("the rollout of %s waits for wave %d: %s is blocked: %s", s.Rollout.Group, blocked.Wave, blocked.Address, blocked.Blocked.Reason),
				Unblock: blocked.Blocked.Unblock,
			})
		}
	}
}
