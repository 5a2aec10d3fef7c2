package cli

import (
	"runtime/debug"

	"github.com/spf13/cobra"

	"fleet/internal/render"
)

// release is the version of release builds, which the linker sets.
var release = ""

// Version returns the version of the program: that of the release, or else the
// version of the module, or dev.
func Version() string {
	if release != "" {
		return release
	}
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Version == "" || info.Main.Version == "(devel)" {
		return "dev"
	}
	return info.Main.Version
}

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
			return o.output.write(a.out, render.Build{Version: Version()})
		},
	}
	o.declare(flagsOf(cmd))
	return cmd
}
