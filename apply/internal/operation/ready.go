package operation

import (
	"context"
	"fmt"
	"strings"
	"time"

	"fleet/client"
	"fleet/internal/kind"
	"fleet/plan"
	"fleet/spec"
)

// probeState is what the readiness probe of a sandbox has found so far.
type probeState struct {
	failures    int       // checks that found it not ready
	stableSince time.Time // first of the latest successful checks in a row; zero if the last one failed
}

// probeReady checks whether the sandbox is ready. The check is repeated until it
// succeeds, and for as long as the sandbox has to stay ready.
func probeReady(ctx context.Context, e *Env, t *Task) (*Wait, error) {
	p := t.Step.Want.ReadinessProbe()
	reason, err := probe(ctx, e, t.ID, p)
	switch {
	case err != nil:
		return nil, err
	case reason != "":
		t.probe.stableSince = time.Time{}
		if t.probe.failures++; t.probe.failures > p.Retries {
			return nil, fmt.Errorf("it is not ready after %s: %s", plan.Plural(t.probe.failures, "check", "checks"), reason)
		}
		return RetryAfter("it to be ready: "+reason, p.Interval), nil
	case t.probe.stableSince.IsZero():
		t.probe.stableSince = e.Now()
	}
	if left := p.StableFor - e.Now().Sub(t.probe.stableSince); left > 0 {
		return RetryAfter(fmt.Sprintf("it to stay ready for %s", p.StableFor), min(left, p.Interval)), nil
	}
	return nil, nil
}

// probes are the checks of a readiness probe. A check returns why the sandbox is not
// ready; empty if it is, or the check is not configured.
var probes = []func(ctx context.Context, api *client.Client, id string, p *spec.ReadinessProbe) (reason string, err error){
	probeExec, probePort, probeLog,
}

// probe checks once, and returns why the sandbox is not ready; empty if it is. Only a
// sandbox that is gone and refused credentials are errors.
func probe(ctx context.Context, e *Env, id string, p *spec.ReadinessProbe) (reason string, err error) {
	limited, cancel := context.WithTimeout(ctx, p.Timeout)
	defer cancel()
	for _, check := range probes {
		reason, err := check(limited, e.API, id, p)
		switch client.ErrorClassOf(err) {
		case client.Unauthorized, client.Forbidden, client.Suspended:
			return "", err
		case client.NotFound:
			if o, readErr := kind.ReadSandbox(limited, e.API, id); readErr == nil && (o == nil || o.Deleting()) {
				return "", errDeleted
			}
		}
		// The timeout of one check counts as not ready; the end of the step does not.
		switch {
		case ctx.Err() != nil:
			return "", ctx.Err()
		case limited.Err() != nil:
			reason = fmt.Sprintf("no answer within %s", p.Timeout)
		case err != nil:
			reason = err.Error()
		}
		if reason != "" {
			return reason, nil
		}
	}
	return "", nil
}

func probeExec(ctx context.Context, api *client.Client, id string, p *spec.ReadinessProbe) (string, error) {
	if p.Exec == "" {
		return "", nil
	}
	res, err := api.Exec(ctx, id, client.Command{Line: p.Exec, Timeout: p.Timeout})
	if err != nil || res.ExitCode == 0 {
		return "", err
	}
	return fmt.Sprintf("%s: exit code %d%s", p.Exec, res.ExitCode, lastLineOf(res.Output)), nil
}

func probePort(ctx context.Context, api *client.Client, id string, p *spec.ReadinessProbe) (string, error) {
	if p.Port == 0 {
		return "", nil
	}
	status, err := api.Probe(ctx, id, p.Port, p.Path)
	if err != nil || status < 400 {
		return "", err
	}
	return fmt.Sprintf("port %d answers %s with status %d", p.Port, p.Path, status), nil
}

func probeLog(ctx context.Context, api *client.Client, id string, p *spec.ReadinessProbe) (string, error) {
	if p.Log == nil {
		return "", nil
	}
	logs, err := api.SandboxLogs(ctx, id)
	if err != nil {
		return "", err
	}
	for line := range strings.Lines(logs) {
		if p.Log.MatchString(strings.TrimRight(line, "\r\n")) {
			return "", nil
		}
	}
	return fmt.Sprintf("no line of its logs matches %s", p.Log), nil
}

// lastLineOf returns the last line of an output, to be appended to an error: it often
// holds the cause. It is empty if the output is.
func lastLineOf(output string) string {
	const maxLength = 200
	output = strings.TrimSpace(output)
	if i := strings.LastIndexByte(output, '\n'); i >= 0 {
		output = output[i+1:]
	}
	if runes := []rune(output); len(runes) > maxLength {
		output = "..." + string(runes[len(runes)-maxLength:])
	}
	if output == "" {
		return ""
	}
	return ": " + output
}
