package emulator

import (
	"bytes"
	"context"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"fleet/internal/emulator/world"
	"fleet/internal/nodetest"
)

const sdkDir = "../../testdata/sdk"

// TestTypeScriptSDK runs Daytona's TypeScript SDK against the emulator: see
// testdata/sdk/script.mjs.
func TestTypeScriptSDK(t *testing.T) {
	if testing.Short() {
		t.Skip("short tests do without node")
	}
	dir := sdkModules(t)
	srv, err := New(Options{Key: "sdk-test", Delays: sdkDelays})
	if err != nil {
		t.Fatal(err)
	}
	web := httptest.NewServer(srv)
	defer func() {
		srv.Close()
		web.Close()
	}()
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	script := exec.CommandContext(ctx, "node", "script.mjs")
	script.Dir = dir
	script.Env = append(sdkEnvironment(), "DAYTONA_API_URL="+web.URL+"/api", "DAYTONA_API_KEY=sdk-test", "TMPDIR="+t.TempDir())
	var out bytes.Buffer
	script.Stdout, script.Stderr = &out, &out
	if err := script.Run(); err != nil || !strings.HasSuffix(out.String(), "\nok\n") {
		t.Errorf("%v\n%s", err, out.String())
	}
	t.Log("\n" + out.String())
}

// sdkDelays are long enough for the SDK to see every state; it polls a build
// once a second.
var sdkDelays = world.Delays{
	Create: 100 * time.Millisecond, Start: 100 * time.Millisecond, Stop: 100 * time.Millisecond,
	Archive: 100 * time.Millisecond, Restore: 100 * time.Millisecond, Resize: 100 * time.Millisecond,
	Delete: 100 * time.Millisecond, Build: 3 * time.Second, SnapshotPull: 100 * time.Millisecond,
	SnapshotRemove: 100 * time.Millisecond, VolumeCreate: 100 * time.Millisecond, VolumeDelete: 100 * time.Millisecond,
}

// sdkModules returns a new directory with the script and a link to the packages that it
// needs.
func sdkModules(t *testing.T) string {
	modules := nodetest.Modules(t, sdkDir)
	work := t.TempDir()
	copySDK(t, work, "script.mjs")
	if err := os.Symlink(modules, filepath.Join(work, "node_modules")); err != nil {
		t.Skipf("there are no symbolic links: %v", err)
	}
	return work
}

func copySDK(t *testing.T, dir string, names ...string) {
	for _, name := range names {
		text, err := os.ReadFile(filepath.Join(sdkDir, name))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// sdkEnvironment omits variables that would direct the SDK to another server.
func sdkEnvironment() []string {
	var env []string
	for _, pair := range os.Environ() {
		name, _, _ := strings.Cut(strings.ToLower(pair), "=")
		if !strings.HasPrefix(name, "daytona_") && !strings.HasPrefix(name, "otel_") && !strings.HasSuffix(name, "_proxy") {
			env = append(env, pair)
		}
	}
	return env
}
