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
)

const (
	maxOutput             = 64 << 10         // bytes of the output of a command, and of a log
	maxToolboxResponse    = 32 << 20         // bytes of an answer
	defaultCommandTimeout = 6 * time.Minute  // of a command, by the server
	toolboxSlack          = 30 * time.Second // for the way there and back
	toolboxRoute          = "/toolbox/{id}/"
)

// A Command is run by sh in a sandbox.
type Command struct {
	Line    string
	Env     map[string]string // besides the sandbox's own
	Timeout time.Duration     // rounded up to seconds; 0 is the server's default, about six minutes
}

// CommandResult is what came of a command that ended.
type CommandResult struct {
	ExitCode int    // -1 where the sandbox has no shell
	Output   string // of standard output and standard error, at most the last 64 KiB
}

// Exec runs a command in a started sandbox and waits for its end, whatever its
// exit code. The request is never repeated once it may have reached the sandbox:
// after an error of class Unreachable, Server, NotJSON or NotDaytona the command
// may have run. One that took longer than its timeout is TimedOut; that the
// sandbox does not run is IllegalState. It counts as use of the sandbox.
//
// Errors and logs hold neither the command nor its environment. The output is
// the command's and may show either.
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
	answer, err := c.sendToolbox(ctx, id, toolboxCall{
		Route:   Route{RateToolbox, true, "write:sandboxes"},
		request:   request{method: http.MethodPost, path: []string{"process", "execute"}, body: body},
		timeout:   limit + toolboxSlack,
		secrets:   slices.Collect(maps.Values(command.Env)),
	})
	if err != nil {
		return CommandResult{}, err
	}
	return answer.result()
}

// timeoutSeconds is a duration rounded up, as far as the server takes it.
func timeoutSeconds(d time.Duration) int64 {
	return int64(math.Ceil(min(max(d.Seconds(), 0), math.MaxInt32)))
}

// result reads what came of a command.
func (a toolboxResponse) result() (CommandResult, error) {
	var decoded struct {
		ExitCode *int   `json:"exitCode"`
		Code     *int   `json:"code"` // of older sandboxes
		Output   string `json:"result"`
	}
	if err := a.decodeResponse(a.res, a.body, &decoded); err != nil {
		return CommandResult{}, err
	}
	code := cmp.Or(decoded.ExitCode, decoded.Code)
	if code == nil {
		return CommandResult{}, a.newError(Error{Status: a.res.StatusCode, Class: NotJSON, Message: "the answer holds no exit code"})
	}
	return CommandResult{*code, outputTail(decoded.Output)}, nil
}

// SandboxLogs are what the command wrote that a started sandbox itself runs, at
// most the last 64 KiB, as far as the server keeps it. NotSupported and NotFound
// say that it does not. It counts as use of the sandbox.
func (c *Client) SandboxLogs(ctx context.Context, id string) (string, error) {
	answer, err := c.sendToolbox(ctx, id, toolboxCall{
		Route:   Route{Class: RateToolbox},
		request:   request{method: http.MethodGet, path: []string{"process", "session", "entrypoint", "logs"}},
		timeout:   attemptTimeout,
	})
	if err != nil {
		return "", err
	}
	return answer.log()
}

// log reads a log, which newer servers give as JSON.
func (a toolboxResponse) log() (string, error) {
	if !isJSON(a.res) {
		return outputTail(streamMarkers.Replace(string(a.body))), a.decodeResponse(a.res, a.body, nil)
	}
	var f fields
	if err := a.decodeResponse(a.res, a.body, &f); err != nil {
		return "", err
	}
	return outputTail(cmp.Or(f.text("output"), f.text("stdout")+f.text("stderr"))), nil
}

// streamMarkers takes out the marks by which a log tells standard output and error.
var streamMarkers = strings.NewReplacer("\x01\x01\x01", "", "\x02\x02\x02", "")

// outputTail is the end of a text.
func outputTail(text string) string {
	if len(text) > maxOutput {
		text = text[len(text)-maxOutput:]
	}
	return strings.ToValidUTF8(text, "")
}

// shellCommand gives a line to sh as one word. Toolboxes of some versions split
// commands at spaces and know no shell; of those, older ones know quotes, but
// nothing that takes their meaning away.
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

// toolboxCall is a request to the toolbox of a sandbox, below which its path is.
type toolboxCall struct {
	Route
	request request
	timeout time.Duration // of an attempt
	secrets []string      // that it holds
}

// toolboxResponse is a success, and what it answers.
type toolboxResponse struct {
	attempt
	res  *http.Response
	body []byte
}

// sendToolbox makes a call.
func (c *Client) sendToolbox(ctx context.Context, id string, t toolboxCall) (toolboxResponse, error) {
	base, err := c.toolboxURL(ctx, id)
	if err != nil {
		return toolboxResponse{}, err
	}
	req, err := t.request.build(contextWithCall(ctx, call{t.Route, t.request.path}), base)
	if err != nil {
		return toolboxResponse{}, err
	}
	redact := newRedactor(append(t.secrets, c.config.Key, c.config.JWT)...)
	rt := authTransport{c.proxyTransport(timeoutTransport{timeout: t.timeout, maxBytes: maxToolboxResponse}, redact), c.config, originOf(base)}
	attempt := attempt{Route: t.Route, req: req, config: c.config, redact: redact}
	res, err := (&http.Client{Transport: rt, CheckRedirect: refuseRedirect}).Do(req)
	if err != nil {
		c.proxyCache.deleteToolbox(id) // it may have moved
		return toolboxResponse{}, attempt.transportError(err)
	}
	defer res.Body.Close()
	answer := readBody(res.Body)
	if res.StatusCode < 200 || res.StatusCode > 299 {
		return toolboxResponse{}, attempt.responseError(res, answer)
	}
	return toolboxResponse{attempt, res, answer}, nil
}

// toolboxURL is the address of the toolbox of a sandbox: at the proxy that the API
// names, or on servers that name none, at the API.
func (c *Client) toolboxURL(ctx context.Context, id string) (string, error) {
	urlRequest := request{method: http.MethodGet, path: []string{"sandbox", id, "toolbox-proxy-url"}}
	if _, err := urlRequest.escaped(); err != nil {
		return "", err
	}
	address, known := c.proxyCache.toolbox(id)
	if !known {
		answer, err := send[struct {
			URL string `json:"url"`
		}](ctx, c, urlRequest)
		if err != nil && ErrorClassOf(err) != NotSupported {
			return "", fmt.Errorf("finding the toolbox: %w", err)
		}
		address = answer.URL
		c.proxyCache.setToolbox(id, address)
	}
	if address == "" {
		return c.config.URL + "/toolbox/" + escapeElement(id) + "/toolbox", nil
	}
	proxy, err := c.proxyAddress(address)
	if err != nil {
		return "", c.proxyError(urlRequest, err)
	}
	return strings.TrimRight(proxy.String(), "/") + "/" + escapeElement(id), nil
}
