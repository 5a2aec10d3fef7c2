package plan

import (
	"fmt"
	"regexp"
	"strings"
)

// LabelRequirements are conditions on the labels of a sandbox. All of them must hold.
type LabelRequirements []labelRequirement

// A labelRequirement is one condition: a label has a value, or exists.
type labelRequirement struct {
	key, value string
	hasValue   bool // the value must be equal; else the label must exist
	negated    bool
}

// ParseLabelRequirements parses conditions such as team=a,stage!=prod,tested,!old.
// As in kubectl, a sandbox without the label stage satisfies stage!=prod.
func ParseLabelRequirements(text string) (LabelRequirements, error) {
	var list LabelRequirements
	for _, part := range strings.Split(text, ",") {
		part = strings.TrimSpace(part)
		var t labelRequirement
		before, value, valued := strings.Cut(part, "=")
		t.hasValue, t.value = valued, strings.TrimPrefix(value, "=")
		if key, not := strings.CutSuffix(before, "!"); not && valued {
			before, t.negated = key, true
		} else if key, not := strings.CutPrefix(before, "!"); not && !valued {
			before, t.negated = key, true
		}
		if t.key = strings.TrimSpace(before); t.key == "" {
			return nil, fmt.Errorf("%q does not select by labels: write key=value, key!=value, key or !key, with commas between", text)
		}
		if err := t.checkOperator(text); err != nil {
			return nil, err
		}
		t.value = strings.TrimSpace(t.value)
		list = append(list, t)
	}
	return list, nil
}

// setPattern matches the condition of kubectl that a label has one of some values.
var setPattern = regexp.MustCompile(`(?i)\s(not)?in\s*\(`)

// checkOperator returns an error if the key or the value contains an operator that only
// other programs have: no label would ever match it.
func (t labelRequirement) checkOperator(text string) error {
	switch {
	case setPattern.MatchString(t.key):
		return fmt.Errorf("%q does not select by labels: there is no operator in; write key=value, and repeat --target key=value to select any of several values", text)
	case strings.ContainsAny(t.key, "<>!") || strings.HasPrefix(t.value, "="):
		return fmt.Errorf("%q does not select by labels: the operators are = and !=; write key=value, key!=value, key or !key, with commas between", text)
	}
	return nil
}

// Matches reports whether the labels satisfy all conditions.
func (l LabelRequirements) Matches(labels map[string]string) bool {
	for _, t := range l {
		value, has := labels[t.key]
		if holds := has && (!t.hasValue || value == t.value); holds == t.negated {
			return false
		}
	}
	return true
}
