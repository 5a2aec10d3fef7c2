package apply

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

// A checked is what was found out about whether a sandbox is ready.
type probeState struct {
	failures    int       // checks
	stableSince time.Time // when it was first found ready in a row; zero: it was not the last time
}

// probeReady checks whether the sandbox is ready. While it is not, and as long as it
// has to stay so, the check is repeated.
func (r *runner) probeReady(ctx context.Context, t *task) (*wait, error) {
	g := t.step.Want.ReadinessProbe()
	why, err := r.probe(ctx, t, g)
	switch {
	case err != nil:
		return nil, err
	case why != "":
		t.probe.stableSince = time.Time{}
		if t.probe.failures++; t.probe.failures > g.Retries {
			return nil, fmt.Errorf("it is not ready after %s: %s", plan.Plural(t.probe.failures, "check", "checks"), why)
		}
		return retryAfter("it to be ready: "+why, g.Interval), nil
	case t.probe.stableSince.IsZero():
		t.probe.stableSince = time.Now()
	}
	if left := g.StableFor - time.Since(t.probe.stableSince); left > 0 {
		return retryAfter(fmt.Sprintf("it to stay ready for %s", g.StableFor), min(left, g.Interval)), nil
	}
	return nil, nil
}

// retryAfter waits for a time, after which the operation is tried again.
func retryAfter(what string, d time.Duration) *wait {
	return &wait{description: what, retry: true, due: time.Now().Add(d)}
}

// probe checks once, and says why the sandbox is not ready; "" when it is.
// Whatever a sandbox answers is no error.
func (r *runner) probe(ctx context.Context, t *task, g *spec.ReadinessProbe) (why string, err error) {
	outer := ctx
	ctx, cancel := context.WithTimeout(ctx, g.Timeout)
	defer cancel()
	for _, one := range []func(context.Context, string, *spec.ReadinessProbe) (string, error){r.probeExec, r.probePort, r.probeLog} {
		why, err := one(ctx, t.id, g)
		switch client.ErrorClassOf(err) {
		case client.Unauthorized, client.Forbidden, client.Suspended:
			return "", err
		case client.NotFound:
			if o, readErr := kind.ReadSandbox(ctx, r.api, t.id); readErr == nil && (o == nil || o.Deleting()) {
				return "", errDeleted
			}
		}
		switch {
		case outer.Err() != nil:
			return "", outer.Err()
		case ctx.Err() != nil:
			why = fmt.Sprintf("no answer within %s", g.Timeout)
		case err != nil:
			why = err.Error()
		}
		if why != "" {
			return why, nil
		}
	}
	return "", nil
}

func (r *runner) probeExec(ctx context.Context, id string, g *spec.ReadinessProbe) (string, error) {
	if g.Exec == "" {
		return "", nil
	}
	res, err := r.api.Exec(ctx, id, client.Command{Line: g.Exec, Timeout: g.Timeout})
	if err != nil || res.ExitCode == 0 {
		return "", err
	}
	return fmt.Sprintf("%s: exit code %d%s", g.Exec, res.ExitCode, outputSuffix(res.Output)), nil
}

func (r *runner) probePort(ctx context.Context, id string, g *spec.ReadinessProbe) (string, error) {
	if g.Port == 0 {
		return "", nil
	}
	status, err := r.api.Probe(ctx, id, g.Port, g.Path)
	if err != nil || status < 400 {
		return "", err
	}
	return fmt.Sprintf("port %d answers %s with status %d", g.Port, g.Path, status), nil
}

func (r *runner) probeLog(ctx context.Context, id string, g *spec.ReadinessProbe) (string, error) {
	if g.Log == nil {
		return "", nil
	}
	logs, err := r.api.SandboxLogs(ctx, id)
	if err != nil {
		return "", err
	}
	for line := range strings.Lines(logs) {
		if g.Log.MatchString(strings.TrimRight(line, "\r\n")) {
			return "", nil
		}
	}
	return fmt.Sprintf("no line of its logs matches %s", g.Log), nil
}

// outputSuffix is the end of an output, for an error; "" of none.
func outputSuffix(output string) string {
	output = strings.TrimSpace(output)
	if i := strings.LastIndexByte(output, '\n'); i >= 0 {
		output = output[i+1:]
	}
	const longest = 200
	if r := []rune(output); len(r) > longest {
		output = "..." + string(r[len(r)-longest:])
	}
	if output == "" {
		return ""
	}
	return ": " + output
}
