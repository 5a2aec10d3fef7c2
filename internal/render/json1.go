package render

import (
	"io"
	"slices"

	"fleet/plan"
)

// The documents of json@1, in which the values of changes are text. All of this file goes
// when version 1 does.

// firstJSON returns the row of json@1: that of the current version, except for the
// documents that have changes.
func firstJSON(current Format) Format {
	f := current
	f.Name, f.Current, f.Earlier = VersionedName(current.Name, textVersion), textVersion, nil
	f.Plan = func(w io.Writer, d *Document) error { return planJSON1(w, d.Plan) }
	f.Show = f.Plan
	f.Drift = func(w io.Writer, d *Document) error {
		return writeDriftJSON(w, textVersion, withTextValues(d.Plan), d.Unmanaged)
	}
	f.GC = func(w io.Writer, d *Document) error { return writeGCJSON(w, textVersion, d.GC, withTextValues(d.Plan)) }
	return f
}

// planJSON1 writes a plan in version 1, some steps at a time.
func planJSON1(w io.Writer, p *plan.Plan) error {
	return writePlanJSON(w, textVersion, p, func(yield func(*plan.Step) bool) {
		for _, s := range p.Steps {
			if !yield(stepWithTextValues(s)) {
				return
			}
		}
	})
}

// withTextValues returns a plan whose changes have text as their values.
func withTextValues(p *plan.Plan) *plan.Plan {
	shown := *p
	shown.Steps = slices.Clone(p.Steps)
	for i, s := range shown.Steps {
		shown.Steps[i] = stepWithTextValues(s)
	}
	return &shown
}

// stepWithTextValues returns a step whose changes have text as their values.
func stepWithTextValues(s *plan.Step) *plan.Step {
	if len(s.Changes) == 0 {
		return s
	}
	step := *s
	step.Changes = make([]plan.Change, len(s.Changes))
	for i, c := range s.Changes {
		step.Changes[i] = c.AsText()
	}
	return &step
}
