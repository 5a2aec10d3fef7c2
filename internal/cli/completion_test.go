package cli

import (
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

// TestCompletionTexts: the texts that shells show for commands and flags have no marks that
// only help understands.
func TestCompletionTexts(t *testing.T) {
	for _, cmd := range (&app{}).rootCommand().Commands() {
		if cmd.Hidden || !cmd.Runnable() {
			continue
		}
		code, stdout, stderr := run(t, cobra.ShellCompRequestCmd, cmd.Name(), "--")
		if code != 0 || !strings.Contains(stdout, "--file\t") {
			t.Errorf("%s: exit code %d: %s%s", cmd.Name(), code, stdout, stderr)
		}
		if strings.Contains(stdout, "`") {
			t.Errorf("%s offers %s", cmd.Name(), stdout)
		}
	}
	if _, help, _ := run(t, "plan", "--help"); strings.Contains(help, "`") || !strings.Contains(help, "--target ADDRESS") {
		t.Errorf("help is %s", help)
	}
}
