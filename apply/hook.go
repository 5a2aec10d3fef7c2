package apply

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"fleet/client"
	"fleet/internal/hook"
	"fleet/internal/kind"
	"fleet/plan"
	"fleet/spec"
)

// hook runs a command of the user's. Before a destruction it is made sure that
// the sandbox is still what the plan saw; one that is gone needs no hook.
func (r *runner) hook(ctx context.Context, t *task, op plan.Op) error {
	target := struct{ id, name, state string }{cmp.Or(op.ID, t.id), t.step.Name, spec.Started}
	if op.HookName == "before_destroy" {
		o, err := kind.ReadSandbox(ctx, r.api, target.id)
		switch {
		case err != nil:
			return err
		case o == nil || o.Deleting():
			return nil
		}
		if err := r.checkDeletable(t, o); err != nil {
			return err
		}
		target.name, target.state = o.Name, o.State
	}
	lastLine := ""
	emit := func(line string) {
		lastLine = line
		select {
		case r.logged <- logLine{t.step, op.Verb, op.HookName + ": " + op.Resource.Redact(line)}:
		case <-ctx.Done():
		}
	}
	variables := map[string]string{
		"FLEET_EVENT": op.HookName, "FLEET_NAME": r.fleet, "FLEET_ADDRESS": t.step.Address.String(),
		"FLEET_SANDBOX_ID": target.id, "FLEET_SANDBOX_NAME": target.name,
	}
	var err error
	switch {
	case op.Command.Exec == "":
		environment := slices.Clone(r.opts.HookEnvironment)
		for _, name := range slices.Sorted(maps.Keys(variables)) {
			environment = append(environment, name+"="+variables[name])
		}
		err = hook.Run(ctx, op.Command.Run, environment, op.Command.Timeout, emit)
	case target.state != spec.Started:
		emit(fmt.Sprintf("left out: the sandbox is %s, and nothing can be run in it", target.state))
	default:
		err = r.hookInSandbox(ctx, target.id, op.Command, variables, emit)
	}
	if err != nil && ctx.Err() == nil {
		return fmt.Errorf("the hook %s failed: %w%s", op.HookName, err, op.Resource.Redact(outputSuffix(lastLine)))
	}
	return err
}

// hookInSandbox runs a hook in a sandbox.
func (r *runner) hookInSandbox(ctx context.Context, id string, h *spec.Hook, variables map[string]string, emit func(string)) error {
	limited, cancel := context.WithTimeout(ctx, h.Timeout)
	defer cancel()
	res, err := r.api.Exec(limited, id, client.Command{Line: h.Exec, Timeout: h.Timeout, Env: variables})
	for line := range strings.Lines(res.Output) {
		emit(strings.TrimRight(line, "\r\n"))
	}
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case limited.Err() != nil:
		return fmt.Errorf("it did not end within %s", h.Timeout)
	case err == nil && res.ExitCode != 0:
		return fmt.Errorf("exit code %d", res.ExitCode)
	}
	return err
}
