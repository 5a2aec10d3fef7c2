package cli

import (
	"context"

	"github.com/spf13/cobra"

	"fleet/internal/exit"
	"fleet/internal/imageview"
	"fleet/internal/render"
	"fleet/spec"
)

// imageDiffOptions are the flags of fleet image diff.
type imageDiffOptions struct {
	output   outputFlag[render.ImageDiffs]
	detailed bool // --detailed-exitcode
}

func (o *imageDiffOptions) declare(f *flagSet) {
	o.output.declare(f, func(f render.Format) render.Writer[render.ImageDiffs] { return f.ImageDiff })
	f.BoolVar(&o.detailed, "detailed-exitcode", false, "exit with 2 if there are differences")
}

func (a *app) imageDiffCommand() *cobra.Command {
	var o imageDiffOptions
	cmd := &cobra.Command{
		Use:   "diff KEY [SNAPSHOT | SANDBOX]",
		Short: "Compare an image with what objects were built from",
		Long: `Compares the Dockerfile and the local files of an image with those that the
snapshots and sandboxes that use it were built from, or one of them. The Dockerfile
comes from the server. Changed files are listed if this machine has planned the
former ones; their content is not compared. It only reads.`,
		Example: `  fleet image diff python
  fleet image diff python sandbox.web
  fleet image diff python --detailed-exitcode`,
		Args:              cobra.RangeArgs(1, 2),
		ValidArgsFunction: a.completeImageDiff,
		RunE:              func(cmd *cobra.Command, args []string) error { return a.imageDiff(cmd.Context(), args, o) },
	}
	o.declare(flagsOf(cmd))
	return cmd
}

// completeImageDiff returns the keys of images for completion, and behind one the
// resources that use it.
func (a *app) completeImageDiff(cmd *cobra.Command, args []string, prefix string) ([]string, cobra.ShellCompDirective) {
	if len(args) != 1 {
		return a.completeImages(cmd, args, prefix)
	}
	f := a.loadForCompletion()
	if f == nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	images, err := imageview.Find(f, args[0])
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	return imageview.Users(f, images), cobra.ShellCompDirectiveNoFileComp
}

// imageDiff prints how images of the spec differ from those of objects.
func (a *app) imageDiff(ctx context.Context, args []string, o imageDiffOptions) error {
	a.flags.spec.unset = spec.UnsetEnvironment
	p := a.newRun(runOptions{drift: true})
	f, err := a.load()
	if err != nil {
		return err
	}
	images, err := imageview.Find(f, args[0])
	if err != nil {
		return exit.Invalidf("%w", err)
	}
	if err := imageview.CheckComplete(images); err != nil {
		return exit.Invalidf("%w", err)
	}
	a.noteWarnings(f)
	p.fleet = f
	if p.session, err = a.open(ctx); err != nil {
		return err
	}
	defer p.session.close()
	pl, err := p.compute(ctx)
	if err != nil {
		return err
	}
	object := ""
	if len(args) > 1 {
		object = args[1]
	}
	list, err := imageview.Compare(pl, images, object)
	if err != nil {
		return exit.Invalidf("%w", err)
	}
	err = o.output.write(a.out, render.ImageDiffs{Fleet: f.Name, Differences: list, Style: a.style(a.out)})
	if err == nil && o.detailed && !imageview.Equal(list) {
		return exit.Silent(exit.Differences)
	}
	return err
}
