package client

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math"
	"net"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"fleet/client/internal/transport"
)

const testProxy = "https://proxy.daytona.test/toolbox"

// proxied answers requests for the address of the proxy, and passes other requests to
// next.
func proxied(next wire) wire {
	return func(req *http.Request) (*http.Response, error) {
		if strings.HasSuffix(req.URL.Path, "/toolbox-proxy-url") {
			return answer(200, map[string]any{"url": testProxy}), nil
		}
		return next(req)
	}
}

// text200 returns a success that is not JSON.
func text200(media, body string) *http.Response {
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {media}}, Body: io.NopCloser(strings.NewReader(body))}
}

func TestExecRequests(t *testing.T) {
	for _, test := range []struct {
		command Command
		want    string
	}{
		{Command{Line: "make test"}, `{"command":"sh -c 'make test'"}`},
		{Command{Line: "a | b && c > /d"}, `{"command":"sh -c 'a | b \u0026\u0026 c \u003e /d'"}`},
		{Command{Line: `echo "$HOME"`}, `{"command":"sh -c 'echo \"$HOME\"'"}`},
		{Command{Line: "echo 'a b'"}, `{"command":"sh -c \"echo 'a b'\""}`},
		{Command{Line: `echo 'a' "$b"`}, `{"command":"sh -c 'echo '\\''a'\\'' \"$b\"'"}`},
		{Command{Line: "x", Env: map[string]string{"A": "b"}}, `{"command":"sh -c 'x'","envs":{"A":"b"}}`},
		{Command{Line: "x", Timeout: time.Nanosecond}, `{"command":"sh -c 'x'","timeout":1}`},
		{Command{Line: "x", Timeout: 2001 * time.Millisecond}, `{"command":"sh -c 'x'","timeout":3}`},
		{Command{Line: "x", Timeout: -time.Second}, `{"command":"sh -c 'x'"}`},
		{Command{Line: "x", Timeout: math.MaxInt64}, `{"command":"sh -c 'x'","timeout":2147483647}`},
	} {
		c := over(t, proxied(func(req *http.Request) (*http.Response, error) {
			body, _ := io.ReadAll(req.Body)
			if got := req.URL.String(); req.Method != http.MethodPost || got != testProxy+"/a%2Fb/process/execute" {
				t.Errorf("%s %s", req.Method, got)
			}
			if req.Header.Get("Authorization") != "Bearer "+testKey || req.Header.Get("Content-Type") != "application/json" {
				t.Errorf("headers %v", req.Header)
			}
			if string(body) != test.want {
				t.Errorf("got %s, want %s", body, test.want)
			}
			return answer(200, map[string]any{"exitCode": 0, "result": ""}), nil
		}))
		if _, err := c.Exec(t.Context(), "a/b", test.command); err != nil {
			t.Error(err)
		}
	}
}

func TestExecAnswers(t *testing.T) {
	for name, test := range map[string]struct {
		res   *http.Response
		want  CommandResult
		class ErrorClass
		text  string
	}{
		"success": {answer(200, map[string]any{"exitCode": 0, "result": "hi\n"}), CommandResult{0, "hi\n"}, "", ""},
		"failure": {answer(200, map[string]any{"exitCode": 3, "result": "no"}), CommandResult{3, "no"}, "", ""},
		"older":   {answer(200, map[string]any{"code": -1, "result": ""}), CommandResult{-1, ""}, "", ""},
		"much": {
			answer(200, map[string]any{"exitCode": 0, "result": "begin" + strings.Repeat("ü", maxOutput/2) + "."}),
			CommandResult{0, strings.Repeat("ü", maxOutput/2-1) + "."},
			"", "",
		},
		"more than another answer may hold": {
			answer(200, map[string]any{"exitCode": 0, "result": strings.Repeat("a", 2*maxString)}),
			CommandResult{0, strings.Repeat("a", maxOutput)},
			"", "",
		},
		"no code": {answer(200, map[string]any{"result": "x"}), CommandResult{}, NotJSON, "POST /toolbox/1/process/execute: the response has no exit code (200)"},
		"page": {
			text200("text/html", "<html>"),
			CommandResult{},
			NotDaytona,
			"got a web page instead of an API response (200); the sandbox proxy proxy.daytona.test did not answer like Daytona",
		},
		"timeout": {answer(408, refusal("command execution timeout")), CommandResult{}, TimedOut, "POST /toolbox/1/process/execute: command execution timeout (408)"},
		"stopped": {
			answer(400, refusal("bad request: failed to resolve container IP after 3 attempts: no IP address found. Is the Sandbox started?")),
			CommandResult{},
			IllegalState, "Is the Sandbox started? (400); the sandbox is not running",
		},
		"archived": {answer(404, refusal("not found: sandbox container not found: No such container")), CommandResult{}, IllegalState, "the sandbox is not running"},
		"dead": {
			answer(502, nil),
			CommandResult{},
			ServerError,
			"bad gateway (502); the sandbox may be stopping, or out of memory; the command may have run nevertheless",
		},
		"refused":   {answer(401, refusal("Bearer token is invalid")), CommandResult{}, Unauthorized, "the API key was refused"},
		"forbidden": {answer(403, refusal("Access denied")), CommandResult{}, Forbidden, "the permission write:sandboxes"},
		"login":     {answer(307, nil, "Location", "https://login.test/"), CommandResult{}, NotDaytona, "redirected to https://login.test/"},
	} {
		t.Run(name, func(t *testing.T) {
			attempts := 0
			c := over(t, proxied(func(*http.Request) (*http.Response, error) {
				attempts++
				return test.res, nil
			}))
			got, err := c.Exec(t.Context(), "1", Command{Line: "x"})
			if got != test.want || ErrorClassOf(err) != test.class || (err == nil) != (test.class == "") || attempts != 1 {
				t.Errorf("%d %.40q, %v after %d attempts", got.ExitCode, got.Output, err, attempts)
			}
			if err != nil && !strings.Contains(err.Error(), test.text) {
				t.Errorf("got %q, want %q", err, test.text)
			}
		})
	}
}

