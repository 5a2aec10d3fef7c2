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
	Now     Holding `json:"now"`
	Then    Holding `json:"then"`
	Unknown int     `json:"unknown_sizes,omitempty"` // sandboxes to be created whose size is not known: what they take is not in Then

	Currency string `json:"currency,omitempty"` // of the costs

	Trials int `json:"trials,omitempty"` // steps that others wait for: each is carried out to its end before them

	Duration *Duration `json:"duration,omitempty"` // nil when no rate limit is known that would matter

	Short     []Shortage `json:"quota_exceeded,omitempty"`
	Unchecked string     `json:"quota_unchecked,omitempty"`     // why quotas were not looked at, though something is replaced
	Missing   []string   `json:"missing_permissions,omitempty"` // of the API key, such as delete:sandboxes
	Suspended string     `json:"suspended,omitempty"`           // the organisation is, and why

	// Demands is what the plan takes of the quotas.
	Demands []Demand `json:"-"`
	Moving  int      `json:"-"` // sandboxes whose part in the totals changes
}

// A Holding is what a fleet has at one time.
type Holding struct {
	Sandboxes int `json:"sandboxes"`
	Started   int `json:"started"`
	spec.Footprint
	CostPerDay *float64 `json:"cost_per_day,omitempty"` // nil without prices
}

// A Duration is a lower bound of how long a plan takes.
type Duration struct {
	Seconds float64 `json:"seconds"`
	Why     string  `json:"why"` // the rate limit that makes it so, in words
}

// A Place is where and as what sandboxes are counted.
type Place struct {
	Region string `json:"region,omitempty"` // id; empty: the organisation's default
	Class  string `json:"class,omitempty"`
}

// A Demand is what a plan takes of the quota of one place.
type Demand struct {
	Place
	Net   spec.Footprint // in the end; negative where it frees more
	Gross spec.Footprint // without what it frees
	Now   spec.Footprint // what the fleet takes already

	Snapshots, Volumes int // of the organisation, in the demand without a place
}

// Foresee makes the forecast of a plan from the world that it was made from.
func Foresee(f *spec.Fleet, w *World, p *Plan) *Forecast {
	x := &foresight{forecast: &Forecast{}, world: w, wants: wants(f), names: index(w), sizes: map[string]*spec.Footprint{}, demands: map[Place]*Demand{}}
	for _, s := range p.Steps {
		if s.Address.Kind == spec.SandboxKind {
			x.sandbox(s)
		} else if s.Blocked == nil {
			x.other(s)
		}
	}
	x.forecast.price(f.Prices)
	x.forecast.Demands, x.forecast.Trials = x.all(), len(p.Trials())
	return x.forecast
}

// all lists the demands, by place.
func (x *foresight) all() []Demand {
	var list []Demand
	for _, d := range x.demands {
		list = append(list, *d)
	}
	slices.SortFunc(list, func(a, b Demand) int {
		return cmp.Or(strings.Compare(a.Region, b.Region), strings.Compare(a.Class, b.Class))
	})
	return list
}

// price adds what the totals cost.
func (f *Forecast) price(prices *spec.Prices) {
	if prices == nil {
		return
	}
	f.Currency = prices.Currency
	for _, h := range []*Holding{&f.Now, &f.Then} {
		h.CostPerDay = prices.Daily(h.Footprint)
	}
}

// A foresight is a forecast that is being made.
type foresight struct {
	forecast *Forecast
	world    *World
	wants    map[spec.Address]*spec.Resource
	names    map[spec.Kind]map[string]*Object // snapshots and volumes
	sizes    map[string]*spec.Footprint       // of snapshots by name, nil for none
	demands  map[Place]*Demand
}

func (x *foresight) demand(p Place) *Demand {
	if x.demands[p] == nil {
		x.demands[p] = &Demand{Place: p}
	}
	return x.demands[p]
}

