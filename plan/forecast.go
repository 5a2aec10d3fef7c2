package plan

import (
	"cmp"
	"slices"
	"strings"

	"fleet/spec"
)

// A Forecast tells what carrying out a plan would mean: what the fleet then has
// and costs, how long it takes, and what stands in the way. It decides nothing
// about steps; what is not known is left out.
type Forecast struct {
	Now          Usage `json:"now"`
	After        Usage `json:"then"`
	UnknownSizes int   `json:"unknown_sizes,omitempty"` // sandboxes to be created whose size is not known: what they take is not in Then

	Currency string `json:"currency,omitempty"` // of the costs

	Trials int `json:"trials,omitempty"` // steps that others wait for: each is carried out to its end before them

	Duration *DurationEstimate `json:"duration,omitempty"` // nil when no rate limit is known that would matter

	Shortages            []Shortage `json:"quota_exceeded,omitempty"`
	QuotaUncheckedReason string     `json:"quota_unchecked,omitempty"`     // why quotas were not looked at, though something is replaced
	MissingPermissions   []string   `json:"missing_permissions,omitempty"` // of the API key, such as delete:sandboxes
	SuspendedReason      string     `json:"suspended,omitempty"`           // the organisation is, and why

	// Demands is what the plan takes of the quotas.
	Demands           []Demand `json:"-"`
	ChangingSandboxes int      `json:"-"` // sandboxes whose part in the totals changes
}

// A Usage is what a fleet has at one time.
type Usage struct {
	Sandboxes int `json:"sandboxes"`
	Started   int `json:"started"`
	spec.Footprint
	CostPerDay *float64 `json:"cost_per_day,omitempty"` // nil without prices
}

// A DurationEstimate is a lower bound of how long a plan takes.
type DurationEstimate struct {
	Seconds float64 `json:"seconds"`
	Reason  string  `json:"why"` // the rate limit that makes it so, in words
}

// A QuotaScope is where and as what sandboxes are counted.
type QuotaScope struct {
	Region string `json:"region,omitempty"` // id; empty: the organisation's default
	Class  string `json:"class,omitempty"`
}

// A Demand is what a plan takes of the quota of one place.
type Demand struct {
	QuotaScope
	Net   spec.Footprint // in the end; negative where it frees more
	Gross spec.Footprint // without what it frees
	Now   spec.Footprint // what the fleet takes already

	Snapshots, Volumes int // of the organisation, in the demand without a place
}

// NewForecast makes the forecast of a plan from the world that it was made from.
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

// demandList lists the demands, by place.
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

// addCosts adds what the totals cost.
func (f *Forecast) addCosts(prices *spec.Prices) {
	if prices == nil {
		return
	}
	f.Currency = prices.Currency
	for _, h := range []*Usage{&f.Now, &f.After} {
		h.CostPerDay = prices.Daily(h.Footprint)
	}
}

// A foresight is a forecast that is being made.
type forecaster struct {
	forecast      *Forecast
	world         *World
	resources     map[spec.Address]*spec.Resource
	objectsByName map[spec.Kind]map[string]*Object // snapshots and volumes
	sizes         map[string]*spec.Footprint       // of snapshots by name, nil for none
	demands       map[QuotaScope]*Demand
}

func (x *forecaster) demand(p QuotaScope) *Demand {
	if x.demands[p] == nil {
		x.demands[p] = &Demand{QuotaScope: p}
	}
	return x.demands[p]
}

// addSandbox counts one sandbox, as it is and as it will be.
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
	if s.Action == Release { // somebody's it stays
		then = now
	}
	more := then.Sub(now.Footprint)
	d.Net = d.Net.Add(more)
	if s.Surge && s.Blocked == nil { // for a while there are both
		d.Gross = d.Gross.Add(then.Footprint)
		return
	}
	d.Gross = d.Gross.Add(spec.Footprint{CPU: max(more.CPU, 0), Memory: max(more.Memory, 0), Disk: max(more.Disk, 0), GPU: max(more.GPU, 0)})
}

// UsageOf is the part of a holding that one sandbox of a size makes in a state.
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

// usageAfter is what a sandbox is once the step is done.
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

// endState is the run state of a sandbox after the step.
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

// snapshotSize is the size that a sandbox has from what it is made from; nil when that
// is not known.
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

// scope is where a sandbox counts.
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

// sandboxClass is the class that a sandbox will have; "" if it is not known.
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
