package plan

import (
	"fmt"
	"slices"

	"fleet/spec"
)

// A Quota is the quota of an organization in one scope.
type Quota struct {
	QuotaScope
	Total, Used spec.Footprint // Used includes sandboxes outside of the fleet
}

// A QuotaStatus is the state of an organization's quotas and credentials before a plan
// is applied.
type QuotaStatus struct {
	SuspendedReason    string   // why the organization is suspended; empty if it is not, or that is not known
	GrantedPermissions []string // of the API key; nil if they are not known

	// UncheckedReason is why quotas and limits are not known; empty if they are.
	UncheckedReason string

	DefaultRegion string  // its id; empty if it is not known
	Limits        []Limit // by scope; empty if they are not known
	Quotas        []Quota // by scope; empty if they are not known

	Snapshots, SnapshotQuota int // number and quota; a quota of 0 is not known
	Volumes, VolumeQuota     int // number and quota; a quota of 0 is not known

	// InferredTotal holds the totals that the server has named in refusals. Their
	// region and the usage outside of the fleet are not known, so that they are used
	// only without Quotas and for a fleet in one region. A zero part is not known.
	InferredTotal                              spec.Footprint
	InferredSnapshotQuota, InferredVolumeQuota int // quotas named in refusals; 0 if not known
}

// A Shortage is a quota that a plan would exceed.
type Shortage struct {
	What      string `json:"what"`              // vCPU, GiB memory, GiB disk, GPU, snapshots or volumes; the unit of the numbers
	Region    string `json:"region,omitempty"`  // its id; empty for a quota of the organization, or if it is not known
	Total     int    `json:"total"`             // the quota
	Used      int    `json:"used"`              // now, by the organization
	AtLeast   bool   `json:"at_least"`          // Used includes only the fleet, since the rest is not known
	Wanted    int    `json:"wanted"`            // by the plan, in addition to Used
	Missing   int    `json:"missing"`           // by how much Used and Wanted exceed Total
	Remedy    string `json:"remedy"`            // how to free some, as an imperative
	Transient bool   `json:"passing,omitempty"` // it ends once the plan has freed other objects
}

// A footprintPart is one resource of a footprint.
type footprintPart struct {
	name, remedy string
	get          func(spec.Footprint) int
	maximum      func(Maximum) *int // nil if the server sets no maximum
	zeroIsLimit  bool               // a total of 0 is a limit, not an unknown one
}

var footprintParts = []footprintPart{
	{"vCPU", "stop or archive sandboxes that are started", func(f spec.Footprint) int { return f.CPU }, func(m Maximum) *int { return m.CPU }, false},
	{"GiB memory", "stop or archive sandboxes that are started", func(f spec.Footprint) int { return f.Memory }, func(m Maximum) *int { return m.Memory }, false},
	{"GiB disk", "archive sandboxes that are stopped, or delete some", func(f spec.Footprint) int { return f.Disk }, func(m Maximum) *int { return m.Disk }, false},
	{"GPU", "delete sandboxes with GPUs", func(f spec.Footprint) int { return f.GPU }, nil, true},
}

// Shortages returns the quotas that the demands would exceed. A demand whose region is
// not known is compared with the region that has the most room, so that each
// shortage is certain.
func (st QuotaStatus) Shortages(demands []Demand) []Shortage {
	var list []Shortage
	var sum Demand
	for _, d := range st.withDefaultRegion(demands) {
		for _, part := range footprintParts {
			if s, short := st.smallestShortage(d, part.get, part.zeroIsLimit); short {
				s.What, s.Remedy = part.name, part.remedy
				list = append(list, s)
			}
		}
		sum.Net, sum.Now, sum.Gross = sum.Net.Add(d.Net), sum.Now.Add(d.Now), sum.Gross.Add(d.Gross)
		sum.Snapshots, sum.Volumes = sum.Snapshots+d.Snapshots, sum.Volumes+d.Volumes
	}
	if len(st.Quotas) == 0 && inOneScope(demands) {
		for _, part := range footprintParts {
			if s, short := shortageOf(part.get(st.InferredTotal), part.get(sum.Now), part.get(sum.Net), 0, false); short {
				s.What, s.Remedy, s.AtLeast = part.name, part.remedy, true
				list = append(list, s)
			}
		}
	}
	return append(list, st.objectCountShortages(sum)...)
}

