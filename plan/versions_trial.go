package plan

import (
	"fmt"
	"slices"

	"fleet/spec"
)

// tryBuildFirst makes the replacement of a snapshot build or pull the new content under a
// temporary name before it deletes the old snapshot, unless the quota is known to have no
// room for both.
func (c *planner) tryBuildFirst(s *Step) {
	if s.Blocked != nil || !c.hasRoomForTrial() {
		return
	}
	i := slices.IndexFunc(s.Ops, func(op Op) bool { return op.Verb == DoDelete })
	s.Ops = append(slices.Insert(s.Ops, i, Op{Verb: DoTryBuild}), Op{Verb: DoDropTrial})
}

// trialStep returns the step that deletes the temporary snapshot of an earlier run; nil if
// this plan uses it, or if nothing proves that it is one.
func (c *planner) trialStep(r *spec.Resource, o *Object, address spec.Address, version string) *Step {
	s := c.steps[r.Address]
	content := r.ContentVersion()
	used := s != nil && s.Blocked == nil && s.hasVerb(DoTryBuild) && (version == content || content == "")
	isUnderWay := !o.Settled() && !o.Failed // another run may wait for it
	if used || isUnderWay || !c.world.provesVersion(r, o) {
		return nil
	}
	return newDeleteStep(address, o, fmt.Sprintf("an interrupted replacement of %s left it", r.Address))
}

// hasRoomForTrial reports whether the quota may have room for one more snapshot.
func (c *planner) hasRoomForTrial() bool {
	st := c.world.QuotaStatus
	return st == nil || st.SnapshotQuota == 0 || st.Snapshots < st.SnapshotQuota
}

// warnReplacedSnapshots warns about snapshots that do not exist for a while, since the
// plan replaces them under their name.
func (c *planner) warnReplacedSnapshots() {
	var replaced, untried []string
	for _, s := range c.plan.Steps {
		if s.Action != Replace || s.Blocked != nil || s.Address.Kind != spec.SnapshotKind || s.Want.Versioned() || s.Have.Failed {
			continue
		}
		replaced = append(replaced, s.Address.String())
		if !s.hasVerb(DoTryBuild) && !s.Forced {
			untried = append(untried, s.Address.String())
		}
	}
	if len(replaced) > 0 {
		c.warn("no sandbox can be created from %s while the plan replaces %s; versioning: content keeps the old version until the new one can be used", JoinFirst(replaced, maxListedUsers), PluralWord(len(replaced), "it", "them"))
	}
	if len(untried) > 0 {
		c.warn("%s deleted before the new content is known to build: the quota for snapshots has no room for both", JoinFirst(untried, maxListedUsers)+PluralWord(len(untried), " is", " are"))
	}
}
