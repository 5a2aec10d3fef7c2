package plan

import (
	"fmt"
	"slices"

	"fleet/spec"
)

// A number is how many snapshots or volumes an organisation may have, has, and is to
// have more.
type number struct {
	kind                        spec.Kind
	what, remedy                string
	total, used, refused, wants int
}

// numbers are the quotas that are not of a place, with the demand for them.
func (st Standing) numbers(d Demand) []number {
	return []number{
		{spec.SnapshotKind, "snapshots", "delete or deactivate snapshots", st.SnapshotQuota, st.Snapshots, st.RefusedSnapshots, d.Snapshots},
		{spec.VolumeKind, "volumes", "delete volumes", st.VolumeQuota, st.Volumes, st.RefusedVolumes, d.Volumes},
	}
}

// shortOfOthers is Short for snapshots and volumes.
func (st Standing) shortOfOthers(sum Demand) []Shortage {
	var list []Shortage
	for _, o := range st.numbers(sum) {
		s, short := exceeds(o.total, o.used, o.wants, 0, false)
		if o.total == 0 {
			s, short = exceeds(o.refused, 0, o.wants, 0, false)
			s.AtLeast = true
		}
		if short {
			s.What, s.Remedy = o.what, o.remedy
			list = append(list, s)
		}
	}
	return list
}

// noPlace blocks the replacement of a snapshot or volume if there would be more of
// them than the organisation may have once the other steps are done. Deletions
// that wait for the replacement come too late to make room for it.
func (c *computer) noPlace(s *Step, others []*Step) *Block {
	var d Demand
	for _, o := range others {
		if n := o.more(); n > 0 || !c.follows(o, s, map[*Step]bool{}) {
			d.count(o.Address.Kind, n)
		}
	}
	for _, o := range c.world.Standing.numbers(d) {
		if o.kind == s.Address.Kind && o.total > 0 && o.used+o.wants > o.total {
			return &Block{
				Illegal, fmt.Sprintf("the quota for %s is %d, and %d would be in use after this plan: the new one would be refused", o.what, o.total, o.used+o.wants),
				fmt.Sprintf("%s, or try all the same with --ignore-quota", o.remedy),
			}
		}
	}
	return nil
}

// follows reports whether a step waits for another one, be it through others. What
// was seen before is not looked at again.
func (c *computer) follows(s, other *Step, seen map[*Step]bool) bool {
	seen[s] = true
	return slices.ContainsFunc(s.After, func(a spec.Address) bool {
		before := c.steps[a]
		return before != nil && (before == other || !seen[before] && c.follows(before, other, seen))
	})
}

// other counts a snapshot or a volume.
func (x *foresight) other(s *Step) {
	if n := s.more(); n != 0 {
		x.demand(Place{}).count(s.Address.Kind, n)
	}
}

func (d *Demand) count(kind spec.Kind, n int) {
	switch kind {
	case spec.VolumeKind:
		d.Volumes += n
	case spec.SnapshotKind:
		d.Snapshots += n
	}
}

// more is by how much the step of a snapshot or volume changes their number.
func (s *Step) more() int {
	n := 0
	if s.countsThen() {
		n++
	}
	if s.Have.counts() {
		n--
	}
	return n
}

// countsThen reports whether a snapshot or volume takes part of the quota once the
// step is done.
func (s *Step) countsThen() bool {
	switch s.Action {
	case Create, Replace, Activate:
		return true
	case Delete, Retire:
		return false
	}
	return s.Have.counts()
}

// counts reports whether a snapshot or volume takes part of the quota. What failed
// or is inactive does not, nor does one that is not there.
func (o *Object) counts() bool {
	return o != nil && !o.Failed && !o.Leaving() && o.Next != "inactive"
}