// TestExecIsNotRepeated checks that a command is sent again only if it certainly did not
// reach the sandbox.
func TestExecIsNotRepeated(t *testing.T) {
	for _, test := range []struct {
		err      error
		attempts int
	}{
		{&net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}, transport.MaxAttempts},
		{&net.OpError{Op: "read", Err: syscall.ECONNRESET}, 1},
	} {
		synctest.Test(t, func(t *testing.T) {
			attempts := 0
			c := over(t, proxied(func(*http.Request) (*http.Response, error) {
				attempts++
				return nil, test.err
			}))
			_, err := c.Exec(t.Context(), "1", Command{Line: "x"})
			if ErrorClassOf(err) != Unreachable || attempts != test.attempts || !strings.Contains(err.Error(), "the sandbox proxy proxy.daytona.test") {
				t.Errorf("%v after %d attempts", err, attempts)
			}
			if again := strings.Contains(err.Error(), "may have run"); again != (test.attempts == 1) {
				t.Errorf("got %v", err)
			}
			if got := c.Stats(); got.Requests[RateToolbox] != attempts || got.Requests[RateGeneral] != 1 {
				t.Errorf("stats %+v", got)
			}
		})
	}
}

// TestExecWaits checks that Exec waits as long as the command may take, and no longer.
func TestExecWaits(t *testing.T) {
	for timeout, want := range map[time.Duration]time.Duration{0: defaultCommandTimeout + toolboxSlack, 9500 * time.Millisecond: 10*time.Second + toolboxSlack} {
		synctest.Test(t, func(t *testing.T) {
			c := over(t, proxied(func(req *http.Request) (*http.Response, error) {
				<-req.Context().Done()
				return nil, req.Context().Err()
			}))
			begin := time.Now()
			_, err := c.Exec(t.Context(), "1", Command{Line: "x", Timeout: timeout})
			if ErrorClassOf(err) != Unreachable || time.Since(begin) != want {
				t.Errorf("%v after %v", err, time.Since(begin))
			}
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			if _, err := c.Exec(ctx, "1", Command{Line: "x"}); !errors.Is(err, context.DeadlineExceeded) || ErrorClassOf(err) != "" {
				t.Errorf("canceled: %v", err)
			}
		})
	}
}

func TestLogsOfSandboxes(t *testing.T) {
	for name, test := range map[string]struct {
		res   *http.Response
		want  string
		class ErrorClass
	}{
		"text":      {text200("text/plain", "one\ntwo\n"), "one\ntwo\n", ""},
		"marked":    {text200("text/plain", "\x01\x01\x01one\n\x02\x02\x02two\n"), "one\ntwo\n", ""},
		"none":      {text200("text/plain", ""), "", ""},
		"together":  {answer(200, map[string]any{"output": "a\nb\n", "stdout": "a\n", "stderr": "b\n"}), "a\nb\n", ""},
		"separate":  {answer(200, map[string]any{"stdout": "a\n", "stderr": "b\n"}), "a\nb\n", ""},
		"long":      {text200("text/plain", "x"+strings.Repeat("y", maxOutput)), strings.Repeat("y", maxOutput), ""},
		"page":      {text200("text/html", "<html>"), "", NotDaytona},
		"not kept":  {answer(404, refusal("session not found")), "", NotFound},
		"not known": {answer(404, refusal("Cannot GET /api/x")), "", NotSupported},
	} {
		t.Run(name, func(t *testing.T) {
			c := over(t, proxied(func(req *http.Request) (*http.Response, error) {
				if got := req.URL.String(); got != testProxy+"/1/process/session/entrypoint/logs" {
					t.Errorf("asked %s", got)
				}
				return test.res, nil
			}))
			got, err := c.SandboxLogs(t.Context(), "1")
			if test.class == "" && got != test.want || ErrorClassOf(err) != test.class || (err == nil) != (test.class == "") {
				t.Errorf("%.40q, %v", got, err)
			}
		})
	}
}

