package cli

import (
	"github.com/spf13/cobra"

	"fleet/internal/doctor"
	"fleet/internal/render"
	"fleet/spec"
)

func (a *app) doctorCommand() *cobra.Command {
	var output string
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "Check server, credentials, quotas and the health of the fleet",
		Long: `Says where the URL, the credentials and the proxy come from. Looks at the
server's version and clock, the permissions of the API key, the
quota, the rate limits, and at what is in an error state, stuck, inactive or a
duplicate. It only reads, and exits with 2 when it finds something.`,
		Example: `  fleet doctor
  fleet doctor -o json | jq '.checks[] | select(.level == "finding")'`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			a.specFlags.unset = spec.UnsetAll
			f, s, err := a.loadAndOpen(cmd.Context())
			if err != nil {
				return err
			}
			defer s.close()
			exam, err := doctor.Observe(cmd.Context(), s.Client, f)
			if err != nil {
				return err
			}
			exam.Connection = originsText(s.config, s.address)
			checks := doctor.Diagnose(f, exam)
			if output == "json" {
				err = render.ChecksJSON(a.Out, f.Name, checks)
			} else {
				render.Checks(a.Out, checks, a.style(a.Out))
			}
			if err == nil && !doctor.Healthy(checks) {
				return &exitError{codeDifferences, nil}
			}
			return err
		},
	}
	a.outputFlag(cmd, &output)
	return cmd
}
