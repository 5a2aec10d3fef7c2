package plan

import "testing"

func TestStepsPrint(t *testing.T) {
	p := story{
		was:  "sandboxes: {same: {}, change: {}, replace: {os_user: a}, gone: {}, taken: {}}",
		then: "taken of shop\nchange is public=true",
		spec: "sandboxes: {same: {}, change: {public: false}, replace: {os_user: b}, taken: {}, new: {}}",
	}.plan(t)
	var got []string
	for _, s := range p.Steps {
		got = append(got, s.String())
	}
	same(t, "steps", got, []string{
		"  sandbox.same no-op",
		"~ sandbox.change update (public)",
		"± sandbox.replace replace (os_user)",
		`+ sandbox.taken create (blocked: the name "taken" is taken by a sandbox of the fleet "shop")`,
		"+ sandbox.new create (missing)",
		"- sandbox.gone delete (not in the spec)",
	})
}
