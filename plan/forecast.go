package plan

import (
	"cmp"
	"slices"
	"strings"

	"fleet/spec"
)

// A Forecast predicts the effect of applying a plan: what the fleet uses and costs
// afterwards, how long it takes, and what the server would refuse. It changes no
// step. Unknown quantities are omitted.
type Forecast struct {
	Now          Usage `json:"now"`                     // before the plan
	After        Usage `json:"then"`                    // after the plan
	UnknownSizes int   `json:"unknown_sizes,omitempty"` // sandboxes to be created whose size is not known and not included in After

	Currency string `json:"currency,omitempty"` // of the costs; empty without prices

	Trials int `json:"trials,omitempty"` // steps that must end before others with the same create request start

	Duration *DurationEstimate `json:"duration,omitempty"` // nil if no known rate limit slows the plan down

	Shortages            []Shortage `json:"quota_exceeded,omitempty"`      // quotas that the plan would exceed
	QuotaUncheckedReason string     `json:"quota_unchecked,omitempty"`     // why quotas were not checked although objects are replaced; empty if they were
	MissingPermissions   []string   `json:"missing_permissions,omitempty"` // that the plan needs and the API key lacks, such as delete:sandboxes
	SuspendedReason      string     `json:"suspended,omitempty"`           // why the organization is suspended; empty if it is not

	Demands           []Demand `json:"-"` // what the plan needs of the quotas, by region and class
	ChangingSandboxes int      `json:"-"` // number of sandboxes whose usage changes
}

// A Usage is what the sandboxes of a fleet use at one time.
type Usage struct {
	Sandboxes int `json:"sandboxes"` // number of sandboxes in any state
	Started   int `json:"started"`   // number of them that are started
	spec.Footprint
	CostPerDay *float64 `json:"cost_per_day,omitempty"` // in the currency of the prices; nil without prices, and with GPUs, which have none
}

// A DurationEstimate is a lower bound of the time that applying a plan takes.
type DurationEstimate struct {
	Seconds float64 `json:"seconds"` // shortest duration
	Reason  string  `json:"why"`     // the rate limit that causes it, in words
}

// A QuotaScope is the region and class that a quota applies to.
type QuotaScope struct {
	Region string `json:"region,omitempty"` // its id; empty for the organization's default
	Class  string `json:"class,omitempty"`  // of sandboxes, such as container
}

// A Demand is what a plan needs of the quotas of one scope. Snapshots and volumes
// count for the organization: they are in the demand with the zero scope.
type Demand struct {
	QuotaScope
	Net   spec.Footprint // at the end; negative where the plan frees more than it needs
	Gross spec.Footprint // without what the plan frees
	Now   spec.Footprint // that the fleet uses before the plan

	Snapshots, Volumes int // how many more there are at the end
}

// NewForecast returns the forecast of p, which was computed from f and w.
func NewForecast(f *spec.Fleet, w *World, p *Plan) *Forecast {
	x := &forecaster{forecast: &Forecast{}, world: w, resources: resourcesByAddress(f), objectsByName: indexByName(w), sizes: map[string]*spec.Footprint{}, demands: map[QuotaScope]*Demand{}}
	for _, s := range p.Steps {
		if s.Address.Kind == spec.SandboxKind {
			x.addSandbox(s)
		} else if s.Blocked == nil {
			x.addSnapshotOrVolume(s)
		}
	}
	x.forecast.addCosts(f.Prices)
	x.forecast.Demands, x.forecast.Trials = x.demandList(), len(p.Trials())
	return x.forecast
}

// demandList returns the demands, sorted by scope.
func (x *forecaster) demandList() []Demand {
	var list []Demand
	for _, d := range x.demands {
		list = append(list, *d)
	}
	slices.SortFunc(list, func(a, b Demand) int {
		return cmp.Or(strings.Compare(a.Region, b.Region), strings.Compare(a.Class, b.Class))
	})
	return list
}

// addCosts adds the costs of the totals. A nil prices adds none.
func (f *Forecast) addCosts(prices *spec.Prices) {
	if prices == nil {
		return
	}
	f.Currency = prices.Currency
	for _, h := range []*Usage{&f.Now, &f.After} {
		h.CostPerDay = prices.Daily(h.Footprint)
	}
}

// A forecaster computes a forecast.
type forecaster struct {
	forecast      *Forecast
	world         *World
	resources     map[spec.Address]*spec.Resource
	objectsByName map[spec.Kind]map[string]*Object // snapshots and volumes
	sizes         map[string]*spec.Footprint       // of snapshots by name; nil if not known
	demands       map[QuotaScope]*Demand
}

// demand returns the demand of a scope, which it creates if necessary.
func (x *forecaster) demand(p QuotaScope) *Demand {
	if x.demands[p] == nil {
		x.demands[p] = &Demand{QuotaScope: p}
	}
	return x.demands[p]
}

