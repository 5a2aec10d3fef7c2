package reconcile

import (
	"strings"

	"fleet/apply"
	"fleet/internal/foreign"
	"fleet/internal/journal"
	"fleet/internal/state"
	"fleet/plan"
	"fleet/spec"
)

// maxDrift is the length of the words about what differs, in bytes.
const maxDrift = 120

// objectsOf returns what is desired and what is, for each step of a plan, as far as it was
// run: the report is nil if it was not.
func objectsOf(p *plan.Plan, report *apply.Report, paused func(spec.Address) bool) []journal.Object {
	results := map[*plan.Step]apply.Result{}
	if report != nil {
		for _, x := range report.Results {
			results[x.Step] = x
		}
	}
	list := make([]journal.Object, 0, len(p.Steps))
	for _, s := range p.Steps {
		x, ran := results[s]
		if ran && x.Outcome == apply.Done && s.Want == nil {
			continue // it is gone, or another owner's
		}
		o := journal.Object{
			Address: s.Address.String(), Group: s.Address.GroupAddress().String(), Desired: desired(s), Drift: drift(s), Paused: paused(s.Address),
		}
		if s.Have != nil {
			o.State, o.Failed = foreign.Escape(s.Have.State), s.Have.Failed
		}
		if ran {
			setResult(&o, x)
		}
		list = append(list, o)
	}
	return list
}

// setResult sets what a run made of an object.
func setResult(o *journal.Object, x apply.Result) {
	if x.State != "" {
		o.State = foreign.Escape(x.State)
	}
	switch x.Outcome {
	case apply.Done:
		o.Drift, o.Failed = "", false
		if x.State == "" {
			o.State = o.Desired
		}
	case apply.Failed:
		o.Failed = true
	}
}

// desired returns the state that the spec wants; empty if it does not declare the object.
func desired(s *plan.Step) string {
	switch {
	case s.Want == nil:
		return ""
	case s.Address.Kind == spec.SandboxKind && s.Want.State() == "":
		return state.Started
	}
	return s.Want.State()
}

// drift returns what differs, in a few words without values.
func drift(s *plan.Step) string {
	if s.Action == plan.NoOp {
		return ""
	}
	text := s.Action.String()
	var keys []string
	for _, c := range s.Changes {
		keys = append(keys, c.Attribute)
	}
	if len(keys) > 0 {
		text += ": " + strings.Join(keys, ", ")
	}
	if text = foreign.Escape(text); len(text) > maxDrift {
		text = strings.ToValidUTF8(text[:maxDrift], "") + "..."
	}
	return text
}
