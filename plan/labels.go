package plan

import (
	"fmt"
	"strings"
)

// Labels is a condition on the labels of a sandbox: all of its terms must hold.
type Labels []labelTerm

// A labelTerm is one condition: that a label has a value, or is there at all.
type labelTerm struct {
	key, value string
	valued     bool // the value counts, not only whether there is one
	not        bool
}

// ParseLabels reads a condition such as team=a,stage!=prod,tested,!old. A
// sandbox without a label satisfies what says that it has not this value.
func ParseLabels(text string) (Labels, error) {
	var list Labels
	for _, part := range strings.Split(text, ",") {
		part = strings.TrimSpace(part)
		var t labelTerm
		before, value, valued := strings.Cut(part, "=")
		t.valued, t.value = valued, strings.TrimPrefix(value, "=")
		if key, not := strings.CutSuffix(before, "!"); not && valued {
			before, t.not = key, true
		} else if key, not := strings.CutPrefix(before, "!"); not && !valued {
			before, t.not = key, true
		}
		if t.key = strings.TrimSpace(before); t.key == "" {
			return nil, fmt.Errorf("%q does not select by labels: write key=value, key!=value, key or !key, with commas between", text)
		}
		t.value = strings.TrimSpace(t.value)
		list = append(list, t)
	}
	return list, nil
}

// Match reports whether the labels satisfy all terms.
func (l Labels) Match(labels map[string]string) bool {
	for _, t := range l {
		value, has := labels[t.key]
		if holds := has && (!t.valued || value == t.value); holds == t.not {
			return false
		}
	}
	return true
}
