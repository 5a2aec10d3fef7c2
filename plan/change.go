package plan

import (
	"slices"

	"fleet/spec"
)

// toChanges returns diffs as changes.
func toChanges(diffs []spec.Diff) []Change {
	list := make([]Change, len(diffs))
	for i, d := range diffs {
		c := Change{Attribute: d.Attr.Key, Details: d.Details, Rule: d.Rule, Forces: d.Mode == spec.RequiresReplace, Cause: d.Cause, Sensitive: d.Sensitive()}
		c.Have, c.Want = d.Format()
		c.HaveValue, c.WantValue = d.Values()
		list[i] = c
	}
	return list
}

// labelChange returns the change of a label that the spec determines. An empty text is
// no value.
func labelChange(attribute, have, want string) Change {
	return Change{
		Attribute: attribute, HaveValue: spec.NameValue(have), WantValue: spec.NameValue(want),
		Have: have, Want: want, Cause: spec.SpecChanged,
	}
}

// Redacted returns the change without the texts that hide replaces.
func (c Change) Redacted(hide func(string) string) Change {
	have, want, redacted := spec.Redacted(c.HaveValue, c.WantValue, hide)
	c.HaveValue, c.WantValue, c.Sensitive = have, want, c.Sensitive || redacted
	c.Have, c.Want = hide(c.Have), hide(c.Want)
	c.Details = slices.Clone(c.Details)
	for i := range c.Details {
		c.Details[i] = hide(c.Details[i])
	}
	return c
}

// AsText returns the change with its values as text, as version 1 of the JSON formats
// has them.
func (c Change) AsText() Change {
	c.HaveValue, c.WantValue, c.Sensitive = spec.TextValue(c.Have), spec.TextValue(c.Want), false
	return c
}

// redactedChanges returns changes without the texts that hide replaces.
func redactedChanges(changes []Change, hide func(string) string) []Change {
	list := slices.Clone(changes)
	for i := range list {
		list[i] = list[i].Redacted(hide)
	}
	return list
}

// savedChanges returns the changes of a step as a version of the format of saved plans
// has them.
func savedChanges(s *Step, hide func(string) string, version int) []Change {
	list := redactedChanges(s.Changes, hide)
	for i := range list {
		if version == textVersion {
			list[i] = list[i].AsText()
		}
	}
	return list
}

// setTexts sets the texts of changes from their values, which JSON of a version has.
func (s *Step) setTexts(version int) {
	for i := range s.Changes {
		c := &s.Changes[i]
		if version != textVersion {
			c.Have, c.Want = spec.FormatValues(s.Address.Kind, c.Attribute, c.HaveValue, c.WantValue)
			continue
		}
		c.Have, _ = c.HaveValue.Text()
		c.Want, _ = c.WantValue.Text()
	}
}

// SetTexts sets the texts of all changes from their values, of a plan that was read from
// JSON. If p is TextOnly, the values are the texts, and are not known otherwise.
func (p *Plan) SetTexts() {
	for _, s := range p.Steps {
		if p.TextOnly {
			s.setTexts(textVersion)
			s.dropValues()
		} else {
			s.setTexts(SavedVersion)
		}
	}
}

// dropValues makes the values of changes unknown.
func (s *Step) dropValues() {
	for i := range s.Changes {
		s.Changes[i].HaveValue, s.Changes[i].WantValue = spec.Value{}, spec.Value{}
	}
}

// shownStep returns a copy of a step of the file. The values of its changes are not
// known if the file has them as text.
func (s *Saved) shownStep(i int) *Step {
	step := s.Steps[i].Step
	if s.Version == textVersion {
		step.Changes = slices.Clone(step.Changes)
		step.dropValues()
	}
	return &step
}
