package cli

import (
	"github.com/spf13/cobra"

	"fleet/internal/render"
	"fleet/internal/specdoc"
)

func (a *app) explainCommand() *cobra.Command {
	var output string
	cmd := &cobra.Command{
		Use:   "explain [KIND[.ATTRIBUTE] | KEY]",
		Short: "Explain the keys of a spec",
		Long: `Explains a kind of resource, one of its attributes, or a key of the spec: what it
is for, which values it takes, how a difference is put right, where it can be
read. Without an argument it lists what there is. It needs no spec and no server.`,
		Example: `  fleet explain
  fleet explain sandbox
  fleet explain sandbox.auto_stop_interval
  fleet explain resources.cpu -o json`,
		Args:              cobra.MaximumNArgs(1),
		ValidArgsFunction: completeTopics,
		RunE: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				kinds, keys := specdoc.Reference()
				if output == "json" {
					return render.TopicsJSON(a.Out, kinds, keys)
				}
				render.Topics(a.Out, kinds, keys, a.style(a.Out))
				return nil
			}
			t, err := specdoc.Explain(args[0])
			if err != nil {
				return invalid("%w", err)
			}
			if output == "json" {
				return render.TopicJSON(a.Out, t)
			}
			render.Topic(a.Out, t, a.style(a.Out))
			return nil
		},
	}
	a.outputFlag(cmd, &output)
	return cmd
}

// completeTopics completes the names of all topics.
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
