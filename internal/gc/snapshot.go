package gc

import (
	"cmp"
	"fmt"

	"fleet/plan"
)

// isFailedBuild reports whether the candidate is a declared snapshot that failed and that
// the fleet is known to own. Nothing can be created from it, and apply replaces it.
func (s *candidate) isFailedBuild() bool {
	i := s.snapshot
	return i != nil && i.Role == plan.SnapshotCurrent && i.Failed && i.Owned
}

// snapshotStep returns the step of a snapshot that no rule selects, and what selected it:
// it deletes former versions, failed builds and temporary snapshots that are unused.
func (x *collector) snapshotStep(s *candidate) (*plan.Step, string) {
	reason := x.unneededReason(s)
	if reason == "" {
		return plan.NewNoOpStep(s.address, s.object, x.stayReason(s)), ""
	}
	why := cmp.Or(s.protectedReason(), s.spareReason(Rule{}, x.opts, x.users))
	if why == "" && !s.object.Settled() {
		why = "it is in state " + s.object.State
	}
	if why != "" {
		return plan.NewNoOpStep(s.address, s.object, fmt.Sprintf("%s; spared: %s", reason, why)), ""
	}
	step := plan.NewCollectStep(s.address, s.object, plan.Delete, reason)
	if s.isFailedBuild() {
		x.recreated = append(x.recreated, s.address)
	} else {
		step.FormerVersionOf = s.snapshot.Declared.Address
	}
	return step, "--snapshots"
}

// unneededReason returns why the fleet does not need a snapshot that it owns; empty if it
// may need it, or may not own it.
func (x *collector) unneededReason(s *candidate) string {
	i := s.snapshot
	switch {
	case s.isFailedBuild():
		return "it is in state " + i.State
	case !i.Owned:
		return ""
	case i.Role == plan.SnapshotFormer && i.Failed:
		return fmt.Sprintf("a former version of %s, in state %s", i.Declared, i.State)
	case i.Role == plan.SnapshotFormer:
		return fmt.Sprintf("a former version of %s", i.Declared)
	case i.Role == plan.SnapshotUnpinned && x.opts.Keep != nil && *x.opts.Keep == 0:
		return fmt.Sprintf("a version of %s that is not pinned", i.Declared)
	case i.Role == plan.SnapshotTrial:
		return fmt.Sprintf("an interrupted replacement of %s left it", i.Declared)
	}
	return ""
}

// stayReason returns why a version of a declared snapshot stays; empty if it is the current
// one, or no version.
func (x *collector) stayReason(s *candidate) string {
	if s.snapshot.Role == plan.SnapshotUnproven && s.snapshot.Declared != nil {
		return fmt.Sprintf("has the name of a version of %s, and nothing proves that this fleet created it", s.snapshot.Declared)
	}
	if why := keptReasons[s.snapshot.Role]; why != "" {
		return "spared: " + why
	}
	return ""
}
