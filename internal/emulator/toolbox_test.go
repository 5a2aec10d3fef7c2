package emulator

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"fleet/internal/emulator/ratelimit"
	"fleet/internal/emulator/toolbox"
	"fleet/internal/emulator/world"
)

// command runs a line in a sandbox through the proxy.
func (g *rig) command(id, line string) got {
	g.t.Helper()
	return g.do("POST", toolboxPrefix+"/"+id+"/process/execute", obj("command", line))
}

func TestCommands(t *testing.T) {
	g := newRig(t, Options{})
	id := g.sandbox(obj("name", "worker-1"))
	for _, rule := range []map[string]any{
		obj("sandbox", "worker-*", "command", "*healthz*", "exitCode", 1, "output", "not yet", "count", 2),
		obj("sandbox", "other", "exitCode", 9),
		obj("sandbox", id, "command", "cat /etc/*", "output", "files"),
	} {
		g.control("POST", "toolbox", rule)
	}
	for _, c := range []struct {
		line   string
		code   int
		output string
	}{
		{"curl -f http://localhost/healthz", 1, "not yet"},
		{"sh -c 'curl -f http://localhost/healthz'", 1, "not yet"},
		{"curl -f http://localhost/healthz", 0, ""},
		{"cat /etc/a/b", 0, "files"},
		{"true", 0, ""},
		{"false", 1, ""},
		{`/bin/bash -c "exit 7"`, 7, ""},
		{"exit 256", 0, ""},
		{"exit x", 2, "exit: Illegal number: x\n"},
		{`sh -c 'echo "it'\''s"  "a  b"'`, 0, "it's a  b\n"},
		{"echo", 0, "\n"},
		{"echo a && false", 0, ""},
		{"sleep x", 1, "sleep: invalid time interval 'x'\n"},
		{"make all", 0, ""},
	} {
		a := g.command(id, c.line)
		if a.status != 200 || a.text("exitCode") != fmt.Sprint(c.code) || a.text("result") != c.output {
			t.Errorf("%s: %d %s", c.line, a.status, a.raw)
		}
	}
	g.control("DELETE", "toolbox", nil)
	if a := g.command(id, "cat /etc/a"); a.text("result") != "" {
		t.Errorf("rules cleared: %s", a.raw)
	}
}

func TestToolboxRefusals(t *testing.T) {
	g := newRig(t, Options{})
	id := g.sandbox(nil)
	archived := g.sandbox(nil)
	g.control("POST", "sandboxes/"+archived, obj("state", "archived", "runnerId", nil))
	for _, c := range []struct {
		path    string
		status  int
		message string
	}{
		{"/none/process/execute", 404, "Sandbox with ID or name none not found"},
		{"/" + archived + "/process/execute", 404, "not found: sandbox container not found"},
		{"/" + id + "/process/other", 404, "not found"},
	} {
		a := g.do("POST", toolboxPrefix+c.path, obj("command", "true"))
		if a.status != c.status || !strings.HasPrefix(a.text("message"), c.message) || a.text("path") != toolboxPrefix+c.path {
			t.Errorf("%s: %d %s", c.path, a.status, a.raw)
		}
	}
	if a := g.command(id, " "); a.status != 400 || a.text("message") != "command is required" {
		t.Errorf("no command: %d %s", a.status, a.raw)
	}
	g.hold(id, world.StateStopping)
	if a := g.command(id, "true"); a.status != 400 || !strings.Contains(a.text("message"), "Is the Sandbox started?") {
		t.Errorf("stopping: %d %s", a.status, a.raw)
	}
	g.key = ""
	if a := g.command(id, "true"); a.status != 401 {
		t.Errorf("no key: %d %s", a.status, a.raw)
	}
}

