package plan

import (
	"strings"
	"testing"
)

func TestGlob(t *testing.T) {
	for pattern, texts := range map[string][2][]string{
		"sandbox.*": {{"sandbox.", "sandbox.web"}, {"snapshot.web", "sandbox"}},
		"*.web":     {{"sandbox.web", ".web"}, {"sandbox.web2"}},
		"a*b*c":     {{"abc", "aXbYc", "abbc"}, {"ab", "acb"}},
		"worker[?]": {{"worker[1]"}, {"worker[12]", "worker1"}},
		"worker[*]": {{"worker[1]", "worker[12]"}, {"worker"}},
		"*":         {{"", "x"}, nil},
		"a*a":       {{"aa", "aba"}, {"a", "ab"}},
		"":          {{""}, {"x"}},
		"**x**":     {{"x", "axa"}, {"a"}},
	} {
		for _, text := range texts[0] {
			if !matchGlob(pattern, text) {
				t.Errorf("%q is not like %q", text, pattern)
			}
		}
		for _, text := range texts[1] {
			if matchGlob(pattern, text) {
				t.Errorf("%q is like %q", text, pattern)
			}
		}
	}
}

// TestForeignOperators: conditions that only other programs have are errors, since no label
// matches them, and values may look like them.
func TestForeignOperators(t *testing.T) {
	for _, text := range []string{
		"team in (a, b)", "team in (a)", "team IN(a,b)", "team notin (a, b)", "stage=dev,team in (a, b)", "team in (a=b)",
		"team>3", "team<3", "team>=3", "team<=3", "team===a", "!!team", "team!a",
	} {
		for name, err := range map[string]error{"labels": second(ParseLabelRequirements(text)), "selector": second(ParseLabelSelector(text))} {
			if err == nil || !strings.Contains(err.Error(), "does not select by labels: the") {
				t.Errorf("%s %q: %v", name, text, err)
			}
		}
	}
	for text, labels := range map[string]map[string]string{
		"note=works in (some) cases": {"note": "works in (some) cases"},
		"range=<3":                   {"range": "<3"},
		"team==a":                    {"team": "a"},
		"main in=x":                  {"main in": "x"},
		"team=a=b":                   {"team": "a=b"},
		"mark=!":                     {"mark": "!"},
	} {
		l, err := ParseLabelRequirements(text)
		if err != nil || !l.Matches(labels) {
			t.Errorf("%q does not match %v: %v", text, labels, err)
		}
	}
}

func second[T any](_ T, err error) error { return err }
