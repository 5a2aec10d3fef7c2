package cli

import (
	"github.com/spf13/cobra"

	"fleet/internal/render"
	"fleet/spec"
)

// configOptions are the flags of fleet config.
type configOptions struct {
	output  outputFlag[render.Config]
	explain bool
}

func (o *configOptions) declare(f *flagSet) {
	o.output.declare(f, func(f render.Format) render.Writer[render.Config] { return f.Config })
	f.BoolVar(&o.explain, "explain", false, "show where each value comes from")
}

func (a *app) configCommand() *cobra.Command {
	var o configOptions
	cmd := &cobra.Command{
		Use:   "config",
		Short: "Print the resolved spec",
		Long: `Prints the spec after includes, variables, templates, defaults and the
environment are resolved: one block for each resource or group. Secret values are
hidden; values given by reference are printed as the reference. It sends nothing.`,
		Example: `  fleet config -e prod
  fleet config -e prod --explain`,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			options, err := a.specOptions()
			if err != nil {
				return err
			}
			options.Explain, options.Hasher, options.ResolveDigest = true, nil, nil
			f, err := a.loadWith(options)
			if err != nil {
				return err
			}
			c := render.Config{Fleet: f}
			if o.explain {
				c.Encoder.Comment = (*spec.Resource).Origin
			}
			return o.output.write(a.out, c)
		},
	}
	o.declare(flagsOf(cmd))
	return cmd
}
