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
	maxOutput    = 64 << 10         // bytes of the output of a command, and of a log
	maxToolbox   = 32 << 20         // bytes of an answer
	defaultLimit = 6 * time.Minute  // of a command, by the server
	toolboxSlack = 30 * time.Second // for the way there and back
	toolboxRoute = "/toolbox/{id}/"
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
	body := map[string]any{"command": shellWords(command.Line)}
	if len(command.Env) > 0 {
		body["envs"] = command.Env
	}
	limit := defaultLimit
	if seconds := wholeSeconds(command.Timeout); seconds > 0 {
		body["timeout"] = seconds
		limit = time.Duration(seconds) * time.Second
	}
	answer, err := c.toolbox(ctx, id, toolboxCall{
		operation: operation{Toolbox, true, "write:sandboxes"},
		request:   request{method: http.MethodPost, path: []string{"process", "execute"}, body: body},
		limit:     limit + toolboxSlack,
		secrets:   slices.Collect(maps.Values(command.Env)),
	})
	if err != nil {
		return CommandResult{}, err
	}
	return answer.result()
}

// wholeSeconds is a duration rounded up, as far as the server takes it.
func wholeSeconds(d time.Duration) int64 {
	return int64(math.Ceil(min(max(d.Seconds(), 0), math.MaxInt32)))
}

// result reads what came of a command.
func (a toolboxAnswer) result() (CommandResult, error) {
	var told struct {
		ExitCode *int   `json:"exitCode"`
		Code     *int   `json:"code"` // of older sandboxes
		Output   string `json:"result"`
	}
	if err := a.accepted(a.res, a.body, &told); err != nil {
		return CommandResult{}, err
	}
	code := cmp.Or(told.ExitCode, told.Code)
	if code == nil {
		return CommandResult{}, a.fail(Error{Status: a.res.StatusCode, Class: NotJSON, Message: "the answer holds no exit code"})
	}
	return CommandResult{*code, last(told.Output)}, nil
}

// SandboxLogs are what the command wrote that a started sandbox itself runs, at
// most the last 64 KiB, as far as the server keeps it. NotSupported and NotFound
// say that it does not. It counts as use of the sandbox.
func (c *Client) SandboxLogs(ctx context.Context, id string) (string, error) {
	answer, err := c.toolbox(ctx, id, toolboxCall{
		operation: operation{class: Toolbox},
		request:   request{method: http.MethodGet, path: []string{"process", "session", "entrypoint", "logs"}},
		limit:     attemptTimeout,
	})
	if err != nil {
		return "", err
	}
	return answer.log()
}

// log reads a log, which newer servers give as JSON.
func (a toolboxAnswer) log() (string, error) {
	if !isJSON(a.res) {
		return last(streams.Replace(string(a.body))), a.accepted(a.res, a.body, nil)
	}
	var f fields
	if err := a.accepted(a.res, a.body, &f); err != nil {
		return "", err
	}
	return last(cmp.Or(f.text("output"), f.text("stdout")+f.text("stderr"))), nil
}

// streams takes out the marks by which a log tells standard output and error.
var streams = strings.NewReplacer("\x01\x01\x01", "", "\x02\x02\x02", "")

// last is the end of a text.
func last(text string) string {
	if len(text) > maxOutput {
		text = text[len(text)-maxOutput:]
	}
	return strings.ToValidUTF8(text, "")
}

// shellWords gives a line to sh as one word. Toolboxes of some versions split
// commands at spaces and know no shell; of those, older ones know quotes, but
// nothing that takes their meaning away.
func shellWords(line string) string {
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
	operation
	request request
	limit   time.Duration // of an attempt
	secrets []string      // that it holds
}

// toolboxAnswer is a success, and what it answers.
type toolboxAnswer struct {
	attempt
	res  *http.Response
	body []byte
}

// toolbox makes a call.
func (c *Client) toolbox(ctx context.Context, id string, t toolboxCall) (toolboxAnswer, error) {
	base, err := c.toolboxOf(ctx, id)
	if err != nil {
		return toolboxAnswer{}, err
	}
	req, err := t.request.build(withCall(ctx, call{t.operation, t.request.path}), base)
	if err != nil {
		return toolboxAnswer{}, err
	}
	redact := newRedactor(append(t.secrets, c.config.Key, c.config.JWT)...)
	rt := signed{c.inside(bounded{time: t.limit, size: maxToolbox}, redact), c.config, originOf(base)}
	attempt := attempt{operation: t.operation, req: req, config: c.config, redact: redact}
	res, err := (&http.Client{Transport: rt, CheckRedirect: refuseRedirect}).Do(req)
	if err != nil {
		c.proxies.forget(id) // it may have moved
		return toolboxAnswer{}, attempt.unanswered(err)
	}
	defer res.Body.Close()
	answer := readAll(res.Body)
	if res.StatusCode < 200 || res.StatusCode > 299 {
		return toolboxAnswer{}, attempt.refused(res, answer)
	}
	return toolboxAnswer{attempt, res, answer}, nil
}

// toolboxOf is the address of the toolbox of a sandbox: at the proxy that the API
// names, or on servers that name none, at the API.
func (c *Client) toolboxOf(ctx context.Context, id string) (string, error) {
	ask := request{method: http.MethodGet, path: []string{"sandbox", id, "toolbox-proxy-url"}}
	if _, err := ask.escaped(); err != nil {
		return "", err
	}
	told, known := c.proxies.of(id)
	if !known {
		answer, err := send[struct {
			URL string `json:"url"`
		}](ctx, c, ask)
		if err != nil && ClassOf(err) != NotSupported {
			return "", fmt.Errorf("finding the toolbox: %w", err)
		}
		told = answer.URL
		c.proxies.told(id, told)
	}
	if told == "" {
		return c.config.URL + "/toolbox/" + escapeElement(id) + "/toolbox", nil
	}
	proxy, err := c.proxyAddress(told)
	if err != nil {
		return "", c.misled(ask, err)
	}
	return strings.TrimRight(proxy.String(), "/") + "/" + escapeElement(id), nil
}
