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

// hookEnvironment is the environment of hooks on this machine: that of fleet,
// without credentials and without whatever holds a sensitive value of the spec.
func (a *app) hookEnvironment(f *spec.Fleet) []string {
	return slices.DeleteFunc(os.Environ(), func(entry string) bool {
		name, value, _ := strings.Cut(entry, "=")
		if name == "DAYTONA_API_KEY" || name == "DAYTONA_JWT_TOKEN" || strings.HasPrefix(name, "FLEET_VAR_") {
			return true
		}
		return slices.ContainsFunc(f.Sensitive(), func(secret string) bool { return secret != "" && strings.Contains(value, secret) })
	})
}

// runHook runs a hook around the run. Its output goes to standard error.
func (p *pass) runHook(ctx context.Context, name string, h *spec.Hook, more ...string) error {
	if h == nil {
		return nil
	}
	environment := append(p.hookEnvironment(p.fleet), append([]string{"FLEET_EVENT=" + name, "FLEET_NAME=" + p.fleet.Name}, more...)...)
	err := hook.Run(ctx, h.Run, environment, h.Timeout, func(line string) { p.note("%s | %s", name, line) })
	if err != nil {
		return fmt.Errorf("the hook %s failed: %w", name, err)
	}
	return nil
}

// before runs what the spec wants run before an apply.
func (p *pass) before(ctx context.Context, pl *plan.Plan) error {
	c := pl.Counts()
	return p.runHook(ctx, "before_apply", p.fleet.Hooks.BeforeApply, counted("FLEET_CREATE", c.Create), counted("FLEET_CHANGE", c.Change),
		counted("FLEET_REPLACE", c.Replace), counted("FLEET_DESTROY", c.Destroy))
}

// after runs what the spec wants run after an apply, however that ended; not
// when it was left at once.
func (p *pass) after(ctx context.Context, r *apply.Report) error {
	outcome := "done"
	switch {
	case r.Interrupted:
		outcome = "interrupted"
	case r.Partly():
		outcome = "partly"
	case !r.OK():
		outcome = "failed"
	}
	return p.runHook(ctx, "after_apply", p.fleet.Hooks.AfterApply, "FLEET_OUTCOME="+outcome,
		counted("FLEET_DONE", r.Count(apply.Done)), counted("FLEET_FAILED", r.Count(apply.Failed)))
}

func counted(name string, n int) string { return fmt.Sprintf("%s=%d", name, n) }
