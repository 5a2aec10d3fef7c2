package plan

import "testing"

// TestOnRemoveStateReached checks that an ephemeral sandbox that is no longer declared is not
// blocked if it already is in the state that on_remove asks for.
func TestOnRemoveStateReached(t *testing.T) {
	const was = "sandboxes: {web: {on_remove: stop}}"
	const ephemeral = "web is auto_delete_interval=0\n"
	const blocked = "stop web: not in the spec; on_remove: stop | illegal: it is ephemeral: a stop would delete it (release it: removed: [{from: sandbox.web, destroy: false}])"
	runStories(t, []story{
		{name: "it runs", was: was, then: ephemeral, spec: nothing, want: blocked},
		{name: "it is stopped", was: was, then: ephemeral + "web stopped", spec: nothing, want: "no-op web (not in the spec; on_remove: stop)"},
		{name: "it is stopping", was: was, then: ephemeral + "web stopping>stopped", spec: nothing, want: "no-op web (not in the spec; on_remove: stop)"},
	})
}
