package cli

import (
	"context"

	"github.com/spf13/cobra"

	"fleet/internal/doctor"
	"fleet/internal/exit"
	"fleet/internal/render"
	"fleet/internal/settings"
	"fleet/spec"
)

// doctorOptions are the flags of fleet doctor.
type doctorOptions struct {
	output outputFlag[render.Examination]
}

func (o *doctorOptions) declare(f *flagSet) {
	o.output.declare(f, func(f render.Format) render.Writer[render.Examination] { return f.Doctor })
}

func (a *app) doctorCommand() *cobra.Command {
	var o doctorOptions
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "Check server, credentials, quotas and the health of the fleet",
		Long: `Shows where the URL, the credentials and the proxy come from. Checks the version
and the clock of the server, the permissions of the API key, the quota, the rate
limits and the registries of private images, and finds objects that are in an error
state, stuck, inactive or duplicates. It only reads, and exits with 2 if it finds a
problem.`,
		Example: `  fleet doctor
  fleet doctor -o json | jq '.checks[] | select(.level == "finding")'`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.examine(cmd.Context(), o) },
	}
	o.declare(flagsOf(cmd))
	return cmd
}

// examine prints what is wrong with the server or the fleet, and returns an
// error if anything is.
func (a *app) examine(ctx context.Context, o doctorOptions) error {
	a.flags.spec.unset = spec.UnsetAll
	f, s, err := a.loadAndOpen(ctx)
	if err != nil {
		return err
	}
	defer s.close()
	observed, err := doctor.Observe(ctx, s.Client, f)
	if err != nil {
		return err
	}
	observed.Connection = settings.ConnectionText(s.config, s.address)
	checks := doctor.Diagnose(f, observed)
	err = o.output.write(a.out, render.Examination{Fleet: f.Name, Checks: checks, Style: a.style(a.out)})
	if err == nil && !doctor.Healthy(checks) {
		return exit.Silent(exit.Differences)
	}
	return err
}
