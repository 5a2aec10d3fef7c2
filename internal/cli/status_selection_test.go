package cli

import (
	"strings"
	"testing"

	"fleet/internal/exit"
)

// TestMistypedSelections: a list by a mistyped state or selector is an error. It would be
// empty, as if all were well.
func TestMistypedSelections(t *testing.T) {
	for _, tt := range []struct {
		args []string
		want string
	}{
		{[]string{"status", "--state", "stoped"}, `fleet: --state: an object is never in state "stoped"; did you mean "stopped"?`},
		{[]string{"status", "--all", "--state", "started,Eror"}, `an object is never in state "Eror"; did you mean "error"?`},
		{[]string{"status", "--state", "started,"}, `an object is never in state ""; its states are active,`},
		{[]string{"status", "-o", "json", "-l", "team in (a, b)"}, `fleet: --selector: "team in (a, b)" does not select by labels: there is no operator in`},
		{[]string{"status", "--target", "team in (a=b)"}, `does not select by labels`},
		{[]string{"export", "--state", "stoped"}, `fleet: --state: a sandbox is never in state "stoped"; did you mean "stopped"?`},
		{[]string{"export", "--state", "active"}, `a sandbox is never in state "active"; `},
	} {
		code, stdout, stderr := run(t, append(tt.args, "--local")...)
		if code != exit.Invalid || stdout != "" || !strings.Contains(stderr, tt.want) || strings.Contains(stderr, "embedded") {
			t.Errorf("fleet %q: exit code %d, %s%s", tt.args, code, stdout, stderr)
		}
	}
}
