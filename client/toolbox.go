package client

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"net/http"
	"slices"
	"strings"
	"time"

	"fleet/client/internal/api"
	"fleet/client/internal/transport"
)

const (
	maxOutput             = 64 << 10         // bytes returned of the output of a command, or of a log
	maxToolboxResponse    = 32 << 20         // bytes of a response
	defaultCommandTimeout = 6 * time.Minute  // the server's
	toolboxSlack          = 30 * time.Second // added to the timeout of a command for the round trip
)

// A Command is a command line for sh in a sandbox.
type Command struct {
	Line    string            // for sh -c
	Env     map[string]string // in addition to the sandbox's environment
	Timeout time.Duration     // rounded up to seconds; 0 means the server's default, about six minutes
}

// CommandResult is the outcome of a command that ended.
type CommandResult struct {
	ExitCode int    // -1 if the sandbox has no shell
	Output   string // standard output and standard error, at most the last 64 KiB
}

// Exec runs a command in a started sandbox and waits for its end. An exit code other
// than 0 is no error. The error is TimedOut if the command exceeded its timeout, and
// IllegalState if the sandbox is not running. The request is never repeated once it may
// have reached the sandbox: after an error of class Unreachable, ServerError, NotJSON or
// NotDaytona the command may have run. A command counts as activity of the sandbox.
//
// Errors and logs never hold the command or its environment; the output may.
func (c *Client) Exec(ctx context.Context, id string, command Command) (CommandResult, error) {
	if strings.TrimSpace(command.Line) == "" {
		return CommandResult{}, errors.New("the command is empty")
	}
	body := map[string]any{"command": shellCommand(command.Line)}
	if len(command.Env) > 0 {
		body["envs"] = command.Env
	}
	limit := defaultCommandTimeout
	if seconds := timeoutSeconds(command.Timeout); seconds > 0 {
		body["timeout"] = seconds
		limit = time.Duration(seconds) * time.Second
	}
	response, err := c.sendToolbox(ctx, id, toolboxCall{
		request: request{method: http.MethodPost, path: []string{"process", "execute"}, body: body},
		timeout: limit + toolboxSlack,
		secrets: slices.Collect(maps.Values(command.Env)),
	})
	if err != nil {
		return CommandResult{}, err
	}
	return response.result()
}

// timeoutSeconds returns a duration in seconds, rounded up, within the range that the
// server accepts.
func timeoutSeconds(d time.Duration) int64 {
	return int64(math.Ceil(min(max(d.Seconds(), 0), math.MaxInt32)))
}

// result decodes the result of a command.
func (r toolboxResponse) result() (CommandResult, error) {
	var decoded struct {
		ExitCode *int   `json:"exitCode"`
		Code     *int   `json:"code"` // in older sandboxes
		Output   string `json:"result"`
	}
	if err := r.decodeResponse(r.res, r.body, &decoded); err != nil {
		return CommandResult{}, err
	}
	code := cmp.Or(decoded.ExitCode, decoded.Code)
	if code == nil {
		return CommandResult{}, r.newError(Error{Status: r.res.StatusCode, Class: NotJSON, Message: "the response has no exit code"})
	}
	return CommandResult{*code, outputTail(decoded.Output)}, nil
}

// SandboxLogs reads the output of the entrypoint of a started sandbox, at most the last
// 64 KiB. The error is NotSupported or NotFound if the server does not keep it. Reading
// counts as activity of the sandbox.
func (c *Client) SandboxLogs(ctx context.Context, id string) (string, error) {
	response, err := c.sendToolbox(ctx, id, toolboxCall{
		request: request{method: http.MethodGet, path: []string{"process", "session", "entrypoint", "logs"}},
		timeout: transport.AttemptTimeout,
	})
	if err != nil {
		return "", err
	}
	return response.log()
}

// log decodes a log, which newer servers send as JSON.
func (r toolboxResponse) log() (string, error) {
	if !isJSON(r.res) {
		return outputTail(streamMarkers.Replace(string(r.body))), r.decodeResponse(r.res, r.body, nil)
	}
	var f fields
	if err := r.decodeResponse(r.res, r.body, &f); err != nil {
		return "", err
	}
	return outputTail(cmp.Or(f.text("output"), f.text("stdout")+f.text("stderr"))), nil
}