// TestToolboxIsFoundOnce checks that the address of a toolbox is taken from responses
// about its sandbox, or read once.
func TestToolboxIsFoundOnce(t *testing.T) {
	var asked []string
	broken := false
	c := over(t, func(req *http.Request) (*http.Response, error) {
		asked = append(asked, req.Method+" "+req.URL.Host+req.URL.Path)
		switch {
		case broken:
			return nil, &net.OpError{Op: "read", Err: syscall.ECONNRESET}
		case strings.HasSuffix(req.URL.Path, "/toolbox-proxy-url"):
			return answer(200, map[string]any{"url": testProxy + "/"}), nil
		case req.URL.Host != "daytona.test":
			return answer(200, map[string]any{"exitCode": 0, "result": ""}), nil
		case req.Method == http.MethodPost:
			return answer(200, map[string]any{"id": "made", "toolboxProxyUrl": "https://eu.test/t"}), nil
		}
		return answer(200, map[string]any{"items": []any{map[string]any{"id": "listed", "toolboxProxyUrl": "https://us.test/t"}}}), nil
	})
	if _, err := c.CreateSandbox(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	for _, err := range c.Sandboxes(t.Context(), SandboxFilter{}) {
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, id := range []string{"made", "listed", "unknown", "unknown"} {
		if _, err := c.Exec(t.Context(), id, Command{Line: "x"}); err != nil {
			t.Fatal(err)
		}
	}
	broken = true
	_, _ = c.Exec(t.Context(), "made", Command{Line: "x"})
	broken = false
	if _, err := c.Exec(t.Context(), "made", Command{Line: "x"}); err != nil {
		t.Error(err)
	}
	want := []string{
		"POST daytona.test/api/sandbox", "GET daytona.test/api/sandbox",
		"POST eu.test/t/made/process/execute", "POST us.test/t/listed/process/execute",
		"GET daytona.test/api/sandbox/unknown/toolbox-proxy-url",
		"POST proxy.daytona.test/toolbox/unknown/process/execute", "POST proxy.daytona.test/toolbox/unknown/process/execute",
		"POST eu.test/t/made/process/execute", "GET daytona.test/api/sandbox/made/toolbox-proxy-url",
		"POST proxy.daytona.test/toolbox/made/process/execute",
	}
	if diff := cmp.Diff(want, asked); diff != "" {
		t.Error(diff)
	}
}

// TestToolboxWithoutProxy checks older servers, whose API serves the toolboxes.
func TestToolboxWithoutProxy(t *testing.T) {
	for name, none := range map[string]*http.Response{
		"no route":   answer(404, refusal("Cannot GET /api/sandbox/1/toolbox-proxy-url")),
		"no address": answer(200, map[string]any{"url": ""}),
	} {
		t.Run(name, func(t *testing.T) {
			var asked []string
			c := over(t, func(req *http.Request) (*http.Response, error) {
				asked = append(asked, req.URL.String())
				if req.Method == http.MethodGet {
					return none, nil
				}
				if req.Header.Get("Authorization") == "" {
					t.Error("not signed")
				}
				return answer(200, map[string]any{"exitCode": 0, "result": ""}), nil
			})
			for range 2 {
				if _, err := c.Exec(t.Context(), "1", Command{Line: "x"}); err != nil {
					t.Error(err)
				}
			}
			const execute = "https://daytona.test/api/toolbox/1/toolbox/process/execute"
			if diff := cmp.Diff([]string{"https://daytona.test/api/sandbox/1/toolbox-proxy-url", execute, execute}, asked); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestToolboxLookupFails(t *testing.T) {
	c := over(t, func(*http.Request) (*http.Response, error) {
		return answer(404, refusal("Sandbox with ID or name 1 not found")), nil
	})
	if _, err := c.Exec(t.Context(), "1", Command{Line: "x"}); ErrorClassOf(err) != NotFound || !strings.HasPrefix(err.Error(), "finding the toolbox: GET ") {
		t.Errorf("got %v", err)
	}
	for _, call := range []struct{ id, line string }{{"", "x"}, {"1", " "}} {
		if _, err := c.Exec(t.Context(), call.id, Command{Line: call.line}); err == nil || ErrorClassOf(err) != "" {
			t.Errorf("%+v: %v", call, err)
		}
	}
}

// TestTrustedProxies checks that the key is sent only over encrypted connections, or
// within this machine.
func TestTrustedProxies(t *testing.T) {
	for _, test := range []struct {
		api, proxy string
		want       bool
	}{
		{"https://daytona.test/api", "https://proxy.test/toolbox", true},
		{"https://daytona.test/api", "http://proxy.test/toolbox", false},
		{"https://localhost/api", "http://localhost:4000/toolbox", false},
		{"http://daytona.test/api", "http://proxy.test/toolbox", false},
		{"http://localhost.test/api", "http://proxy.test/toolbox", false},
		{"http://localhost:3000/api", "http://proxy.localhost:4000/toolbox", true},
		{"http://127.0.0.1:3000/api", "http://127.0.0.1:4000/toolbox", true},
		{"http://[::1]:3000/api", "https://proxy.test/toolbox", true},
		{"https://daytona.test/api", "https://user:secret@proxy.test/toolbox", false},
		{"https://daytona.test/api", "https://proxy.test/toolbox?to=me", false},
		{"https://daytona.test/api", "https:///toolbox", false},
		{"https://daytona.test/api", "ftp://proxy.test", false},
		{"https://daytona.test/api", "https://proxy.test:x/", false},
	} {
		reached := false
		c := over(t, func(req *http.Request) (*http.Response, error) {
			if strings.HasPrefix(req.URL.String(), test.api) {
				return answer(200, map[string]any{"url": test.proxy, "token": "preview-token"}), nil
			}
			reached = true
			return answer(200, map[string]any{"exitCode": 0, "result": ""}), nil
		}, func(c *Config) { c.URL, c.InsecureHTTP = test.api, true })
		_, err := c.Exec(t.Context(), "1", Command{Line: "x"})
		if reached != test.want || (err == nil) != test.want || !test.want && ErrorClassOf(err) != NotDaytona {
			t.Errorf("%s at %s: reached %t, %v", test.proxy, test.api, reached, err)
		}
		if err != nil && strings.Contains(err.Error(), "secret") {
			t.Errorf("got %v", err)
		}
		reached = false
		_, err = c.Probe(t.Context(), "1", 80, "/")
		if reached != test.want || (err == nil) != test.want {
			t.Errorf("preview %s at %s: reached %t, %v", test.proxy, test.api, reached, err)
		}
	}
}

// TestToolboxKeepsSecrets checks the secrets of a request, which a proxy may echo.
func TestToolboxKeepsSecrets(t *testing.T) {
	var log strings.Builder
	var requests Recorder
	seen := map[Attempt]int{}
	c := over(t, proxied(func(req *http.Request) (*http.Response, error) {
		body, _ := io.ReadAll(req.Body)
		return answer(400, refusal(string(body)+req.Header.Get("Authorization"))), nil
	}), func(c *Config) {
		c.Log = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
		c.Instrument = func(next http.RoundTripper) http.RoundTripper { return recorder{next, seen} }
	})
	_, err := c.Exec(requests.WithContext(t.Context()), "1", Command{Line: "x", Env: map[string]string{"TOKEN": "hunter22"}})
	if ErrorClassOf(err) != BadRequest {
		t.Errorf("got %v", err)
	}
	for _, secret := range []string{"hunter22", testKey} {
		if strings.Contains(fmt.Sprint(err)+log.String(), secret) {
			t.Errorf("%s is shown: %v\n%s", secret, err, log.String())
		}
	}
	if !strings.Contains(log.String(), "path=/toolbox/1/process/execute") || requests.Log().Requests != 2 {
		t.Errorf("request log %+v\n%s", requests.Log(), log.String())
	}
	want := map[Attempt]int{
		{Route: "/sandbox/{id}/toolbox-proxy-url", Class: RateGeneral, Number: 1}: 1,
		{Route: "/toolbox/{id}/process/execute", Class: RateToolbox, Number: 1}:   1,
	}
	if diff := cmp.Diff(want, seen); diff != "" {
		t.Error(diff)
	}
}

func TestCacheIsBounded(t *testing.T) {
	values := map[int]int{}
	for i := range maxCacheEntries + 5 {
		putBounded(values, i, i)
		putBounded(values, i, -i)
	}
	if len(values) != maxCacheEntries || values[maxCacheEntries+4] != -maxCacheEntries-4 {
		t.Errorf("%d values", len(values))
	}
}
