package operation

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

// A hookTarget is the sandbox that a hook is run for.
type hookTarget struct{ id, name, state string }

// runHook runs a command of the user's, on this machine or in the sandbox.
func runHook(ctx context.Context, e *Env, t *Task) error {
	op := t.op()
	target := hookTarget{cmp.Or(op.ID, t.ID), t.Step.Name, spec.Started}
	// Other hooks run when the plan has just started the sandbox. This one finds it in
	// any state, and must not run for a sandbox that is not going to be deleted.
	if op.HookName == "before_destroy" {
		o, err := readDoomed(ctx, e, t, target.id)
		if o == nil || err != nil {
			return err
		}
		target.name, target.state = o.Name, o.State
	}
	lastLine := ""
	redacted := func(text string) string { return e.HookRedactor.Text(op.Resource.Redact(text)) }
	emit := func(line string) {
		lastLine = line
		e.Log(ctx, t.Step, op.Verb, op.HookName+": "+redacted(line))
	}
	variables := map[string]string{
		"FLEET_EVENT": op.HookName, "FLEET_NAME": e.Name, "FLEET_ADDRESS": t.Step.Address.String(),
		"FLEET_SANDBOX_ID": target.id, "FLEET_SANDBOX_NAME": target.name,
	}
	var err error
	switch {
	case op.Command.Exec == "":
		environment := slices.Clone(e.HookEnvironment)
		for _, name := range slices.Sorted(maps.Keys(variables)) {
			environment = append(environment, name+"="+variables[name])
		}
		err = hook.Run(ctx, op.Command.Run, environment, op.Command.Timeout, emit)
	case target.state != spec.Started:
		emit(fmt.Sprintf("skipped: the sandbox is %s, and no command can run in it", target.state))
	default:
		err = runInSandbox(ctx, e, target.id, op.Command, variables, emit)
	}
	// If the step's own deadline or the run has ended, that is the error to report.
	if err != nil && ctx.Err() == nil {
		return fmt.Errorf("the hook %s failed: %w%s", op.HookName, err, redacted(lastLineOf(lastLine)))
	}
	return err
}

// readDoomed reads a sandbox before a hook that precedes its deletion, and returns an
// error if it must not be deleted. It returns nil if the sandbox is gone, which needs no
// hook.
func readDoomed(ctx context.Context, e *Env, t *Task, id string) (*plan.Object, error) {
	o, err := kind.ReadSandbox(ctx, e.API, id)
	if err != nil || o == nil || o.Deleting() {
		return nil, err
	}
	return o, t.checkDeletable(e, o)
}

// runInSandbox runs a hook in a sandbox.
func runInSandbox(ctx context.Context, e *Env, id string, h *spec.Hook, variables map[string]string, emit func(string)) error {
	limited, cancel := context.WithTimeout(ctx, h.Timeout)
	defer cancel()
	res, err := e.API.Exec(limited, id, client.Command{Line: h.Exec, Timeout: h.Timeout, Env: variables})
	for line := range strings.Lines(res.Output) {
		emit(strings.TrimRight(line, "\r\n"))
	}
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case limited.Err() != nil:
		return fmt.Errorf("timed out after %s", h.Timeout)
	case err == nil && res.ExitCode != 0:
		return fmt.Errorf("exit code %d", res.ExitCode)
	}
	return err
}
