package plan

import (
	"fmt"
	"slices"

	"fleet/internal/state"
	"fleet/spec"
)

// An objectCountQuota is the quota of an organization for the number of its snapshots
// or volumes.
type objectCountQuota struct {
	kind         spec.Kind
	name, remedy string
	total, used  int // a total of 0 is not known
	inferred     int // total according to earlier refusals; 0 if there were none
	wanted       int // how many more there are after the plan
}

// objectCountQuotas returns the quotas that apply to the whole organization, with the
// demand for them.
func (st QuotaStatus) objectCountQuotas(d Demand) []objectCountQuota {
	return []objectCountQuota{
		{spec.SnapshotKind, "snapshots", "delete or deactivate snapshots", st.SnapshotQuota, st.Snapshots, st.InferredSnapshotQuota, d.Snapshots},
		{spec.VolumeKind, "volumes", "delete volumes", st.VolumeQuota, st.Volumes, st.InferredVolumeQuota, d.Volumes},
	}
}

// objectCountShortages returns the shortages of snapshots and volumes.
func (st QuotaStatus) objectCountShortages(sum Demand) []Shortage {
	var list []Shortage
	for _, o := range st.objectCountQuotas(sum) {
		s, short := shortageOf(o.total, o.used, o.wanted, 0, false)
		if o.total == 0 {
			s, short = shortageOf(o.inferred, 0, o.wanted, 0, false)
			s.AtLeast = true
		}
		if short {
			s.What, s.Remedy = o.name, o.remedy
			list = append(list, s)
		}
	}
	return list
}

// objectCountQuotaBlock returns the block of the replacement of a snapshot or volume
// that would exceed the quota after the other steps, or nil. Deletions that wait for
// the replacement come too late to make room for it.
func (c *planner) objectCountQuotaBlock(s *Step, others []*Step) *Block {
	var d Demand
	for _, o := range others {
		if n := o.countDelta(); n > 0 || !c.dependsOn(o, s, map[*Step]bool{}) {
			d.count(o.Address.Kind, n)
		}
	}
	for _, o := range c.world.QuotaStatus.objectCountQuotas(d) {
		if o.kind == s.Address.Kind && o.total > 0 && o.used+o.wanted > o.total {
			return &Block{
				Illegal, fmt.Sprintf("the quota for %s is %d, and %d would be in use after this plan: the new one would be refused", o.name, o.total, o.used+o.wanted),
				fmt.Sprintf("%s, or try all the same with --ignore-quota", o.remedy),
			}
		}
	}
	return nil
}

// dependsOn reports whether a step waits for another one, directly or through others.
// It adds the visited steps to seen and skips those that are in it.
func (c *planner) dependsOn(s, other *Step, seen map[*Step]bool) bool {
	seen[s] = true
	return slices.ContainsFunc(s.After, func(a spec.Address) bool {
		before := c.steps[a]
		return before != nil && (before == other || !seen[before] && c.dependsOn(before, other, seen))
	})
}

// addSnapshotOrVolume counts a snapshot or a volume.
func (x *forecaster) addSnapshotOrVolume(s *Step) {
	if n := s.countDelta(); n != 0 {
		x.demand(QuotaScope{}).count(s.Address.Kind, n)
	}
}

// count adds n objects of a kind.
func (d *Demand) count(kind spec.Kind, n int) {
	switch kind {
	case spec.VolumeKind:
		d.Volumes += n
	case spec.SnapshotKind:
		d.Snapshots += n
	}
}

// countDelta returns by how much the step changes the number of snapshots or volumes
// that count towards the quota.
func (s *Step) countDelta() int {
	n := 0
	if s.countsAfter() {
		n++
	}
	if s.Have.countsTowardQuota() {
		n--
	}
	return n
}

// countsAfter reports whether the snapshot or volume counts towards the quota after the
// step.
func (s *Step) countsAfter() bool {
	switch actions[s.Action].quota {
	case takesQuota:
		return true
	case givesQuota:
		return false
	}
	return s.Have.countsTowardQuota()
}

// countsTowardQuota reports whether a snapshot or volume counts towards the quota.
// Failed, inactive and missing ones do not.
func (o *Object) countsTowardQuota() bool {
	return o != nil && !o.Failed && !o.Deleting() && o.TargetState != state.Inactive
}
