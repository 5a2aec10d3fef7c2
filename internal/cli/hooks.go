package cli

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"

	"fleet/apply"
	"fleet/internal/hook"
	"fleet/plan"
	"fleet/spec"
)

// hookEnvironment returns the environment of hooks on this machine: that of
// fleet, without credentials and without variables that hold a secret of the
// spec.
func hookEnvironment(f *spec.Fleet) []string {
	return slices.DeleteFunc(os.Environ(), func(entry string) bool {
		name, value, _ := strings.Cut(entry, "=")
		if name == "DAYTONA_API_KEY" || name == "DAYTONA_JWT_TOKEN" || strings.HasPrefix(name, "FLEET_VAR_") {
			return true
		}
		return slices.ContainsFunc(f.Sensitive(), func(secret string) bool { return secret != "" && strings.Contains(value, secret) })
	})
}

// runHook runs a hook of the fleet; a nil one does nothing. Its output goes to
// standard error.
func (p *planRun) runHook(ctx context.Context, name string, h *spec.Hook, more ...string) error {
	if h == nil {
		return nil
	}
	environment := append(hookEnvironment(p.fleet), append([]string{"FLEET_EVENT=" + name, "FLEET_NAME=" + p.fleet.Name}, more...)...)
	err := hook.Run(ctx, h.Run, environment, h.Timeout, func(line string) { p.app.note("%s | %s", name, line) })
	if err != nil {
		return fmt.Errorf("hook %s failed: %w", name, err)
	}
	return nil
}

// runBeforeHook runs the hook before an apply.
func (p *planRun) runBeforeHook(ctx context.Context, pl *plan.Plan) error {
	c := pl.Counts()
	return p.runHook(ctx, "before_apply", p.fleet.Hooks.BeforeApply, countVar("FLEET_CREATE", c.Create), countVar("FLEET_CHANGE", c.Change),
		countVar("FLEET_REPLACE", c.Replace), countVar("FLEET_DESTROY", c.Destroy))
}

// runAfterHook runs the hook after an apply, whether that succeeded or not. A
// second Ctrl-C has ended ctx, and the hook with it.
func (p *planRun) runAfterHook(ctx context.Context, r *apply.Report) error {
	outcome := "done"
	switch {
	case r.Interrupted:
		outcome = "interrupted"
	case r.Partial():
		outcome = "partly"
	case !r.OK():
		outcome = "failed"
	}
	return p.runHook(ctx, "after_apply", p.fleet.Hooks.AfterApply, "FLEET_OUTCOME="+outcome,
		countVar("FLEET_DONE", r.Count(apply.Done)), countVar("FLEET_FAILED", r.Count(apply.Failed)))
}

func countVar(name string, n int) string { return fmt.Sprintf("%s=%d", name, n) }
