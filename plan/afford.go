package plan

import (
	"fmt"
	"slices"

	"fleet/spec"
)

// sizer is the foresight that tells sizes and places before there is a plan.
func (c *computer) sizer() *foresight {
	if c.sizes == nil {
		c.sizes = &foresight{forecast: &Forecast{}, world: c.world, wants: c.wants, names: c.names, sizes: map[string]*spec.Footprint{}, demands: map[Place]*Demand{}}
	}
	return c.sizes
}

// afford blocks replacements for which the organisation's quota leaves no room
// after all that the plan takes away is gone. What is merely created loses
// nothing when it is refused, and is not blocked.
func (c *computer) afford() {
	st := c.world.Standing
	if st == nil || c.opts.IgnoreQuota || c.opts.Destroy {
		return
	}
	x := c.sizer()
	var replaced, others []*Step
	for _, s := range c.plan.Steps {
		switch {
		case c.chosen != nil && !c.chosen[s]:
			continue
		case s.Address.Kind == spec.SandboxKind:
			x.sandbox(s)
		case s.Blocked == nil:
			others = append(others, s)
		}
		if s.Action == Replace && s.Blocked == nil {
			replaced = append(replaced, s)
		}
	}
	demands := st.placed(x.all())
	for _, s := range replaced {
		if s.Address.Kind == spec.SandboxKind {
			c.affordSandbox(s, demands)
		} else {
			s.Blocked = c.noPlace(s, others)
		}
	}
}

// affordSandbox blocks the replacement of a sandbox that has no room where it is
// to be.
func (c *computer) affordSandbox(s *Step, demands []Demand) {
	then, _ := c.sizer().after(s)
	p := c.sizer().place(s)
	if p.Region == "" {
		p.Region = c.regionOf(s.Want)
	}
	for _, d := range demands {
		if d.Place == p && s.Blocked == nil {
			s.Blocked = c.world.Standing.noRoom(s, d, then.Footprint)
		}
	}
}

// noRoom blocks a replacement if a quota that it takes part of is exceeded once
// the demand is met.
func (st Standing) noRoom(s *Step, d Demand, size spec.Footprint) *Block {
	for _, part := range parts {
		of := part.of
		if of(size) == 0 {
			continue
		}
		lacks := func(q Quota) bool {
			return (of(q.Total) > 0 || part.zero) && of(q.Used)+of(d.Net) > of(q.Total)
		}
		var quotas []Quota
		for _, q := range st.Quotas {
			if q.Class == d.Class && (d.Region == "" || q.Region == d.Region) {
				quotas = append(quotas, q)
			}
		}
		if len(quotas) == 0 || slices.ContainsFunc(quotas, func(q Quota) bool { return !lacks(q) }) {
			continue
		}
		q := quotas[0]
		return &Block{
			Illegal, fmt.Sprintf("the quota for %s in %s is %d, and %d would be in use after this plan: the new one would be refused", part.what, q.Region, of(q.Total), of(q.Used)+of(d.Net)),
			fmt.Sprintf("%s, ask for less in %s, or try all the same with --ignore-quota", part.remedy, at(s.Want)),
		}
	}
	return nil
}
