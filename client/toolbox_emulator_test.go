package client_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"fleet/client"
	"fleet/internal/emulator"
)

// box returns a client of an emulator with a sandbox, a function that controls the
// emulator, and the id of the sandbox.
func box(t *testing.T, version string) (c *client.Client, order func(path, body string), id string) {
	t.Helper()
	daytona, err := emulator.New(emulator.Options{APIVersion: version, Control: true})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(daytona)
	c, err = client.New(client.Config{URL: server.URL + "/api", Key: "test"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		c.Close()
		server.Close()
		_ = daytona.Close()
	})
	made, err := c.CreateSandbox(t.Context(), map[string]any{"name": "worker-1"})
	if err != nil {
		t.Fatal(err)
	}
	order = func(path, body string) {
		w := httptest.NewRecorder()
		daytona.ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/_emulator/"+path, strings.NewReader(body)))
		if w.Code != http.StatusOK {
			t.Fatalf("%s: %s", path, w.Body)
		}
	}
	return c, order, made.ID
}

func TestSandboxesOfTheEmulatorAnswer(t *testing.T) {
	for _, version := range []string{emulator.Version190, emulator.Version205} {
		t.Run(version, func(t *testing.T) {
			c, order, id := box(t, version)
			order("toolbox", `{"sandbox":"worker-*","command":"curl *healthz*","exitCode":7,"output":"refused","count":1}`)
			order("previews", `{"port":3000,"path":"/healthz","status":503,"count":1}`)
			order("logs", `{"sandbox":"worker-*","text":"listening"}`)
			for line, want := range map[string]client.CommandResult{
				"curl localhost/healthz": {ExitCode: 7, Output: "refused"},
				"echo 'it is' on":        {Output: "it is on\n"},
				`echo 'a' "b\"c"`:        {Output: "a b\"c\n"},
				"exit 3":                 {ExitCode: 3},
			} {
				if got, err := c.Exec(t.Context(), id, client.Command{Line: line, Env: map[string]string{"A": "b"}}); got != want || err != nil {
					t.Errorf("%s: %+v, %v", line, got, err)
				}
			}
			for _, want := range []int{503, 200} {
				if status, err := c.Probe(t.Context(), id, 3000, "/healthz?x=y"); status != want || err != nil {
					t.Errorf("probe: %d, %v", status, err)
				}
			}
			if log, err := c.SandboxLogs(t.Context(), id); log != "ready\nlistening\n" || err != nil {
				t.Errorf("log: %q, %v", log, err)
			}
		})
	}
}

// TestStoppedSandboxesDoNotAnswer also checks that a started sandbox gets a new token.
func TestStoppedSandboxesDoNotAnswer(t *testing.T) {
	c, order, id := box(t, emulator.Version205)
	probe := func(want int, class client.ErrorClass) {
		t.Helper()
		if status, err := c.Probe(t.Context(), id, 80, "/"); status != want || client.ErrorClassOf(err) != class {
			t.Errorf("probe: %d, %v", status, err)
		}
	}
	probe(200, "")
	if _, err := c.StopSandbox(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	probe(0, client.IllegalState)
	if _, err := c.Exec(t.Context(), id, client.Command{Line: "true"}); client.ErrorClassOf(err) != client.IllegalState {
		t.Errorf("exec: %v", err)
	}
	if _, err := c.SandboxLogs(t.Context(), id); client.ErrorClassOf(err) != client.IllegalState {
		t.Errorf("logs: %v", err)
	}
	if _, err := c.StartSandbox(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	probe(200, "")
	order("faults", `{"kind":"status","status":502,"path":"/toolbox/","method":"POST"}`)
	if _, err := c.Exec(t.Context(), id, client.Command{Line: "true", Timeout: time.Minute}); client.ErrorClassOf(err) != client.ServerError {
		t.Errorf("dead toolbox: %v", err)
	}
	if _, err := c.Exec(t.Context(), "none", client.Command{Line: "true"}); client.ErrorClassOf(err) != client.NotFound {
		t.Errorf("no sandbox: %v", err)
	}
}
