package plan

import (
	"testing"

	"fleet/spec"
)

// TestStateCounts checks which operations make a step depend on the state in
// which it finds its object, and that all others do not.
func TestStateCounts(t *testing.T) {
	was, now := &Precondition{State: spec.Stopped}, &Precondition{State: spec.Paused}
	for verb, want := range map[Verb]bool{
		DoStart: true, DoStop: true, DoPause: true, DoArchive: true, DoRecover: true, DoActivate: true, DoDeactivate: true,
		DoSettle: false, DoAwait: false, DoCreate: false, DoDelete: false, DoCall: false, DoLabel: false, DoRelease: false,
		DoConfirm: false, DoProbe: false, DoHook: false, DoFinish: false,
		DoTryBuild: false, DoDropTrial: false,
	} {
		s := &Step{Action: Update, Ops: []Op{{Verb: DoSettle}, {Verb: verb}}}
		var broken []string
		if want {
			broken = []string{"it is paused, and was stopped"}
		}
		same(t, string(verb), was.violations(s, now), broken)
	}
}
