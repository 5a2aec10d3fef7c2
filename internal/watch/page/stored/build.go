package stored

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"fleet/apply"
	"fleet/internal/foreign"
	"fleet/internal/journal"
	"fleet/internal/render"
	"fleet/internal/status"
	"fleet/plan"
	"fleet/spec"
)

// exists is the state of an object whose state no document holds.
const exists = "exists"

// A builder joins documents to a state. All texts that it sets are escaped.
type builder struct {
	state   journal.State
	objects map[string]*journal.Object // by address
	from    map[string]string          // the file of each kind of document
	errors  []error
}

// about notes the fleet of a document. It returns an error if that is not the fleet of the
// others, or if there is another document of the kind.
func (b *builder) about(kind, name string, p *plan.Plan) error {
	if other, has := b.from[kind]; has {
		return fmt.Errorf("%s and %s: each is a %s; name one of them", other, name, kind)
	}
	b.from[kind] = name
	h := &b.state.Head
	if h.Fleet != "" && h.Fleet != foreign.Escape(p.Fleet) {
		return fmt.Errorf("%s: it is about the fleet %s, and the other files are about %s", name, foreign.Escape(p.Fleet), h.Fleet)
	}
	h.Fleet = foreign.Escape(p.Fleet)
	h.Environment = cmp.Or(h.Environment, foreign.Escape(p.Environment))
	h.Server = cmp.Or(h.Server, foreign.Escape(p.Server))
	h.Organization = cmp.Or(h.Organization, foreign.Escape(p.Organization))
	return nil
}

// build adds the documents in the order of their ranks.
func (b *builder) build(read []reader) journal.State {
	slices.SortStableFunc(read, func(x, y reader) int { return x.rank - y.rank })
	for _, r := range read {
		r.add()
	}
	s := &b.state
	s.Objects, s.Alarms, s.Paused = []journal.Object{}, []journal.Alarm{}, []string{}
	for _, address := range slices.Sorted(maps.Keys(b.objects)) {
		s.Objects = append(s.Objects, *b.objects[address])
	}
	if s.Passes == nil {
		s.Passes = []journal.Pass{}
	}
	return *s
}

// object returns the object with an address.
func (b *builder) object(a spec.Address) *journal.Object {
	address := foreign.Escape(a.String())
	if b.objects[address] == nil {
		group, _, _ := strings.Cut(address, "[")
		b.objects[address] = &journal.Object{Address: address, Group: group}
	}
	return b.objects[address]
}

// addPlan adds the steps of a plan, and its resources as objects.
func (b *builder) addPlan(p *plan.Plan, text string) {
	shown := &journal.Plan{Digest: foreign.Escape(p.Digest), Time: p.ObservedAt, Text: text}
	for _, s := range p.Steps {
		o := b.object(s.Address)
		if !s.Action.Destroys() || s.Action.Creates() {
			o.Desired = exists
		}
		if s.Action != plan.Create {
			o.State = exists
		}
		if s.Action == plan.NoOp && s.RetainedReason == "" {
			continue
		}
		o.Drift = foreign.Escape(s.String())
		if s.Action != plan.NoOp {
			shown.Steps = append(shown.Steps, stepOf(s))
		}
	}
	b.state.Plan = shown
	if !p.ObservedAt.IsZero() {
		b.state.Passes = append(b.state.Passes, journal.Pass{Number: 1, Cause: "Planned", Start: p.ObservedAt, End: p.ObservedAt, Outcome: journal.Observed, Digest: shown.Digest, Drift: len(shown.Steps)})
	}
}

// stepTexts returns a text for the steps of a plan that was read from JSON, which does not
// hold all that the text of fleet plan shows.
func stepTexts(steps []*plan.Step) string {
	var text strings.Builder
	for _, s := range steps {
		if s.Action == plan.NoOp && s.RetainedReason == "" {
			continue
		}
		fmt.Fprintf(&text, "  %s\n", foreign.Escape(s.String()))
		for _, c := range s.Changes {
			fmt.Fprintf(&text, "      %s  %s -> %s\n", foreign.Escape(c.Attribute), foreign.Escape(c.Have), foreign.Escape(c.Want))
		}
	}
	return text.String()
}

// stepOf returns a step of a plan before it runs.
func stepOf(s *plan.Step) journal.Step {
	step := journal.Step{Address: foreign.Escape(s.Address.String()), Action: s.Action.String(), Wave: s.Wave}
	if s.Blocked != nil {
		step.Text = foreign.Escape(fmt.Sprintf("blocked (%s): %s", s.Blocked.Kind, s.Blocked.Reason))
	}
	return step
}

// addReport adds how a run ended.
func (b *builder) addReport(r *render.StoredReport) {
	pass := journal.Pass{
		Number: 1, Cause: "Run", Start: r.Start, End: r.Start.Add(r.Duration), Outcome: journal.Changed, Reason: foreign.Escape(r.Error),
		Drift: len(r.Results), Done: r.Count(apply.Done), Failed: r.Count(apply.Failed), Requests: r.RequestLog.Requests, Limited: r.RequestLog.RateLimited,
	}
	switch {
	case r.Error != "" || pass.Done < len(r.Results):
		pass.Outcome = journal.Failed
	case len(r.Results) == 0:
		pass.Outcome = journal.InSync
	}
	b.state.Passes = []journal.Pass{pass}
	steps := b.planned()
	for _, x := range r.Results {
		step := stepOf(x.Step)
		step.Phase = string(x.Outcome)
		if x.Err != nil {
			step.Text = foreign.Escape(x.Err.Error())
		}
		if i, planned := steps[step.Address]; planned {
			step.Wave = b.state.Plan.Steps[i].Wave
			b.state.Plan.Steps[i] = step
		} else {
			b.state.Plan.Steps = append(b.state.Plan.Steps, step)
		}
		b.addResult(x)
	}
}

// planned returns the indexes of the steps of the plan by address. Without a plan, it
// makes an empty one.
func (b *builder) planned() map[string]int {
	if b.state.Plan == nil {
		b.state.Plan = &journal.Plan{}
	}
	steps := map[string]int{}
	for i, s := range b.state.Plan.Steps {
		steps[s.Address] = i
	}
	return steps
}

// addResult adds what a run did to an object.
func (b *builder) addResult(x apply.Result) {
	o := b.object(x.Step.Address)
	deleted := x.Step.Action.Destroys() && !x.Step.Action.Creates()
	if !deleted {
		o.Desired = exists
	}
	switch {
	case x.Outcome != apply.Done:
		o.Failed = x.Outcome == apply.Failed
		o.State = cmp.Or(foreign.Escape(x.State), o.State)
		o.Drift = fmt.Sprintf("%s: %s", x.Step.Action, x.Outcome)
	case deleted:
		o.State, o.Drift = "", ""
	default:
		o.State, o.Drift = cmp.Or(foreign.Escape(x.State), exists), ""
	}
}

// addStatus adds existing objects of the fleet.
func (b *builder) addStatus(rows []status.Row) {
	for _, r := range rows {
		a, err := spec.ParseAddress(r.Address)
		if err != nil {
			continue // it is not the fleet's
		}
		o := b.object(a)
		o.State = foreign.Escape(r.State)
		o.Failed = o.Failed || r.Error != ""
		o.Drift = cmp.Or(o.Drift, foreign.Escape(r.Error), foreign.Escape(r.Note))
		if o.Desired == exists && o.Drift == "" {
			o.Desired = o.State
		}
	}
}
