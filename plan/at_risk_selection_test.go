package plan

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// TestAtRiskOfASelection checks that only the users of selected objects have to be found.
func TestAtRiskOfASelection(t *testing.T) {
	const was = "volumes: {a: {}, tmp: {}}\nsnapshots: {b: {image: 'a:1'}, c: {image: 'a:1'}, old: {image: 'a:1'}}\nsandboxes: {web: {snapshot: c}, api: {snapshot: b}}"
	const text = "volumes: {a: {}}\nsnapshots: {b: {image: 'a:1'}, c: {image: 'a:2'}}\nsandboxes: {web: {snapshot: c}, api: {snapshot: b}}\nowns: {volumes: [tmp]}\nremoved: [snapshot.old]"
	target := func(texts ...string) Selection { return Selection{Targets: selectors(t, texts...)} }
	for _, c := range []struct {
		name, want string
		opts       Options
	}{
		{"all", "c old tmp", Options{}},
		{"a sandbox whose snapshot does not change", "", Options{Select: target("sandbox.api")}},
		{"a sandbox whose snapshot changes", "c", Options{Select: target("sandbox.web")}},
		{"a snapshot", "old", Options{Select: target("snapshot.old")}},
		{"what is not excluded", "c old", Options{Select: Selection{Excludes: selectors(t, "volume.*")}}},
		{"actions", "c old tmp", Options{Select: Selection{Only: []Action{Create}}}},
		{"a refused selection", "c old tmp", Options{Select: target("sandbox.none")}},
		{"sandboxes that are destroyed", "", Options{Destroy: true, Select: target("sandbox.api")}},
		{"a snapshot that is destroyed with its sandbox", "b", Options{Destroy: true, Select: target("sandbox.api", "snapshot.b")}},
	} {
		var names []string
		for _, o := range newWorld(t, parse(t, was)).AtRisk(parse(t, text), c.opts) {
			names = append(names, o.Name)
		}
		if got := strings.Join(names, " "); got != c.want {
			t.Errorf("%s: %q is at risk, want %q", c.name, got, c.want)
		}
	}
}

// TestUsersOfOthersChangeNoSelection checks that the plan of a selection is the same
// whether the users of all objects at risk are known, or only those of selected ones.
func TestUsersOfOthersChangeNoSelection(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		f, w, opts := random(rt, t)
		opts.AllowDestroy = 1000
		w.ExternalUsers = nil
		among := AddressFilter{Source: "test"}
		for _, s := range mustCompute(f, w, opts).Steps {
			if rapid.IntRange(0, 2).Draw(rt, s.Address.String()) == 0 {
				among.Addresses = append(among.Addresses, s.Address)
			}
		}
		users := map[string][]string{}
		for _, o := range w.AtRisk(f, opts) {
			if rapid.Bool().Draw(rt, "used "+o.Name) {
				users[o.ID] = []string{"x"}
			}
		}
		opts.Select.AddressFilters = []AddressFilter{among}
		found := map[string][]string{}
		for _, o := range w.AtRisk(f, opts) {
			if users[o.ID] != nil {
				found[o.ID] = users[o.ID]
			}
		}
		w.ExternalUsers = users
		want := stepLines(mustCompute(f, w, opts))
		w.ExternalUsers = found
		if got := stepLines(mustCompute(f, w, opts)); !slices.Equal(got, want) {
			rt.Fatalf("users of %v are known instead of %v:\n%s\nwant\n%s", slices.Collect(maps.Keys(found)), slices.Collect(maps.Keys(users)), strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
	})
}

// stepLines returns the steps of a plan, each in a line.
func stepLines(p *Plan) []string {
	var list []string
	for _, s := range p.Steps {
		list = append(list, s.Address.String()+" "+line(s))
	}
	return list
}
