package emulator

import (
	"context"
	"net/http/httptest"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// TestStorageWithAWSClient runs the S3 client that Daytona's SDK uses: see
// testdata/sdk/storage.mjs.
func TestStorageWithAWSClient(t *testing.T) {
	if testing.Short() {
		t.Skip("short tests do without node")
	}
	dir := sdkModules(t)
	copySDK(t, dir, "storage.mjs")
	srv, err := New(Options{Control: true})
	if err != nil {
		t.Fatal(err)
	}
	web := httptest.NewServer(srv)
	defer func() {
		srv.Close()
		web.Close()
	}()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	script := exec.CommandContext(ctx, "node", "storage.mjs")
	script.Dir = dir
	script.Env = append(sdkEnvironment(), "EMULATOR_URL="+web.URL)
	if out, err := script.CombinedOutput(); err != nil || !strings.HasSuffix(string(out), "\nok\n") {
		t.Errorf("%v\n%s", err, out)
	}
}
