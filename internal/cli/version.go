package cli

import (
	"runtime/debug"

	"github.com/spf13/cobra"

	"fleet/internal/render"
)

// versionOptions are the flags of fleet version.
type versionOptions struct{ output outputFlag[render.Build] }

func (o *versionOptions) declare(f *flagSet) {
	o.output.declare(f, func(f render.Format) render.Writer[render.Build] { return f.Version })
}

func (a *app) versionCommand() *cobra.Command {
	var o versionOptions
	cmd := &cobra.Command{
		Use:   "version",
		Short: "Print the version",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			info, _ := debug.ReadBuildInfo()
			return o.output.write(a.out, buildOf(info))
		},
	}
	o.declare(flagsOf(cmd))
	return cmd
}
