package cli

import (
	"encoding/json"
	"fmt"

	"github.com/spf13/cobra"

	"fleet/spec"
)

func (a *app) configCommand() *cobra.Command {
	var format string
	var explain bool
	cmd := &cobra.Command{
		Use:   "config",
		Short: "Print the resolved spec",
		Long: `Prints the spec as it is after includes, variables, templates, defaults and the
environment: one block for each resource or group. Secret values are hidden;
those given by reference are printed as the reference. It sends nothing.`,
		Example: `  fleet config -e prod
  fleet config -e prod --explain`,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			o, err := a.specOptions()
			if err != nil {
				return err
			}
			o.Explain = true
			f, err := a.loadWith(o)
			if err != nil {
				return err
			}
			var e spec.Encoder
			if explain {
				e.Comment = (*spec.Resource).Origin
			}
			if format == "yaml" {
				return e.Encode(a.Out, f)
			}
			root, err := e.Node(f)
			if err != nil {
				return err
			}
			var v any
			if err := root.Decode(&v); err != nil {
				return fmt.Errorf("writing the spec: %w", err)
			}
			enc := json.NewEncoder(a.Out)
			enc.SetIndent("", "  ")
			enc.SetEscapeHTML(false)
			return enc.Encode(v)
		},
	}
	a.formatFlag(cmd, &format, "yaml", "json")
	cmd.Flags().BoolVar(&explain, "explain", false, "show where each value comes from")
	return cmd
}
