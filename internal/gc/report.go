package gc

import (
	"fmt"

	"fleet/internal/foreign"
	"fleet/plan"
	"fleet/spec"
)

// A Report describes the observed objects before anything is collected.
type Report struct {
	Fleet   Group   `json:"fleet"`             // the sandboxes of the fleet
	Unowned *Group  `json:"unowned,omitempty"` // sandboxes that no fleet owns; nil if there are none
	Picked  []Group `json:"picked"`            // what the rules selected, by rule

	NeverStopping   []Remark `json:"never_stopping"` // started sandboxes without an automatic stop
	Stuck           []Remark `json:"stuck"`          // in transition for longer than it ever takes
	Duplicates      []Remark `json:"duplicates"`     // sandboxes that carry the labels of another one
	OrphanSnapshots []Remark `json:"left_behind"`    // snapshots that the fleet created and its spec no longer declares

	Currency string `json:"currency,omitempty"` // of the costs; empty without prices
}

// A Group counts objects and what they use.
type Group struct {
	Rule           string    `json:"rule,omitempty"` // that selected them; empty if none did
	Kind           spec.Kind `json:"kind"`
	Count          int       `json:"count"`
	Started        int       `json:"started"` // how many are started
	spec.Footprint           // of all together in their current states
	CostPerDay     *float64  `json:"cost_per_day,omitempty"` // nil without prices, and with GPUs, which have none
}

// A Remark is a note about one object.
type Remark struct {
	Address foreign.Text `json:"address"`
	Name    foreign.Text `json:"name"`
	ID      foreign.Text `json:"id"`
	Note    foreign.Text `json:"note"` // what is remarkable about it
}

// buildReport builds the report. selected are the candidates by rule.
func (x *collector) buildReport(picked map[string][]*candidate) *Report {
	r := &Report{Picked: []Group{}, NeverStopping: []Remark{}, Stuck: []Remark{}, Duplicates: []Remark{}, OrphanSnapshots: []Remark{}}
	byOwner := map[string][]*candidate{}
	for _, s := range x.candidates {
		if s.address.Kind == spec.SandboxKind && !s.isCopy {
			byOwner[s.owner] = append(byOwner[s.owner], s)
		}
		x.addRemarks(r, s)
	}
	for _, o := range x.deleting {
		if elapsed, stuck := Stuck(o, x.opts.Now); stuck {
			at := spec.Address{Kind: spec.SandboxKind, Key: o.Key()}
			r.Stuck = append(r.Stuck, Remark{foreign.Text(at.String()), foreign.Text(o.Name), foreign.Text(o.ID), foreign.Text(fmt.Sprintf("%s for %s", o.State, plan.FormatDuration(elapsed)))})
		}
	}
	for _, l := range x.orphanSnapshots {
		if i := x.snapshots[l.ID]; i != nil && i.Declared != nil {
			continue // a former version, which apply deletes
		}
		note := "not in the spec"
		if user := x.users[l.Name]; user != "" {
			note += fmt.Sprintf("; sandbox %q is made from it", user)
		}
		r.OrphanSnapshots = append(r.OrphanSnapshots, Remark{foreign.Text(l.Address.String()), foreign.Text(l.Name), foreign.Text(l.ID), foreign.Text(note)})
	}
	r.Fleet = x.summarize(byOwner[OwnerFleet])
	if len(byOwner[OwnerNone]) > 0 {
		g := x.summarize(byOwner[OwnerNone])
		r.Unowned = &g
	}
	for _, rule := range sortedKeys(picked) {
		g := x.summarize(picked[rule])
		g.Rule = rule
		r.Picked = append(r.Picked, g)
	}
	if x.fleet.Prices != nil {
		r.Currency = x.fleet.Prices.Currency
	}
	return r
}

// summarize counts the candidates and what they use.
func (x *collector) summarize(list []*candidate) Group {
	g := Group{Kind: spec.SandboxKind, Count: len(list)}
	for _, s := range list {
		g.Kind = s.address.Kind
		if s.address.Kind != spec.SandboxKind {
			continue
		}
		usage := plan.UsageOf(s.object.Footprint(spec.SandboxKind), s.object.State)
		g.Started += usage.Started
		g.Footprint = g.Add(usage.Footprint)
	}
	g.CostPerDay = x.fleet.Prices.Daily(g.Footprint)
	return g
}

// addRemarks adds the remarks about a candidate.
func (x *collector) addRemarks(r *Report, s *candidate) {
	o := s.object
	add := func(list *[]Remark, format string, args ...any) {
		*list = append(*list, Remark{foreign.Text(s.address.String()), foreign.Text(o.Name), foreign.Text(o.ID), foreign.Text(x.fleet.Redact(fmt.Sprintf(format, args...)))})
	}
	if elapsed, stuck := Stuck(o, x.opts.Now); stuck {
		add(&r.Stuck, "%s for %s", o.State, plan.FormatDuration(elapsed))
	}
	if s.address.Kind != spec.SandboxKind || s.owner != OwnerFleet {
		return
	}
	if o.State == spec.Started && o.NeverStops() {
		add(&r.NeverStopping, "last used %s ago", plan.FormatDuration(x.opts.Now.Sub(s.lastUsed())))
	}
	if s.duplicate {
		add(&r.Duplicates, "carries the labels of %s", spec.Address{Kind: spec.SandboxKind, Key: o.Key()})
	}
}