// sandbox counts one sandbox, as it is and as it will be.
func (x *foresight) sandbox(s *Step) {
	var now, then Holding
	if s.Have != nil {
		now = Held(s.Have.Size(spec.SandboxKind), s.Have.State)
	}
	known := true
	if then = now; s.Blocked == nil {
		then, known = x.after(s)
	}
	if !known {
		x.forecast.Unknown++
	}
	x.forecast.Now.add(now)
	x.forecast.Then.add(then)
	if now != then || !known {
		x.forecast.Moving++
	}
	d := x.demand(x.place(s))
	d.Now = d.Now.Plus(now.Footprint)
	if s.Action == Release { // somebody's it stays
		then = now
	}
	more := then.Minus(now.Footprint)
	d.Net = d.Net.Plus(more)
	if s.Surge && s.Blocked == nil { // for a while there are both
		d.Gross = d.Gross.Plus(then.Footprint)
		return
	}
	d.Gross = d.Gross.Plus(spec.Footprint{CPU: max(more.CPU, 0), Memory: max(more.Memory, 0), Disk: max(more.Disk, 0), GPU: max(more.GPU, 0)})
}

// Held is the part of a holding that one sandbox of a size makes in a state.
func Held(size spec.Footprint, state string) Holding {
	h := Holding{Sandboxes: 1, Footprint: size.In(state)}
	if h.Footprint == size && size != (spec.Footprint{}) {
		h.Started = 1
	}
	return h
}

func (h *Holding) add(more Holding) {
	h.Sandboxes += more.Sandboxes
	h.Started += more.Started
	h.Footprint = h.Plus(more.Footprint)
}

// after is what a sandbox is once the step is done.
func (x *foresight) after(s *Step) (h Holding, known bool) {
	switch {
	case s.Action == Delete || s.Action == Release || s.Have == nil && s.Action != Create:
		return Holding{}, true
	case s.Action == Create || s.Action == Replace:
		size, known := s.Want.SizeOr(x.made(s.Want))
		if !known {
			return Holding{Sandboxes: 1}, false
		}
		return Held(size, endState(s)), true
	}
	size := s.Have.Size(spec.SandboxKind)
	if s.Want != nil && s.Action != NoOp {
		size = s.Want.Lay(size)
	}
	return Held(size, endState(s)), true
}

// endState is the run state of a sandbox after the step.
func endState(s *Step) string {
	state := spec.Started
	if s.Have != nil && s.Action != Replace {
		state = s.Have.Next
	}
	for _, op := range s.Ops {
		switch op.Verb {
		case DoCreate, DoStart, DoRecover:
			state = spec.Started
		case DoStop:
			state = spec.Stopped
		case DoPause:
			state = spec.Paused
		case DoArchive:
			state = spec.Archived
		}
	}
	return state
}

// made is the size that a sandbox has from what it is made from; nil when that
// is not known.
func (x *foresight) made(r *spec.Resource) *spec.Footprint {
	name := r.Snapshot()
	if size, seen := x.sizes[name]; seen || name == "" {
		return size
	}
	var size *spec.Footprint
	for _, need := range r.Needs {
		if snapshot := x.wants[need]; snapshot != nil && need.Kind == spec.SnapshotKind {
			l, _ := snapshot.SizeOr(nil)
			size = &l
		}
	}
	for _, o := range x.world.Snapshots {
		if size == nil && o.Name == name {
			l := o.Size(spec.SnapshotKind)
			size = &l
		}
	}
	x.sizes[name] = size
	return size
}

// place is where a sandbox counts.
func (x *foresight) place(s *Step) Place {
	p := Place{Class: "container"}
	if s.Have != nil {
		p.Class = cmp.Or(s.Have.Class, p.Class)
	}
	if s.Have != nil && s.Action != Replace {
		p.Region = s.Have.Region()
		return p
	}
	region := s.Want.Region()
	p.Region = cmp.Or(x.world.Facts.Regions[region], region)
	p.Class = cmp.Or(x.class(s.Want), p.Class)
	return p
}

// class is the class that a sandbox will have; "" if it is not known.
func (x *foresight) class(r *spec.Resource) string {
	if r.FromImage() {
		return "container"
	}
	for _, need := range r.Needs {
		if snapshot := x.wants[need]; snapshot != nil && need.Kind == spec.SnapshotKind {
			return cmp.Or(snapshot.Class(), "container")
		}
	}
	for _, use := range r.Uses {
		if found := x.names[use.Kind][use.Name]; found != nil && use.Kind == spec.SnapshotKind {
			return found.Makes()
		}
	}
	return ""
}
