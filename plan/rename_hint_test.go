package plan

import (
	"strings"
	"testing"
)

// TestRenameHint checks the hints about a probable mistake in the spec if many sandboxes are
// to be deleted.
func TestRenameHint(t *testing.T) {
	const renamed = "; if sandbox.worker is called sandbox.agent now, write moved: [{from: sandbox.worker, to: sandbox.agent}], and name: worker in sandboxes.agent"
	const twice = "; if another spec has the name demo, too, it made them: give one of the two another name"
	tests := []struct {
		name, was, spec string
		want            string
	}{
		{"a group has another key", "worker: {count: 3}", "agent: {count: 3}", renamed},
		{"a group that was named otherwise", "worker: {count: 3, name: 'x-${index}'}", "agent: {count: 3}", strings.Replace(renamed, "name: worker", "name: x", 1)},
		{"a group whose names are irregular", "worker: {count: 3, name: 'x${index}'}", "agent: {count: 3}", strings.Replace(renamed, "name: worker in sandboxes.agent", "a name in sandboxes.agent that makes the names that they have", 1)},
		{"a group that keeps its names", "worker: {count: 3, name: x}", "agent: {count: 3, name: x}", strings.Split(renamed, ", and")[0]},
		{"and another one stays", "worker: {count: 11}, web: {}", "agent: {count: 11}, web: {}", renamed},
		{"one has other copies", "worker: {count: 3}", "agent: {count: 2}", twice},
		{"two could be it", "worker: {count: 3}", "agent: {count: 3}, other: {count: 3}", twice},
		{"all keys are others", "a: {}, b: {}", "c: {}, d: {}, e: {}", twice},
		{"one becomes several", "a: {}", "a: {count: 3}", ""},
		{"the spec was emptied", "a: {}, b: {}", "", ""},
		{"a group shrinks", "worker: {count: 20}", "worker: {count: 2}", ""},
		{"a group shrinks, and one is new", "worker: {count: 20}", "worker: {count: 2}, agent: {count: 18}", ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			p := story{was: "sandboxes: {" + test.was + "}", spec: "sandboxes: {" + test.spec + "}"}.plan(t)
			if len(p.Blocked()) == 0 {
				t.Fatal("nothing is blocked")
			}
			_, more, _ := strings.Cut(p.Blocked()[0].Blocked.Unblock, " allows it")
			same(t, "unblock", more, test.want)
		})
	}
}
