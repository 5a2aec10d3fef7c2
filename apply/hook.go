package apply

import (
	"cmp"
	"context"
	"fmt"
	"strings"

	"fleet/client"
	"fleet/internal/hook"
	"fleet/plan"
	"fleet/spec"
)

// hook runs a command of the user's. Before a destruction it is made sure that
// the sandbox is still what the plan saw; one that is gone needs no hook.
func (r *runner) hook(ctx context.Context, t *task, op plan.Op) error {
	state, id := spec.Started, cmp.Or(op.ID, t.id)
	if op.Hook == "before_destroy" {
		o, err := readSandbox(ctx, r.api, id)
		switch {
		case err != nil:
			return err
		case o == nil || o.Leaving():
			return nil
		}
		if wrong := t.step.Stale(o); wrong != "" {
			return errStale(wrong)
		}
		state = o.State
	}
	tell := func(line string) {
		if t.step.Want != nil {
			line = t.step.Want.Redact(line)
		}
		select {
		case r.logged <- logLine{t.step, op.Hook + ": " + line}:
		case <-ctx.Done():
		}
	}
	if op.Command.Exec != "" {
		if state != spec.Started {
			tell(fmt.Sprintf("left out: the sandbox is %s, and nothing can be run in it", state))
			return nil
		}
		return r.hookInside(ctx, t, id, op, tell)
	}
	name := t.step.Name
	if op.Hook == "before_destroy" {
		name = t.step.Have.Name
	}
	environment := append(r.opts.Environment[:len(r.opts.Environment):len(r.opts.Environment)],
		"FLEET_EVENT="+op.Hook, "FLEET_NAME="+r.fleet, "FLEET_ADDRESS="+t.step.Address.String(),
		"FLEET_SANDBOX_ID="+id, "FLEET_SANDBOX_NAME="+name)
	if err := hook.Run(ctx, op.Command.Run, environment, op.Command.Timeout, tell); err != nil {
		return fmt.Errorf("the hook %s failed: %w", op.Hook, err)
	}
	return nil
}

// hookInside runs a hook in the sandbox.
func (r *runner) hookInside(ctx context.Context, t *task, id string, op plan.Op, tell func(string)) error {
	limited, cancel := context.WithTimeout(ctx, op.Command.Timeout)
	defer cancel()
	res, err := r.api.Exec(limited, id, client.Command{
		Line: op.Command.Exec, Timeout: op.Command.Timeout,
		Env: map[string]string{"FLEET_EVENT": op.Hook, "FLEET_NAME": r.fleet, "FLEET_ADDRESS": t.step.Address.String(), "FLEET_SANDBOX_ID": id},
	})
	for line := range strings.Lines(res.Output) {
		tell(strings.TrimRight(line, "\r\n"))
	}
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case limited.Err() != nil:
		return fmt.Errorf("the hook %s failed: it did not end within %s", op.Hook, op.Command.Timeout)
	case err != nil:
		return fmt.Errorf("the hook %s failed: %w", op.Hook, err)
	case res.ExitCode != 0:
		return fmt.Errorf("the hook %s failed: exit code %d", op.Hook, res.ExitCode)
	}
	return nil
}
