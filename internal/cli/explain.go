package cli

import (
	"github.com/spf13/cobra"

	"fleet/internal/exit"
	"fleet/internal/render"
	"fleet/internal/specdoc"
)

// explainOptions are the flags of fleet explain.
type explainOptions struct {
	output outputFlag[render.Explanation]
}

func (o *explainOptions) declare(f *flagSet) {
	o.output.declare(f, func(f render.Format) render.Writer[render.Explanation] { return f.Explain })
}

func (a *app) explainCommand() *cobra.Command {
	var o explainOptions
	cmd := &cobra.Command{
		Use:   "explain [KIND[.ATTRIBUTE] | KEY]",
		Short: "Explain the keys of a spec",
		Long: `Explains a kind of resource, one of its attributes, or a key of the spec: its
purpose, its values, how a change is applied, and how drift is detected. Without an
argument it lists all topics. It needs no spec and no server.`,
		Example: `  fleet explain
  fleet explain sandbox
  fleet explain sandbox.auto_stop_interval
  fleet explain resources.cpu -o json`,
		Args:              cobra.MaximumNArgs(1),
		ValidArgsFunction: completeTopics,
		RunE: func(_ *cobra.Command, args []string) error {
			x := render.Explanation{Style: a.style(a.out)}
			if len(args) == 0 {
				x.Kinds, x.Keys = specdoc.Reference()
				return o.output.write(a.out, x)
			}
			var err error
			if x.Topic, err = specdoc.Explain(args[0]); err != nil {
				return exit.Invalidf("%w", err)
			}
			return o.output.write(a.out, x)
		},
	}
	o.declare(flagsOf(cmd))
	return cmd
}

// completeTopics returns the names of all topics for completion.
func completeTopics(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	var list []string
	var add func([]*specdoc.Topic)
	add = func(topics []*specdoc.Topic) {
		for _, t := range topics {
			list = append(list, cobra.CompletionWithDesc(t.Name, t.Doc))
			add(t.Topics)
		}
	}
	if len(args) == 0 {
		kinds, keys := specdoc.Reference()
		add(kinds)
		add(keys)
	}
	return list, cobra.ShellCompDirectiveNoFileComp
}
