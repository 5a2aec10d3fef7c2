package cli

import (
	"cmp"
	"encoding/json"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"fleet/docs/schema"
	"fleet/internal/exit"
	"fleet/internal/jsonschema"
	"fleet/internal/specdoc"
	"fleet/internal/suggest"
)

func (a *app) schemaCommand() *cobra.Command {
	editor := false
	cmd := &cobra.Command{
		Use:   "schema [" + strings.Join(schema.Names(), " | ") + "]",
		Short: "Print the JSON Schema of specs, or of the JSON output",
		Long: `Prints a JSON Schema (draft 2020-12). Without an argument it is the schema of
specs, with which editors complete and check them. The others describe what
commands print with -o json: plan (and show), drift, report (apply, destroy, and
gc when it applies a plan), gc, doctor and validate; events is a line of -o
ndjson, and saved a file that plan --save writes.

With --editor, the schema of specs has sentences for values that match no
pattern. Editors with yaml-language-server show them; strict validators refuse
their keyword.`,
		Example: `  fleet schema --editor > fleet.schema.json
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
				hint := cmp.Or(suggest.DidYouMean(name, schema.Names()), "valid names: "+strings.Join(schema.Names(), ", "))
				return exit.Invalidf("unknown schema %q; %s", name, hint)
			}
			if editor && name != "spec" {
				return exit.Invalidf("--editor is for the schema of specs, not of %s", name)
			}
			if editor {
				return writeSchema(a.out, specdoc.EditorSchema())
			}
			_, err := a.out.Write(text)
			return err
		},
	}
	flagsOf(cmd).BoolVar(&editor, "editor", false, "with sentences for values that match no pattern")
	return cmd
}

// writeSchema writes a schema as JSON.
func writeSchema(w io.Writer, s jsonschema.Schema) error {
	out := json.NewEncoder(w)
	out.SetEscapeHTML(false)
	out.SetIndent("", "  ")
	return out.Encode(s)
}
