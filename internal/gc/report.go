package gc

import (
	"fmt"

	"fleet/internal/foreign"
	"fleet/plan"
	"fleet/spec"
)

// A Report tells what there is, before anything is done about it.
type Report struct {
	Fleet   Group   `json:"fleet"`             // the sandboxes of the fleet
	Unowned *Group  `json:"unowned,omitempty"` // those that no fleet owns; nil when they were not looked at
	Picked  []Group `json:"picked"`            // what the rules picked, by rule

	NeverStopping []Remark `json:"never_stopping"` // started sandboxes that run until somebody stops them
	Stuck         []Remark `json:"stuck"`          // on their way for longer than that ever takes
	Duplicates    []Remark `json:"duplicates"`     // sandboxes with the labels of another one
	LeftBehind    []Remark `json:"left_behind"`    // snapshots that the fleet made and that its spec says nothing of

	Currency string `json:"currency,omitempty"`
}

// A Group is a number of objects and what they take.
type Group struct {
	Rule    string    `json:"rule,omitempty"` // that picked them
	Kind    spec.Kind `json:"kind"`
	Count   int       `json:"count"`
	Started int       `json:"started"`
	spec.Footprint
	CostPerDay *float64 `json:"cost_per_day,omitempty"` // nil without prices
}

// A Remark is about one object.
type Remark struct {
	Address foreign.Text `json:"address"`
	Name    foreign.Text `json:"name"`
	ID      foreign.Text `json:"id"`
	Note    foreign.Text `json:"note"`
}

// report makes the report.
func (x *collection) report(picked map[string][]*subject) *Report {
	r := &Report{Picked: []Group{}, NeverStopping: []Remark{}, Stuck: []Remark{}, Duplicates: []Remark{}, LeftBehind: []Remark{}}
	of := map[string][]*subject{}
	for _, s := range x.all {
		if s.address.Kind == spec.SandboxKind && !s.copied {
			of[s.owner] = append(of[s.owner], s)
		}
		x.remark(r, s)
	}
	for _, o := range x.deleting {
		if since, stuck := Stuck(o, x.opts.Now); stuck {
			at := spec.Address{Kind: spec.SandboxKind, Key: o.Key()}
			r.Stuck = append(r.Stuck, Remark{foreign.Text(at.String()), foreign.Text(o.Name), foreign.Text(o.ID), foreign.Text(fmt.Sprintf("%s for %s", o.State, plan.Span(since)))})
		}
	}
	for _, l := range x.left {
		note := "not in the spec"
		if user := x.users[l.Name]; user != "" {
			note += fmt.Sprintf("; sandbox %q is made from it", user)
		}
		r.LeftBehind = append(r.LeftBehind, Remark{foreign.Text(l.Address.String()), foreign.Text(l.Name), foreign.Text(l.ID), foreign.Text(note)})
	}
	r.Fleet = x.group(of[OfFleet])
	if len(of[OfNobody]) > 0 {
		g := x.group(of[OfNobody])
		r.Unowned = &g
	}
	for _, rule := range sorted(picked) {
		g := x.group(picked[rule])
		g.Rule = rule
		r.Picked = append(r.Picked, g)
	}
	if x.fleet.Prices != nil {
		r.Currency = x.fleet.Prices.Currency
	}
	return r
}

// group sums up.
func (x *collection) group(list []*subject) Group {
	g := Group{Kind: spec.SandboxKind, Count: len(list)}
	for _, s := range list {
		g.Kind = s.address.Kind
		if s.address.Kind != spec.SandboxKind {
			continue
		}
		held := plan.Held(s.object.Size(spec.SandboxKind), s.object.State)
		g.Started += held.Started
		g.Footprint = g.Plus(held.Footprint)
	}
	g.CostPerDay = x.fleet.Prices.Daily(g.Footprint)
	return g
}

// remark tells what is remarkable about a subject.
func (x *collection) remark(r *Report, s *subject) {
	o := s.object
	add := func(list *[]Remark, format string, args ...any) {
		*list = append(*list, Remark{foreign.Text(s.address.String()), foreign.Text(o.Name), foreign.Text(o.ID), foreign.Text(x.fleet.Redact(fmt.Sprintf(format, args...)))})
	}
	if since, stuck := Stuck(o, x.opts.Now); stuck {
		add(&r.Stuck, "%s for %s", o.State, plan.Span(since))
	}
	if s.address.Kind != spec.SandboxKind || s.owner != OfFleet {
		return
	}
	if o.State == spec.Started && o.NeverStops() {
		add(&r.NeverStopping, "last used %s ago", plan.Span(x.opts.Now.Sub(s.lastUsed())))
	}
	if s.duplicate {
		add(&r.Duplicates, "carries the labels of %s", spec.Address{Kind: spec.SandboxKind, Key: o.Key()})
	}
}