// TestToolboxResetsTheIdleClock checks that commands, previews and logs reset the idle
// clock, and that requests about a sandbox do not.
func TestToolboxResetsTheIdleClock(t *testing.T) {
	for _, path := range []string{"/proxy/toolbox/ID/process/session/entrypoint/logs", "/proxy/preview/80-ID/"} {
		g := newRig(t, Options{})
		id := g.sandbox(obj("autoStopInterval", 1))
		g.clock = g.clock.Add(50 * time.Second)
		g.must("GET", "/sandbox/"+id+"/ports/80/preview-url", nil)
		if a := g.do("GET", strings.Replace(path, "ID", id, 1), nil); a.status != 200 {
			t.Fatalf("%s: %d %s", path, a.status, a.raw)
		}
		if state := g.stateAfter(50*time.Second, id); state != "started" {
			t.Errorf("%s: %s after use", path, state)
		}
		if state := g.stateAfter(10*time.Second, id); state != "stopped" {
			t.Errorf("%s: %s a minute after use", path, state)
		}
	}
}

// timed returns a server on the clock of a synctest bubble, with a sandbox.
func timed(t *testing.T) (*rig, string) {
	srv, err := New(Options{Control: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { srv.Close() })
	g := &rig{t: t, srv: srv, key: "k"}
	return g, g.sandbox(obj("name", "box", "autoStopInterval", 1))
}

func TestCommandsTakeTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g, id := timed(t)
		g.control("POST", "toolbox", obj("command", "build", "delay", "9s", "output", "built"))
		for _, c := range []struct {
			line    string
			timeout any
			status  int
			takes   time.Duration
		}{
			{"sleep 2.5", nil, 200, 2500 * time.Millisecond},
			{"build", nil, 200, 9 * time.Second},
			{"build", 9, 200, 9 * time.Second},
			{"build", 4, 408, 4 * time.Second},
			{"sleep 300", 0, 200, 5 * time.Minute}, // the idle clock stands still
			{"sleep 1000", nil, 408, defaultCommandTimeout},
		} {
			begin := time.Now()
			a := g.do("POST", toolboxPrefix+"/"+id+"/process/execute", obj("command", c.line, "timeout", c.timeout))
			if a.status != c.status || time.Since(begin) != c.takes {
				t.Errorf("%s: %d after %v: %s", c.line, a.status, time.Since(begin), a.raw)
			}
		}
	})
}

// TestCommandsEnd checks that a command ends when the clock advances, the sandbox stops or
// the client disconnects.
func TestCommandsEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g, id := timed(t)
		for _, c := range []struct {
			control func()
			want    int
		}{
			{func() { g.control("POST", "clock", obj("advance", "40s")) }, 200},
			{func() { g.hold(id, world.StateStopping) }, 502},
			{func() { g.control("DELETE", "state", nil) }, 502},
		} {
			g.control("POST", "sandboxes/"+id, obj("state", "started"))
			answered := make(chan got)
			go func() { answered <- g.command(id, "sleep 40") }()
			synctest.Wait()
			c.control()
			if a := <-answered; a.status != c.want {
				t.Errorf("%d %s, want %d", a.status, a.raw, c.want)
			}
		}
		g, id = timed(t)
		begin := time.Now()
		ctx, leave := context.WithTimeout(t.Context(), 5*time.Second)
		defer leave()
		path := toolboxPrefix + "/" + id + "/process/execute"
		r := httptest.NewRequestWithContext(ctx, http.MethodPost, path, strings.NewReader(`{"command":"sleep 40"}`))
		r.Header.Set("Authorization", "Bearer k")
		r.Header.Set("Content-Type", "application/json")
		g.srv.ServeHTTP(httptest.NewRecorder(), r)
		if took := time.Since(begin); took != 5*time.Second {
			t.Errorf("the client left after 5s, the call after %v", took)
		}
	})
}

