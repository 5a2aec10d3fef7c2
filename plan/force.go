package plan

import (
	"fmt"
	"slices"

	"fleet/spec"
)

// forcedReason is the reason of a forced replacement.
const forcedReason = "its replacement was requested"

// isForced reports whether the object of a step is to be replaced even if it matches
// the spec.
func (c *planner) isForced(s *Step) bool {
	if s.Have == nil || len(c.opts.Replace) == 0 || !c.forceMatcher.matchesAny(s) {
		return false
	}
	return c.opts.ReplaceIDs == nil || c.opts.ReplaceIDs[s.Address] == s.Have.ID
}

// forcedSteps returns the steps that [Options.Replace] selects. The error is a
// *[SelectionError].
func (c *planner) forcedSteps() ([]*Step, error) {
	if len(c.opts.Replace) == 0 {
		return nil, nil
	}
	var list []*Step
	for _, s := range c.plan.Steps {
		switch {
		case s.Want == nil || !c.forceMatcher.matchesAny(s):
			continue
		case s.Action == Adopt:
			return nil, &SelectionError{"--replace", fmt.Sprintf("%s: no fleet owns it", s.Address), "adopt it first"}
		}
		list = append(list, s)
	}
	return list, c.forceMatcher.unmatchedError(c.plan.Steps)
}

// checkMountedVolume blocks the replacement of a volume that a sandbox of the fleet
// mounts and keeps: the server does not delete a mounted volume. The replacement
// waits for the deletion of other sandboxes that mount it.
func (c *planner) checkMountedVolume(s *Step) {
	if s.Address.Kind != spec.VolumeKind || s.Action != Replace || s.Blocked != nil {
		return
	}
	for _, user := range c.plan.Steps {
		if user.Address.Kind != spec.SandboxKind || user.Have == nil || !mounts(user, s) {
			continue
		}
		needs := user.Want != nil && slices.Contains(user.Want.DependsOn, s.Address)
		if user.Blocked == nil && user.Action.Destroys() && !needs {
			s.After = append(s.After, user.Address)
			continue
		}
		s.Blocked = &Block{Illegal, fmt.Sprintf("%s uses it, and a volume in use cannot be deleted", user.Address), "take it out of that sandbox first"}
		return
	}
}

// mounts reports whether the sandbox of a step mounts the volume of another step. If
// the sandbox was not fully read, the spec decides.
func mounts(user, volume *Step) bool {
	if user.Have.FullyRead {
		return slices.Contains(user.Have.Mounts(), volume.Have.ID) || slices.Contains(user.Have.Mounts(), volume.Have.Name)
	}
	return user.Want == nil || slices.Contains(user.Want.DependsOn, volume.Address)
}
