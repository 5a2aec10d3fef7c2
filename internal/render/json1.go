package render

import (
	"cmp"
	"io"
	"slices"

	"fleet/plan"
)

// The documents of json@1, in which the values of changes are text. All of this file goes
// when version 1 does.

// textVerbs are the verbs that version 1 does not have, with the ones that it has instead.
// An upload also writes the labels.
var textVerbs = map[plan.Verb]plan.Verb{plan.DoUpload: plan.DoLabel}

// firstJSON returns the row of json@1: that of the current version, except for the
// documents that have changes.
func firstJSON(current Format) Format {
	f := current
	f.Name, f.Current, f.Earlier = VersionedName(current.Name, textVersion), textVersion, nil
	f.Plan = func(w io.Writer, d *Document) error { return planJSON1(w, d.Plan) }
	f.Show = f.Plan
	f.Drift = func(w io.Writer, d *Document) error {
		return writeDriftJSON(w, textVersion, ofVersion1(d.Plan), d.Unmanaged)
	}
	f.GC = func(w io.Writer, d *Document) error { return writeGCJSON(w, textVersion, d.GC, ofVersion1(d.Plan)) }
	return f
}

// planJSON1 writes a plan in version 1, some steps at a time.
func planJSON1(w io.Writer, p *plan.Plan) error {
	return writePlanJSON(w, textVersion, p, func(yield func(*plan.Step) bool) {
		for _, s := range p.Steps {
			if !yield(stepOfVersion1(s)) {
				return
			}
		}
	})
}

// ofVersion1 returns a plan with the steps of version 1.
func ofVersion1(p *plan.Plan) *plan.Plan { return withSteps(p, stepOfVersion1) }

// stepOfVersion1 returns a step with text as the values of its changes, and with verbs that
// version 1 has.
func stepOfVersion1(s *plan.Step) *plan.Step {
	newVerbs := slices.ContainsFunc(s.Ops, func(op plan.Op) bool { return textVerbs[op.Verb] != "" })
	if len(s.Changes) == 0 && !newVerbs {
		return s
	}
	step := *s
	step.Changes = slices.Clone(s.Changes)
	for i, c := range step.Changes {
		step.Changes[i] = c.AsText()
	}
	step.Ops = slices.Clone(s.Ops)
	for i, op := range step.Ops {
		step.Ops[i].Verb = cmp.Or(textVerbs[op.Verb], op.Verb)
	}
	return &step
}