// addSandbox counts a sandbox before and after its step.
func (x *forecaster) addSandbox(s *Step) {
	var now, then Usage
	if s.Have != nil {
		now = UsageOf(s.Have.Footprint(spec.SandboxKind), s.Have.State)
	}
	known := true
	if then = now; s.Blocked == nil {
		then, known = x.usageAfter(s)
	}
	if !known {
		x.forecast.UnknownSizes++
	}
	x.forecast.Now.add(now)
	x.forecast.After.add(then)
	if now != then || !known {
		x.forecast.ChangingSandboxes++
	}
	d := x.demand(x.scope(s))
	d.Now = d.Now.Add(now.Footprint)
	if s.Action == Release { // it still uses the quota
		then = now
	}
	more := then.Sub(now.Footprint)
	d.Net = d.Net.Add(more)
	if s.Surge && s.Blocked == nil { // both exist for a while
		d.Gross = d.Gross.Add(then.Footprint)
		return
	}
	d.Gross = d.Gross.Add(spec.Footprint{CPU: max(more.CPU, 0), Memory: max(more.Memory, 0), Disk: max(more.Disk, 0), GPU: max(more.GPU, 0)})
}

// UsageOf returns the usage of one sandbox with a size in a state.
func UsageOf(size spec.Footprint, state string) Usage {
	h := Usage{Sandboxes: 1, Footprint: size.InState(state)}
	if h.Footprint == size && size != (spec.Footprint{}) {
		h.Started = 1
	}
	return h
}

func (h *Usage) add(more Usage) {
	h.Sandboxes += more.Sandboxes
	h.Started += more.Started
	h.Footprint = h.Add(more.Footprint)
}

// usageAfter returns the usage of a sandbox after its step. known is false if the size
// of a new sandbox is not known.
func (x *forecaster) usageAfter(s *Step) (h Usage, known bool) {
	switch {
	case s.Action == Delete || s.Action == Release || s.Have == nil && s.Action != Create:
		return Usage{}, true
	case s.Action.Creates():
		size, known := s.Want.FootprintOr(x.snapshotSize(s.Want))
		if !known {
			return Usage{Sandboxes: 1}, false
		}
		return UsageOf(size, endState(s)), true
	}
	size := s.Have.Footprint(spec.SandboxKind)
	if s.Want != nil && s.Action != NoOp {
		size = s.Want.OverlayFootprint(size)
	}
	return UsageOf(size, endState(s)), true
}

// endState returns the run state of a sandbox after the step.
func endState(s *Step) string {
	state := spec.Started
	if s.Have != nil && s.Action != Replace {
		state = s.Have.TargetState
	}
	for _, op := range s.Ops {
		state = cmp.Or(op.Verb.RunState(), state)
	}
	return state
}

// snapshotSize returns the size that a sandbox gets from its snapshot; nil if it is
// not known.
func (x *forecaster) snapshotSize(r *spec.Resource) *spec.Footprint {
	name := r.Snapshot()
	if size, seen := x.sizes[name]; seen || name == "" {
		return size
	}
	var size *spec.Footprint
	for _, need := range r.DependsOn {
		if snapshot := x.resources[need]; snapshot != nil && need.Kind == spec.SnapshotKind {
			l, _ := snapshot.FootprintOr(nil)
			size = &l
		}
	}
	for _, o := range x.world.Objects[spec.SnapshotKind] {
		if size == nil && o.Name == name {
			l := o.Footprint(spec.SnapshotKind)
			size = &l
		}
	}
	x.sizes[name] = size
	return size
}

// scope returns the quota scope of a sandbox after its step.
func (x *forecaster) scope(s *Step) QuotaScope {
	p := QuotaScope{Class: "container"}
	if s.Have != nil {
		p.Class = cmp.Or(s.Have.Class, p.Class)
	}
	if s.Have != nil && s.Action != Replace {
		p.Region = s.Have.Region()
		return p
	}
	region := s.Want.Region()
	p.Region = cmp.Or(x.world.Facts.Regions[region], region)
	p.Class = cmp.Or(x.sandboxClass(s.Want), p.Class)
	return p
}

// sandboxClass returns the class that a new sandbox will have; "" if it is not known.
func (x *forecaster) sandboxClass(r *spec.Resource) string {
	if r.FromImage() {
		return "container"
	}
	for _, need := range r.DependsOn {
		if snapshot := x.resources[need]; snapshot != nil && need.Kind == spec.SnapshotKind {
			return cmp.Or(snapshot.Class(), "container")
		}
	}
	for _, use := range r.ExternalRefs {
		if found := x.objectsByName[use.Kind][use.Name]; found != nil && use.Kind == spec.SnapshotKind {
			return found.SandboxClass()
		}
	}
	return ""
}
