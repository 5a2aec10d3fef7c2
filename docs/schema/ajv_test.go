package schema

import (
	"os/exec"
	"path/filepath"
	"testing"

	"fleet/internal/nodetest"
)

// TestSchemasAreStrict checks that ajv accepts the schemas in strict mode, which refuses
// unknown keywords.
func TestSchemasAreStrict(t *testing.T) {
	modules, err := filepath.Abs(nodetest.Modules(t, filepath.Join("..", "..", "internal", "nodetest", "testdata", "consumers")))
	if err != nil {
		t.Fatal(err)
	}
	list, err := filepath.Glob("*.json")
	if err != nil || len(list) != len(Names()) {
		t.Fatalf("got %v, %v", list, err)
	}
	cmd := exec.CommandContext(t.Context(), "node", append([]string{filepath.Join("testdata", "ajv.cjs")}, list...)...)
	cmd.Env = append(cmd.Environ(), "NODE_PATH="+modules)
	if out, err := cmd.CombinedOutput(); err != nil || len(out) > 0 {
		t.Errorf("ajv refuses schemas: %v\n%s", err, out)
	}
}
