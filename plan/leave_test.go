package plan

import "testing"

// TestPutAwayAlready checks that an ephemeral sandbox that left the spec is not
// blocked once it is in the state in which it would be put away.
func TestPutAwayAlready(t *testing.T) {
	const was = "sandboxes: {web: {on_remove: stop}}"
	const ephemeral = "web is auto_delete_interval=0\n"
	const blocked = "stop web: not in the spec; on_remove: stop | illegal: it is ephemeral: a stop would delete it (release it: removed: [{from: sandbox.web, destroy: false}])"
	tell(t, []story{
		{name: "it runs", was: was, then: ephemeral, spec: nothing, want: blocked},
		{name: "it is stopped", was: was, then: ephemeral + "web stopped", spec: nothing, want: "no-op web (not in the spec; on_remove: stop)"},
		{name: "it is stopping", was: was, then: ephemeral + "web stopping>stopped", spec: nothing, want: "no-op web (not in the spec; on_remove: stop)"},
	})
}