func TestEntrypointLogs(t *testing.T) {
	g := newRig(t, Options{})
	id := g.sandbox(obj("name", "worker-1"))
	g.control("POST", "logs", obj("sandbox", "worker-*", "text", "listening"))
	g.control("POST", "logs", obj("sandbox", "other", "text", "nothing"))
	logs := func(version string) got {
		r := httptest.NewRequest(http.MethodGet, toolboxPrefix+"/"+id+"/process/session/entrypoint/logs", nil)
		r.Header.Set("Authorization", "Bearer "+g.key)
		r.Header.Set("X-Daytona-SDK-Version", version)
		w := httptest.NewRecorder()
		g.srv.ServeHTTP(w, r)
		return got{status: w.Code, raw: w.Body.String()}
	}
	const asJSON = `{"output":"ready\nlistening\n","stderr":"","stdout":"ready\nlistening\n"}`
	for version, want := range map[string]string{
		"": "ready\nlistening\n", "dev": "ready\nlistening\n", "0.160.9": "ready\nlistening\n",
		"0.161.0": asJSON, "0.205.1": asJSON, "1.0.0": asJSON,
	} {
		if a := logs(version); a.status != 200 || a.raw != want {
			t.Errorf("%q: %d %s", version, a.status, a.raw)
		}
	}
	g.control("DELETE", "logs", nil)
	if a := logs(""); a.raw != toolbox.InitialLog {
		t.Errorf("cleared: %s", a.raw)
	}
}

func TestToolboxInTheLog(t *testing.T) {
	g := newRig(t, Options{APIVersion: world.Version190})
	id := g.sandbox(nil)
	g.control("DELETE", "log", nil)
	body := obj("command", "run", "envs", obj("TOKEN", "hunter2"))
	g.do("POST", toolboxPrefix+"/"+id+"/process/execute", body)
	g.must("POST", "/toolbox/"+id+"/toolbox/process/execute", body)
	g.do("POST", toolboxPrefix+"/"+id+"/process/execute", `hunter2`)
	g.do("GET", previewPrefix+"80-"+id+"/healthz", nil)
	g.control("POST", "faults", obj("kind", "status", "status", 502, "path", "/toolbox/"))
	if a := g.command(id, "true"); a.status != 502 || a.text("path") != toolboxPrefix+"/"+id+"/process/execute" {
		t.Errorf("fault: %d %s", a.status, a.raw)
	}
	log := moments.ReplaceAllString(strings.ReplaceAll(g.control("GET", "log", nil).raw, id, "ID"), "")
	want := `[{"method":"POST","path":"/toolbox/ID/process/execute","body":"{\"command\":\"run\",\"envs\":{\"TOKEN\":\"...\"}}","status":200},` +
		`{"method":"POST","path":"/toolbox/ID/toolbox/process/execute","body":"{\"command\":\"run\",\"envs\":{\"TOKEN\":\"...\"}}","status":200},` +
		`{"method":"POST","path":"/toolbox/ID/process/execute","body":"","status":400},` +
		`{"method":"GET","path":"/preview/80-ID/healthz","body":"","status":200},` +
		`{"method":"POST","path":"/toolbox/ID/process/execute","body":"{\"command\":\"true\"}","status":502}]`
	if log != want {
		t.Errorf("log %s", log)
	}
}

func TestScriptsAreChecked(t *testing.T) {
	g := newRig(t, Options{})
	for _, c := range []struct{ kind, body string }{
		{"toolbox", `{"comand":"x"}`},
		{"toolbox", `{"delay":"soon"}`},
		{"toolbox", `{"delay":"-1s"}`},
		{"toolbox", `{"sandbox":"["}`},
		{"previews", `{"status":99}`},
		{"logs", `{"text":1}`},
		{"logs", ``},
	} {
		if a := g.do("POST", "/_emulator/"+c.kind, c.body); a.status != 400 {
			t.Errorf("%s %s: %d %s", c.kind, c.body, a.status, a.raw)
		}
	}
}

// TestToolboxOfTheAPI covers the route that only 0.190 has.
func TestToolboxOfTheAPI(t *testing.T) {
	g := newRig(t, Options{APIVersion: world.Version190})
	limited(ratelimit.ClassAuthenticated, 2)(g)
	id := g.sandbox(nil)
	path := "/toolbox/" + id + "/toolbox/process/execute"
	for range 3 {
		a := g.must("POST", path, obj("command", "echo hi"))
		if a.text("result") != "hi\n" || a.header.Get("X-RateLimit-Limit-authenticated") != "" {
			t.Errorf("%s %v", a.raw, a.header)
		}
		validate(t, documented(t, world.Version190), "POST", path, a)
	}
	g = newRig(t, Options{})
	g.expect("POST", path, obj("command", "true"), 404, "Cannot POST /api"+path)
}
