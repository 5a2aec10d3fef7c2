package plan

import (
	"fmt"
	"slices"

	"fleet/spec"
)

// A Quota is what an organisation may have in one place, and what it has.
type Quota struct {
	QuotaScope
	Total, Used spec.Footprint
}

// A QuotaStatus is what is known of an organisation before a plan is carried out.
type QuotaStatus struct {
	SuspendedReason    string   // the organisation is, and why; empty when it is not, or that is not known
	GrantedPermissions []string // permissions of the key; nil when they are not known

	// UncheckedReason is why quotas and limits are not known; empty when they are.
	UncheckedReason string

	DefaultRegion string  // id, of what names none; empty when it is not known
	Limits        []Limit // by place; none when they are not known
	Quotas        []Quota // by place; none when they are not known

	Snapshots, SnapshotQuota int
	Volumes, VolumeQuota     int // a quota of 0 is not known

	// InferredTotal are totals that refusals told of, of which region is not known, nor
	// what is used beside the fleet. They count where there are no Quotas, and
	// the fleet has one region. Zero is not known.
	InferredTotal                              spec.Footprint
	InferredSnapshotQuota, InferredVolumeQuota int
}

// A Shortage is a quota that a plan would exceed.
type Shortage struct {
	What      string `json:"what"` // vCPU, GiB memory, GiB disk, GPU, snapshots, volumes
	Region    string `json:"region,omitempty"`
	Total     int    `json:"total"`
	Used      int    `json:"used"`              // now, by the organisation
	AtLeast   bool   `json:"at_least"`          // Used is only what the fleet uses: the rest is not known
	Wanted    int    `json:"wanted"`            // by the plan beside Used
	Missing   int    `json:"missing"`           // what is wanted and not there
	Remedy    string `json:"remedy"`            // what would free it
	Transient bool   `json:"passing,omitempty"` // what the plan frees would do, if it were freed first
}

// A part is one of a footprint, and what frees it.
type footprintPart struct {
	name, remedy string
	get          func(spec.Footprint) int
	maximum      func(Maximum) *int // nil: the server sets none
	zeroIsLimit  bool               // a total of 0 is one
}

var footprintParts = []footprintPart{
	{"vCPU", "stop or archive sandboxes that are started", func(f spec.Footprint) int { return f.CPU }, func(m Maximum) *int { return m.CPU }, false},
	{"GiB memory", "stop or archive sandboxes that are started", func(f spec.Footprint) int { return f.Memory }, func(m Maximum) *int { return m.Memory }, false},
	{"GiB disk", "archive sandboxes that are stopped, or delete some", func(f spec.Footprint) int { return f.Disk }, func(m Maximum) *int { return m.Disk }, false},
	{"GPU", "delete sandboxes with GPUs", func(f spec.Footprint) int { return f.GPU }, nil, true},
}

// Shortages lists the quotas that the demands would exceed. Where a place is not
// known it is taken to be the one with the most room, so that what is told is
// so.
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

// inOneScope reports whether all sandboxes are in one place, whichever it is: a
// refusal does not tell the place that it is about.
func inOneScope(demands []Demand) bool {
	places := map[QuotaScope]bool{}
	for _, d := range demands {
		if d.Class != "" {
			places[d.QuotaScope] = true
		}
	}
	return len(places) == 1
}

// withDefaultRegion gives the demands without a region that of the organisation, and joins
// what is of one place then.
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

// hasQuota reports whether there is a quota of the region.
func (st QuotaStatus) hasQuota(region string) bool {
	return slices.ContainsFunc(st.Quotas, func(q Quota) bool { return q.Region == region })
}

// smallestShortage tells whether a demand exceeds a quota of its place: one whose place
// is not known has to exceed all.
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

// shortageOf compares what is wanted with what is left of a total; 0 is no known
// total, unless zero says so.
func shortageOf(total, used, net, gross int, zero bool) (Shortage, bool) {
	s := Shortage{Total: total, Used: used, Wanted: net, Missing: used + net - total}
	if known := total > 0 || zero; known && net > 0 && s.Missing > 0 {
		return s, true
	}
	if known := total > 0 || zero; known && gross > 0 && used+gross > total {
		return Shortage{Total: total, Used: used, Wanted: gross, Missing: used + gross - total, Transient: true}, true
	}
	return Shortage{}, false
}

// String is the shortage in words.
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

// PersistentShortages lists the shortages that the plan itself does not end.
func (f *Forecast) PersistentShortages() []Shortage {
	return slices.DeleteFunc(slices.Clone(f.Shortages), func(s Shortage) bool { return s.Transient })
}
