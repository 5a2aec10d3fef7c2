package emulator

import (
	"encoding/json"
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"fleet/internal/emulator/toolbox"
	"fleet/internal/emulator/world"
)

// toolboxPrefix is the path of the toolboxes, each below its sandbox's id.
const toolboxPrefix = proxyPrefix + "toolbox"

// defaultCommandTimeout is the timeout of a command for which the request sets none.
const defaultCommandTimeout = 360 * time.Second

var (
	errTimeout   = world.NewAPIError(http.StatusRequestTimeout, "command execution timeout")
	errNoToolbox = world.NewAPIError(http.StatusBadGateway, "Bad Gateway")
)

// toolboxProxy returns the address of the proxy as the last client reaches it. The
// caller holds the lock.
func (s *Server) toolboxProxy() string { return s.origin + toolboxPrefix }

func (c *call) toolboxProxyURL() (reply, error) {
	if _, err := c.pathSandbox(); err != nil {
		return reply{}, err
	}
	return reply{status: success, body: map[string]string{"url": c.srv.toolboxProxy()}}, nil
}

// toolboxOfSandbox is the pattern of the toolbox of a sandbox.
const toolboxOfSandbox = "/toolbox/:id"

// toolboxRoutes are the routes of the toolboxes.
var toolboxRoutes = compileRoutes([]route{
	{method: "POST", pattern: toolboxOfSandbox + "/process/execute", handle: (*call).execute},
	{method: "POST", pattern: toolboxOfSandbox + "/process/code-run", handle: (*call).runCode},
	{method: "GET", pattern: toolboxOfSandbox + "/process/session/entrypoint/logs", handle: (*call).entrypointLogs},
	{method: "POST", pattern: toolboxOfSandbox + "/files/upload", handle: (*call).uploadFile},
	{method: "POST", pattern: toolboxOfSandbox + "/files/upload-v2", handle: (*call).uploadFile},
	{method: "POST", pattern: toolboxOfSandbox + "/files/bulk-upload", handle: (*call).uploadFiles},
	{method: "POST", pattern: toolboxOfSandbox + "/files/permissions", handle: (*call).setPermissions},
	{method: "GET", pattern: toolboxOfSandbox + "/files/download", handle: (*call).downloadFile},
	{method: "POST", pattern: toolboxOfSandbox + "/files/bulk-download", handle: (*call).downloadFiles},
})

// runToolbox executes a request to a toolbox. Toolboxes have no rate limits and need
// no permissions.
func (c *call) runToolbox(h http.Header) (reply, error) {
	if err := c.authenticate(h); err != nil {
		return reply{}, err
	}
	r, vars := routeIn(toolboxRoutes, c.method, c.path, c.srv.opts.APIVersion)
	switch {
	case r == nil:
		r, vars = routeIn(unsimulatedToolbox(), c.method, c.path, c.srv.opts.APIVersion)
	case isWebSocket(c.header):
		return reply{}, notSimulated("WebSockets at", strings.TrimPrefix(r.pattern, toolboxOfSandbox))
	}
	if r == nil {
		return reply{}, world.NotFound("not found")
	}
	c.vars = vars
	return r.handle(c)
}

// useRunningSandbox returns the sandbox in the path of a request to its toolbox or
// preview, and resets its idle clock.
func (c *call) useRunningSandbox() (*world.Sandbox, error) {
	sb, err := c.pathSandbox()
	if err != nil {
		return nil, err
	}
	if !sb.Running() {
		return nil, sb.NotRunningError()
	}
	c.MarkActive(sb)
	return sb, nil
}

// execute runs a command: it is scripted, or interpreted.
func (c *call) execute() (reply, error) {
	line := strings.TrimSpace(world.ValueOr(c.input.Text("command"), ""))
	if line == "" || c.input.Err() != nil {
		return reply{}, world.BadRequest("command is required")
	}
	sb, err := c.useRunningSandbox()
	if err != nil {
		return reply{}, err
	}
	return c.finished(sb, c.srv.scripts.Run(sb, line)), nil
}

// runCode runs a program: it is scripted, or interpreted.
func (c *call) runCode() (reply, error) {
	code := world.ValueOr(c.input.Text("code"), "")
	language := world.ValueOr(c.input.Text("language"), "")
	switch {
	case c.input.Err() != nil:
		return reply{}, c.input.Err()
	case strings.TrimSpace(code) == "":
		return reply{}, world.BadRequest("code is required")
	case !slices.Contains(toolbox.Languages, language):
		return reply{}, world.BadRequest("unsupported language: %s", language)
	}
	sb, err := c.useRunningSandbox()
	if err != nil {
		return reply{}, err
	}
	return c.finished(sb, c.srv.scripts.RunCode(sb, code)), nil
}

// finished returns the response to a command or a program, after the time that it takes.
func (c *call) finished(sb *world.Sandbox, out toolbox.Output) reply {
	rep := reply{status: success, body: map[string]any{"exitCode": out.Code, "result": out.Text}}
	if limit := commandLimit(c.input.Fields["timeout"]); out.Duration > limit {
		rep.work = &pendingWork{id: sb.ID, until: c.Now.Plus(limit), err: errTimeout}
	} else if out.Duration > 0 {
		rep.work = &pendingWork{id: sb.ID, until: c.Now.Plus(out.Duration)}
	}
	return rep
}

// commandLimit returns the timeout of a command, given in whole seconds.
func commandLimit(timeout any) time.Duration {
	seconds, ok := timeout.(float64)
	if !ok || seconds < 1 {
		return defaultCommandTimeout
	}
	return time.Duration(min(math.Trunc(seconds), math.MaxUint32)) * time.Second
}

// minJSONLogsVersion is the minor version of the first SDK that reads logs as JSON.
const minJSONLogsVersion = 161 // of 0.161

// entrypointLogs returns the log of the sandbox's entrypoint.
func (c *call) entrypointLogs() (reply, error) {
	sb, err := c.useRunningSandbox()
	if err != nil {
		return reply{}, err
	}
	text := c.srv.scripts.Log(sb)
	if minorVersion(c.header.Get("X-Daytona-SDK-Version")) < minJSONLogsVersion {
		return reply{status: success, text: &text}, nil
	}
	return reply{status: success, body: map[string]string{"output": text, "stdout": text, "stderr": ""}}, nil
}

// minorVersion returns a number by which versions compare: the minor version plus 1000
// for each major one; 0 if the version is malformed.
func minorVersion(version string) int {
	major, rest, _ := strings.Cut(version, ".")
	minor, _, _ := strings.Cut(rest, ".")
	m, err1 := strconv.ParseUint(major, 10, 8)
	n, err2 := strconv.ParseUint(minor, 10, 16)
	if err1 != nil || err2 != nil {
		return 0
	}
	return int(m)*1000 + int(n)
}

// withoutEnvs returns a request body for the request log. The environment of commands
// is secret.
func withoutEnvs(path string, body []byte) []byte {
	if !strings.HasPrefix(path, "/toolbox/") || len(body) == 0 {
		return body
	}
	var fields map[string]any
	if json.Unmarshal(body, &fields) != nil {
		return nil
	}
	if envs, ok := fields["envs"].(map[string]any); ok {
		for name := range envs {
			envs[name] = "..."
		}
	} else {
		delete(fields, "envs")
	}
	shown, _ := json.Marshal(fields)
	return shown
}