// streamMarkers removes the marks that distinguish standard output from standard error
// in a log.
var streamMarkers = strings.NewReplacer("\x01\x01\x01", "", "\x02\x02\x02", "")

// outputTail returns the last maxOutput bytes of a text, without a torn character.
func outputTail(text string) string {
	if len(text) > maxOutput {
		text = text[len(text)-maxOutput:]
	}
	return strings.ToValidUTF8(text, "")
}

// shellCommand returns a command that passes a line to sh as one word. Toolboxes of
// some versions have no shell and split commands at spaces; the older ones among them
// know quotes, but no way to escape a quote.
func shellCommand(line string) string {
	switch {
	case !strings.Contains(line, "'"):
		return "sh -c '" + line + "'"
	case !strings.ContainsAny(line, "\"\\$`"):
		return `sh -c "` + line + `"`
	default:
		return "sh -c '" + strings.ReplaceAll(line, "'", `'\''`) + "'"
	}
}

// toolboxCall is a request to the toolbox of a sandbox.
type toolboxCall struct {
	request request       // its path is below the toolbox
	timeout time.Duration // of an attempt
	secrets []string      // in the request, to be redacted
	form    *form         // the body in place of that of the request; nil for none
}

// toolboxResponse is a success with its body.
type toolboxResponse struct {
	exchange
	res  *http.Response
	body []byte
}

// sendToolbox sends a request to the toolbox of a sandbox.
func (c *Client) sendToolbox(ctx context.Context, id string, t toolboxCall) (toolboxResponse, error) {
	base, err := c.toolboxURL(ctx, id)
	if err != nil {
		return toolboxResponse{}, err
	}
	route := RouteOf(t.request.method, "toolbox/{id}/"+strings.Join(t.request.path, "/"))
	req, err := t.request.build(api.WithCall(ctx, api.Call{Route: route, Path: t.request.path}), base)
	if err != nil {
		return toolboxResponse{}, err
	}
	if t.form != nil {
		t.form.attach(req)
	}
	redact := api.NewRedactor(append(t.secrets, c.config.Key, c.config.JWT)...)
	rt := c.auth(c.proxyChain(t.timeout, maxToolboxResponse, redact), base)
	x := exchange{Route: route, req: req, config: c.config, redact: redact}
	res, err := (&http.Client{Transport: rt, CheckRedirect: transport.RefuseRedirect}).Do(req)
	if err != nil {
		c.proxyCache.deleteToolbox(id) // the toolbox may have moved
		return toolboxResponse{}, x.transportError(err)
	}
	defer res.Body.Close()
	body := transport.ReadBody(res.Body)
	if !isSuccess(res.StatusCode) {
		return toolboxResponse{}, x.responseError(res, body)
	}
	return toolboxResponse{x, res, body}, nil
}

// toolboxURL returns the base URL of the toolbox of a sandbox. It is at the proxy that
// the API names, or at the API itself if the server has no proxy.
func (c *Client) toolboxURL(ctx context.Context, id string) (string, error) {
	r := request{method: http.MethodGet, path: []string{"sandbox", id, "toolbox-proxy-url"}}
	if _, err := r.escaped(); err != nil {
		return "", err
	}
	address, known := c.proxyCache.toolbox(id)
	if !known {
		proxy, err := send[struct {
			URL string `json:"url"`
		}](ctx, c, r)
		if err != nil && ErrorClassOf(err) != NotSupported {
			return "", fmt.Errorf("finding the toolbox: %w", err)
		}
		address = proxy.URL
		c.proxyCache.setToolbox(id, address)
	}
	if address == "" {
		return c.config.URL + "/toolbox/" + escapeElement(id) + "/toolbox", nil
	}
	proxy, err := c.proxyAddress(address)
	if err != nil {
		return "", c.proxyError(r, err)
	}
	return strings.TrimRight(proxy.String(), "/") + "/" + escapeElement(id), nil
}