// inOneScope reports whether all sandboxes are in one scope: a refusal does not name
// the scope that it applies to.
func inOneScope(demands []Demand) bool {
	places := map[QuotaScope]bool{}
	for _, d := range demands {
		if d.Class != "" {
			places[d.QuotaScope] = true
		}
	}
	return len(places) == 1
}

// withDefaultRegion sets the region of the demands that have none to the default of the
// organization, and adds up demands of the same scope.
func (st QuotaStatus) withDefaultRegion(demands []Demand) []Demand {
	var list []Demand
	for _, d := range demands {
		if d.Region == "" && d.Class != "" && st.hasQuota(st.DefaultRegion) {
			d.Region = st.DefaultRegion
		}
		i := slices.IndexFunc(list, func(o Demand) bool { return o.QuotaScope == d.QuotaScope })
		if i < 0 {
			list = append(list, d)
			continue
		}
		o := &list[i]
		o.Net, o.Gross, o.Now = o.Net.Add(d.Net), o.Gross.Add(d.Gross), o.Now.Add(d.Now)
	}
	return list
}

// hasQuota reports whether a quota of the region is known.
func (st QuotaStatus) hasQuota(region string) bool {
	return slices.ContainsFunc(st.Quotas, func(q Quota) bool { return q.Region == region })
}

// smallestShortage returns the smallest shortage among the quotas of a demand's scope.
// short is false if the demand fits one of them.
func (st QuotaStatus) smallestShortage(d Demand, of func(spec.Footprint) int, zero bool) (least Shortage, short bool) {
	found := false
	for _, q := range st.Quotas {
		if q.Class != d.Class || d.Region != "" && q.Region != d.Region {
			continue
		}
		s, exceeded := shortageOf(of(q.Total), of(q.Used), of(d.Net), of(d.Gross), zero)
		if !exceeded {
			return Shortage{}, false
		}
		if s.Region = q.Region; !found || s.Missing < least.Missing {
			least, found = s, true
		}
	}
	return least, found
}

// shortageOf compares a demand with the rest of a total. short is false if the demand
// fits. A total of 0 is unknown unless zero is set.
func shortageOf(total, used, net, gross int, zero bool) (s Shortage, short bool) {
	s = Shortage{Total: total, Used: used, Wanted: net, Missing: used + net - total}
	if known := total > 0 || zero; known && net > 0 && s.Missing > 0 {
		return s, true
	}
	if known := total > 0 || zero; known && gross > 0 && used+gross > total {
		return Shortage{Total: total, Used: used, Wanted: gross, Missing: used + gross - total, Transient: true}, true
	}
	return Shortage{}, false
}

// String returns the shortage as a clause.
func (s Shortage) String() string {
	where, used := "", fmt.Sprintf("%d", s.Used)
	if s.Region != "" {
		where = " in " + s.Region
	}
	if s.AtLeast {
		used = "at least " + used
	}
	text := fmt.Sprintf("%s%s: %d more are wanted, and %s of %d are in use: %d too many", s.What, where, s.Wanted, used, s.Total, s.Missing)
	if s.Transient {
		return text + ", until the plan has freed others"
	}
	return text + "; " + s.Remedy + ", or have the limit raised"
}

// PersistentShortages returns the shortages that the plan itself does not end.
func (f *Forecast) PersistentShortages() []Shortage {
	return slices.DeleteFunc(slices.Clone(f.Shortages), func(s Shortage) bool { return s.Transient })
}
