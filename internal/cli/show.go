package cli

import (
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"fleet/internal/exit"
	"fleet/internal/render"
	"fleet/plan"
)

// showOptions are the flags of fleet show.
type showOptions struct {
	output outputFlag[*render.Document]
	full   bool
}

func (o *showOptions) declare(f *flagSet) {
	o.output.declare(f, func(f render.Format) render.Writer[*render.Document] { return f.Show })
	f.BoolVar(&o.full, "full", false, "show every step, including identical ones")
}

func (a *app) showCommand() *cobra.Command {
	var o showOptions
	cmd := &cobra.Command{
		Use:   "show FILE",
		Short: "Show a saved plan",
		Long: `Prints a plan that fleet plan --save wrote, as plan printed it. It needs no spec and no
server, and sends nothing. Only fleet apply checks whether the plan
is still up to date.`,
		Example: `  fleet show p.json
  fleet show p.json -o json | jq .summary`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			saved, err := readSaved(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			shown := saved.Plan()
			if _, version, chosen := strings.Cut(o.output.format, "@"); chosen && version != "1" && shown.TextOnly {
				return exit.Invalidf("an earlier version of fleet saved %s, with values only as text, which %s cannot have; use -o json@1, or plan again", args[0], o.output.format)
			}
			notes := o.output.format == render.TextFormat
			if notes {
				a.note("Saved %s by fleet %s, for %s.", saved.Created.Format(time.RFC3339), saved.Program, serverText(saved.Server))
			}
			style := a.style(a.out)
			style.Full = o.full
			err = o.output.write(a.out, &render.Document{Plan: shown, Style: style, Version: Version()})
			if notes {
				a.note("Digest: %s", saved.Digest)
			}
			return err
		},
	}
	o.declare(flagsOf(cmd))
	return cmd
}

// serverText returns the server of a plan for a user.
func serverText(s plan.SavedServer) string {
	if s.Organization == "" {
		return s.URL
	}
	return fmt.Sprintf("organisation %s at %s", s.Organization, s.URL)
}
