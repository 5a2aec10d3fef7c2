package plan

import "testing"

// If several sandboxes have the same labels, without the name that these were written
// for, the fleet owns one of them, regardless of the order of the list.
func TestDuplicates(t *testing.T) {
	left := func(name string) string {
		return "\nwarning: sandbox \"" + name + "\" carries the labels of sandbox.web: it is probably a fork, and fleet does not change it"
	}
	const mute = "web labelled fleet-self=\n"
	const named = "sandboxes: {web: {name: x}}"
	const replaced = "replace web [name x -> web] | delete create"
	runStories(t, []story{
		{name: "the one with the wanted name", spec: web, then: mute + "web forked copy", want: "no-op web" + left("copy")},
		{name: "even a younger one", spec: web, then: mute + "web forked copy older", want: "no-op web" + left("copy")},
		{name: "even when it is listed later", was: named, spec: web, then: mute + "web forked web older", want: "no-op web" + left("x")},
		{name: "else the elder", was: named, spec: web, then: mute + "web forked copy", want: replaced + left("copy")},
		{name: "also when it is listed later", was: named, spec: web, then: mute + "web forked copy older", want: "replace web [name copy -> web] | delete create" + left("x")},
		{name: "of twins the one with the lower id", was: named, spec: web, then: mute + "web forked copy same", want: "replace web [name copy -> web] | delete create" + left("x")},
		{name: "wherever it is listed", was: named, spec: web, then: mute + "web forked y same", want: replaced + left("y")},
		{name: "and all others are told in order", spec: web, then: "web forked z\nweb forked b\nweb forked a", want: "no-op web" + left("a") + left("b") + left("z")},
		{
			name: "of several that became one the first is told", was: "sandboxes: {web: {}, z: {}, a: {}}",
			then: "z of shop\nz labelled fleet-key=web\na of mall\na labelled fleet-key=web",
			spec: web + "\nmoved: [{from: fleet.shop}, {from: fleet.mall}]",
			want: `update web [fleet mall -> demo] | conflict: "a", which was sandbox.web of the fleet mall, cannot become sandbox.web: that is "web" already (delete the one that is not needed, or remove the entry from moved)`,
		},
	})
}
