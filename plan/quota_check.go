package plan

import (
	"fmt"
	"slices"

	"fleet/spec"
)

// forecaster returns the forecaster with which the planner finds sizes and scopes.
func (c *planner) forecaster() *forecaster {
	if c.cachedForecaster == nil {
		c.cachedForecaster = &forecaster{forecast: &Forecast{}, world: c.world, resources: c.resources, objectsByName: c.objectsByName, sizes: map[string]*spec.Footprint{}, demands: map[QuotaScope]*Demand{}}
	}
	return c.cachedForecaster
}

// checkQuotas blocks replacements for which the organization's quota leaves no room
// even after the deletions of the plan. A plain creation is not blocked: nothing is
// lost if the server refuses it.
func (c *planner) checkQuotas() {
	st := c.world.QuotaStatus
	if st == nil || c.opts.IgnoreQuota || c.opts.Destroy {
		return
	}
	x := c.forecaster()
	isNewVersion := c.newVersions()
	var replaced, others []*Step
	for _, s := range c.plan.Steps {
		switch {
		case c.selected != nil && !c.selected[s]:
			continue
		case s.Address.Kind == spec.SandboxKind:
			x.addSandbox(s)
		case s.Blocked == nil:
			others = append(others, s)
		}
		if (s.Action == Replace || isNewVersion[s.Address]) && s.Blocked == nil {
			replaced = append(replaced, s)
		}
	}
	demands := st.withDefaultRegion(x.demandList())
	for _, s := range replaced {
		if s.Address.Kind == spec.SandboxKind {
			c.checkSandboxQuota(s, demands)
		} else {
			s.Blocked = c.objectCountQuotaBlock(s, others)
		}
	}
}

// newVersions returns the addresses of the snapshots with a former version that stays
// until the plan has created the new one.
func (c *planner) newVersions() map[spec.Address]bool {
	list := map[spec.Address]bool{}
	for _, s := range c.plan.Steps {
		if of := c.steps[s.FormerVersionOf]; of != nil && of.Action == Create {
			list[of.Address] = true
		}
	}
	return list
}

// checkSandboxQuota blocks the replacement of a sandbox that has no room in its scope.
func (c *planner) checkSandboxQuota(s *Step, demands []Demand) {
	then, _ := c.forecaster().usageAfter(s)
	p := c.forecaster().scope(s)
	if p.Region == "" {
		p.Region = c.regionOf(s.Want)
	}
	for _, d := range demands {
		if d.QuotaScope == p && s.Blocked == nil {
			s.Blocked = c.world.QuotaStatus.quotaBlock(s, d, then.Footprint)
		}
	}
}

// quotaBlock returns the block of a replacement that uses a quota which the demand
// exceeds, or nil.
func (st QuotaStatus) quotaBlock(s *Step, d Demand, size spec.Footprint) *Block {
	for _, part := range footprintParts {
		of := part.get
		if of(size) == 0 {
			continue
		}
		lacks := func(q Quota) bool {
			return (of(q.Total) > 0 || part.zeroIsLimit) && of(q.Used)+of(d.Net) > of(q.Total)
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
			Illegal, fmt.Sprintf("the quota for %s in %s is %d, and %d would be in use after this plan: the new one would be refused", part.name, q.Region, of(q.Total), of(q.Used)+of(d.Net)),
			fmt.Sprintf("%s, ask for less in %s, or try all the same with --ignore-quota", part.remedy, declaredAt(s.Want)),
		}
	}
	return nil
}
