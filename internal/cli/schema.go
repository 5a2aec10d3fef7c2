package cli

import (
	"cmp"
	"strings"

	"github.com/spf13/cobra"

	"fleet/docs/schema"
	"fleet/internal/suggest"
)

func (a *app) schemaCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "schema [" + strings.Join(schema.Names(), " | ") + "]",
		Short: "Print the JSON Schema of specs, or of the JSON output",
		Long: `Prints a JSON Schema of the draft 2020-12: that of specs, by which editors
complete and check them as they are written, or that of the JSON that commands
print with -o json: plan (and show), drift, report (apply, destroy, and gc when
it carries something out), gc, doctor, validate, and of the lines of -o ndjson:
events. saved is that of the files that plan --save writes.`,
		Example: `  fleet schema > fleet.schema.json
  fleet schema plan`,
		Args:              cobra.MaximumNArgs(1),
		ValidArgsFunction: cobra.FixedCompletions(schema.Names(), cobra.ShellCompDirectiveNoFileComp),
		RunE: func(_ *cobra.Command, args []string) error {
			name := "spec"
			if len(args) > 0 {
				name = args[0]
			}
			text, ok := schema.Read(name)
			if !ok {
				hint := cmp.Or(suggest.DidYouMean(name, schema.Names()), "there are "+strings.Join(schema.Names(), ", "))
				return invalid("there is no schema %q; %s", name, hint)
			}
			_, err := a.Out.Write(text)
			return err
		},
	}
}
