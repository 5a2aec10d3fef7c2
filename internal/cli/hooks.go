package cli

import (
	"cmp"
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

// hookCredentialsFlag declares the flag that gives hooks the credentials. There is no
// other way to do so: files of a checkout must not be able to request them.
func hookCredentialsFlag(f *flagSet, o *runOptions) {
	f.BoolVar(&o.hookCredentials, "hooks-with-credentials", false, "give hooks on this machine the connection and its credentials, as Daytona's SDKs read them")
}

// hookEnvironment returns the environment of hooks on this machine: that of fleet,
// without what connects to Daytona and without variables that hold a secret, and with the
// connection of the session if the flag is given.
func (p *planRun) hookEnvironment() []string {
	config := p.session.config
	secrets := append(p.fleet.Sensitive(), config.Key, config.JWT)
	environment := slices.DeleteFunc(os.Environ(), func(entry string) bool {
		name, value, _ := strings.Cut(entry, "=")
		if slices.Contains(connectionVariables, name) || strings.HasPrefix(name, "FLEET_VAR_") {
			return true
		}
		return slices.ContainsFunc(secrets, func(secret string) bool { return secret != "" && strings.Contains(value, secret) })
	})
	if !p.options.hookCredentials {
		return environment
	}
	for i, value := range []string{config.Key, config.JWT, config.URL, config.Target, cmp.Or(config.Organization, p.session.organization)} {
		if value != "" {
			environment = append(environment, connectionVariables[i]+"="+value)
		}
	}
	return environment
}

// connectionVariables are the variables of the connection, by which Daytona's SDKs know
// it, in the order of hookEnvironment. The last one is an old name.
var connectionVariables = []string{"DAYTONA_API_KEY", "DAYTONA_JWT_TOKEN", "DAYTONA_API_URL", "DAYTONA_TARGET", "DAYTONA_ORGANIZATION_ID", "DAYTONA_SERVER_URL"}

// runHook runs a hook of the fleet; a nil one does nothing. Its output goes to
// standard error.
func (p *planRun) runHook(ctx context.Context, name string, h *spec.Hook, more ...string) error {
	if h == nil {
		return nil
	}
	environment := append(p.hookEnvironment(), append([]string{"FLEET_EVENT=" + name, "FLEET_NAME=" + p.fleet.Name}, more...)...)
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
