package cli

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"fleet/internal/emulator"
)

// TestStatusReadsRegionsMeanwhile checks that the status asks for the names of regions
// while it lists: the server holds the lists back until it is asked for the regions.
func TestStatusReadsRegionsMeanwhile(t *testing.T) {
	api, err := emulator.New(emulator.Options{Key: "key"})
	if err != nil {
		t.Fatal(err)
	}
	defer api.Close()
	asked := make(chan struct{})
	ask := sync.OnceFunc(func() { close(asked) })
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		switch {
		case req.URL.Path == "/api/regions":
			ask()
		case strings.HasPrefix(req.URL.Path, "/api/sandbox"):
			select {
			case <-asked:
			case <-time.After(10 * time.Second): // only if the test fails
				t.Error("the regions are read after the lists")
			}
		}
		api.ServeHTTP(w, req)
	}))
	defer server.Close()
	dir := t.TempDir()
	file := filepath.Join(dir, "fleet.yaml")
	if err := os.WriteFile(file, []byte("version: 1\nname: shop\nsandboxes: {web: {snapshot: daytona-small}}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	env := map[string]string{"DAYTONA_API_URL": server.URL + "/api", "DAYTONA_API_KEY": "key", "XDG_STATE_HOME": filepath.Join(dir, "state")}
	var stderr bytes.Buffer
	code := Main(Process{
		Args: []string{"status", "-o", "wide", "-f", file}, In: strings.NewReader(""), Out: io.Discard, Err: &stderr,
		Lookup: func(name string) (string, bool) { v, ok := env[name]; return v, ok },
	})
	if code != 0 {
		t.Errorf("exit code %d: %s", code, stderr.String())
	}
}
