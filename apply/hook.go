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
	"fleet/internal/observe"
	"fleet/plan"
	"fleet/spec"
)

// hook runs a command of the user's. Before a destruction it is made sure that
// the sandbox is still what the plan saw; one that is gone needs no hook.
func (r *runner) hook(ctx context.Context, t *task, op plan.Op) error {
	about := struct{ id, name, state string }{cmp.Or(op.ID, t.id), t.step.Name, spec.Started}
	if op.Hook == "before_destroy" {
		o, err := observe.ReadSandbox(ctx, r.api, about.id)
		switch {
		case err != nil:
			return err
		case o == nil || o.Leaving():
			return nil
		}
		if err := r.spared(t, o); err != nil {
			return err
		}
		about.name, about.state = o.Name, o.State
	}
	last := ""
	tell := func(line string) {
		last = line
		select {
		case r.logged <- logLine{t.step, op.Verb, op.Hook + ": " + op.Of.Redact(line)}:
		case <-ctx.Done():
		}
	}
	variables := map[string]string{
		"FLEET_EVENT": op.Hook, "FLEET_NAME": r.fleet, "FLEET_ADDRESS": t.step.Address.String(),
		"FLEET_SANDBOX_ID": about.id, "FLEET_SANDBOX_NAME": about.name,
	}
	var err error
	switch {
	case op.Command.Exec == "":
		environment := slices.Clone(r.opts.Environment)
		for _, name := range slices.Sorted(maps.Keys(variables)) {
			environment = append(environment, name+"="+variables[name])
		}
		err = hook.Run(ctx, op.Command.Run, environment, op.Command.Timeout, tell)
	case about.state != spec.Started:
		tell(fmt.Sprintf("left out: the sandbox is %s, and nothing can be run in it", about.state))
	default:
		err = r.hookInside(ctx, about.id, op.Command, variables, tell)
	}
	if err != nil && ctx.Err() == nil {
		return fmt.Errorf("the hook %s failed: %w%s", op.Hook, err, op.Of.Redact(saying(last)))
	}
	return err
}

// hookInside runs a hook in a sandbox.
func (r *runner) hookInside(ctx context.Context, id string, h *spec.Hook, variables map[string]string, tell func(string)) error {
	limited, cancel := context.WithTimeout(ctx, h.Timeout)
	defer cancel()
	res, err := r.api.Exec(limited, id, client.Command{Line: h.Exec, Timeout: h.Timeout, Env: variables})
	for line := range strings.Lines(res.Output) {
		tell(strings.TrimRight(line, "\r\n"))
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
