package cli

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"fleet/internal/emulator"
	"fleet/spec"
)

// A counted API records the method and path of each request.
type counted struct {
	api  http.Handler
	mu   sync.Mutex
	list []string
}

func (c *counted) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	c.mu.Lock()
	c.list = append(c.list, req.Method+" "+strings.TrimPrefix(req.URL.Path, "/api"))
	c.mu.Unlock()
	c.api.ServeHTTP(w, req)
}

// addSandboxes creates the sandboxes of a fleet with the labels that fleet gives them.
func (c *counted) addSandboxes(t *testing.T, fleet *spec.Fleet) {
	t.Helper()
	for _, r := range fleet.OfKind(spec.SandboxKind) {
		c.post(t, "sandbox", map[string]any{"name": r.Name(), "labels": r.Labels(fleet.Name, nil), "autoStopInterval": 0})
	}
}

// post sends a request without recording it.
func (c *counted) post(t *testing.T, path string, fields map[string]any) {
	t.Helper()
	body, err := json.Marshal(fields)
	if err != nil {
		t.Fatal(err)
	}
	req := httptest.NewRequest(http.MethodPost, "/api/"+path, bytes.NewReader(body))
	req.Header.Set("Authorization", "Bearer key")
	req.Header.Set("Content-Type", "application/json")
	answer := httptest.NewRecorder()
	if c.api.ServeHTTP(answer, req); answer.Code != http.StatusOK {
		t.Fatalf("%d %s", answer.Code, answer.Body)
	}
}

// TestDailyRequests checks that what users run every day on 500 sandboxes sends the
// requests of a plan without changes, and at most those that are listed in addition.
func TestDailyRequests(t *testing.T) {
	api, err := emulator.New(emulator.Options{Key: "key", APIVersion: emulator.Version220})
	if err != nil {
		t.Fatal(err)
	}
	defer api.Close()
	seen := &counted{api: api}
	server := httptest.NewServer(seen)
	defer server.Close()
	dir := t.TempDir()
	file := filepath.Join(dir, "fleet.yaml")
	text := []byte("version: 1\nname: shop\nsnapshots: {base: {image: \"debian:12\"}}\nvolumes: {cache: {}}\nsandboxes:\n  worker: {count: 500, auto_stop_interval: 0}\n")
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
	fleet, err := spec.Parse(spec.Source{Name: "fleet.yaml", Text: text})
	if err != nil {
		t.Fatal(err)
	}
	seen.post(t, "snapshots", map[string]any{"name": "base", "imageName": "debian:12"})
	seen.post(t, "volumes", map[string]any{"name": "cache"})
	seen.addSandboxes(t, fleet)
	env := map[string]string{"DAYTONA_API_URL": server.URL + "/api", "DAYTONA_API_KEY": "key", "XDG_STATE_HOME": filepath.Join(dir, "state")}
	requests := func(code int, args ...string) []string {
		seen.list = nil
		var stderr bytes.Buffer
		got := Main(Process{
			Args: args, In: strings.NewReader(""), Out: &stderr, Err: &stderr,
			Lookup: func(name string) (string, bool) { v, ok := env[name]; return v, ok },
		})
		if got != code {
			t.Fatalf("%v: exit code %d: %s", args, got, stderr.String())
		}
		slices.Sort(seen.list)
		return seen.list
	}
	const regions = "GET /regions"
	plan := requests(0, "plan", "--detailed-exitcode", "-f", file)
	for command, c := range map[string]struct {
		code int
		more []string
	}{
		"status":                             {},
		"status -o wide":                     {more: []string{regions}},
		"status -o json":                     {more: []string{regions}},
		"status -l fleet-name=shop":          {},
		"status --state started":             {},
		"status --target sandbox.worker[7]":  {},
		"status --all":                       {},
		"status --all -o json":               {more: []string{regions}},
		"destroy --target sandbox.worker[7]": {code: 5},
		"drift":                              {},
		"gc":                                 {},
		"plan --target sandbox.worker[7]":    {},
		"apply --dry-run":                    {},
		"apply --yes":                        {},
	} {
		got := requests(c.code, append(strings.Fields(command), "-f", file)...)
		want := slices.Sorted(slices.Values(slices.Concat(plan, c.more)))
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%s: sent %d requests: %v, want %v", command, len(got), got[:min(len(got), 20)], want)
		}
	}
	if got := requests(0, "__complete", "plan", "-f", file, "--target", "sandbox.worker["); len(got) > 0 {
		t.Errorf("completion sent %v", got)
	}
}
