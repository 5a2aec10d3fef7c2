package cli

import (
	"os"
	"strings"
	"testing"

	"fleet/spec"
)

// TestUndetectedDrift: help and documentation name every attribute whose drift
// fleet cannot detect.
func TestUndetectedDrift(t *testing.T) {
	limits, err := os.ReadFile("../../docs/limits.md")
	if err != nil {
		t.Fatal(err)
	}
	keys := spec.WriteOnly(spec.SandboxKind)
	if len(keys) == 0 {
		t.Error("the server returns every attribute: remove the limitation from help and docs")
	}
	for _, key := range keys {
		if help := (&app{}).driftCommand().Long; !strings.Contains(help, key) {
			t.Errorf("the help of drift does not name %s", key)
		}
		if !strings.Contains(string(limits), "`"+key+"`") {
			t.Errorf("docs/limits.md does not name %s", key)
		}
	}
	for kind := range spec.Tables {
		if list := spec.WriteOnly(kind); kind != spec.SandboxKind && len(list) > 0 {
			t.Errorf("the help of drift names attributes of sandboxes only, not %v of a %s", list, kind)
		}
	}
}
