package emulator

import (
	"testing"

	"fleet/internal/emulator/world"
)

// TestOneVersion: a server reports the same version everywhere.
func TestOneVersion(t *testing.T) {
	for _, version := range []string{"", world.Version190, world.Version205, world.Version220} {
		g := newRig(t, Options{APIVersion: version})
		want := version
		if want == "" {
			want = world.Version205
		}
		config := g.must("GET", "/config", nil)
		for at, got := range map[string]string{
			"configuration": config.text("version"), "header": config.header.Get("X-Daytona-Api-Version"),
			"sandbox": g.must("GET", "/sandbox/"+g.sandbox(nil), nil).text("daemonVersion")[1:],
		} {
			if got != want {
				t.Errorf("%s: the %s has %s", want, at, got)
			}
		}
		g.control("DELETE", "state", nil)
		if got := g.must("GET", "/sandbox/"+g.sandbox(nil), nil).text("daemonVersion"); got != "v"+want {
			t.Errorf("%s: after a reset %s", want, got)
		}
	}
}
