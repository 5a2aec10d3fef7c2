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

// sdkModules returns a new directory with the script and a link to the packages of the
// lockfile, which are installed once per lockfile and user.
func sdkModules(t *testing.T) string {
	for _, program := range []string{"node", "npm"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Skipf("there is no %s: %v", program, err)
		}
	}
	lock, err := os.ReadFile(filepath.Join(sdkDir, "package-lock.json"))
	if err != nil {
		t.Fatal(err)
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		t.Skipf("there is no place for the packages: %v", err)
	}
	dir := filepath.Join(cache, "fleet-sdk-"+world.DigestOf(string(lock))[:16])
	if _, err := os.Stat(filepath.Join(dir, "node_modules")); err != nil {
		install(t, cache, dir)
	}
	work := t.TempDir()
	copySDK(t, work, "script.mjs")
	if err := os.Symlink(filepath.Join(dir, "node_modules"), filepath.Join(work, "node_modules")); err != nil {
		t.Skipf("there are no symbolic links: %v", err)
	}
	return work
}

// install installs the packages into a directory that is renamed when it is complete.
func install(t *testing.T, cache, dir string) {
	t.Log("installing the SDK into " + dir)
	if err := os.MkdirAll(cache, 0o755); err != nil {
		t.Skipf("there is no place for the packages: %v", err)
	}
	fresh, err := os.MkdirTemp(cache, "fleet-sdk-")
	if err != nil {
		t.Skipf("there is no place for the packages: %v", err)
	}
	defer os.RemoveAll(fresh)
	copySDK(t, fresh, "package.json", "package-lock.json")
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	npm := exec.CommandContext(ctx, "npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund")
	npm.Dir = fresh
	if out, err := npm.CombinedOutput(); err != nil {
		t.Skipf("npm ci: %v (is the registry reachable?)\n%s", err, out)
	}
	if err := os.Rename(fresh, dir); err != nil {
		if _, there := os.Stat(filepath.Join(dir, "node_modules")); there != nil {
			t.Fatal(err)
		}
	}
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
