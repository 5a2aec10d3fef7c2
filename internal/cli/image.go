package cli

import (
	"context"
	"strings"

	"github.com/spf13/cobra"

	"fleet/client"
	"fleet/internal/exit"
	"fleet/internal/imageview"
	"fleet/internal/render"
	"fleet/spec"
)

func (a *app) imageCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "image",
		Short: "Show the Dockerfiles and local files of images",
		Long: `Shows what the images of the spec become: the Dockerfile, the local files that its
build copies, and the differences from what exists. An image is named by its key,
such as python; a copy as task[a]; and a group by its key, for all its copies.`,
		Example: `  fleet image render python
  fleet image context python --top 10
  fleet image diff python`,
	}
	cmd.AddCommand(a.imageRenderCommand(), a.imageContextCommand(), a.imageDiffCommand())
	for _, below := range cmd.Commands() {
		invalidArgs(below)
	}
	return cmd
}

// imageRenderOptions are the flags of fleet image render.
type imageRenderOptions struct {
	output outputFlag[[]imageview.Dockerfile]
}

func (a *app) imageRenderCommand() *cobra.Command {
	var o imageRenderOptions
	cmd := &cobra.Command{
		Use:   "render KEY",
		Short: "Print the Dockerfile of an image",
		Long: `Prints the Dockerfile that an image of the spec becomes, and for a group those of
all its copies, each under a comment with its address. Sensitive values are hidden.
It needs no credentials and sends nothing: with pull: always, the base images are
shown with their tags.`,
		Example: `  fleet image render python > Dockerfile
  fleet image render 'task[a]'`,
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: a.completeImages,
		RunE: func(_ *cobra.Command, args []string) error {
			f, images, err := a.loadImages(args[0])
			if err != nil {
				return err
			}
			list, err := imageview.Dockerfiles(f, images)
			if err != nil {
				return exit.Invalidf("%w", err)
			}
			return o.output.write(a.out, list)
		},
	}
	o.output.declare(flagsOf(cmd), func(f render.Format) render.Writer[[]imageview.Dockerfile] { return f.ImageRender })
	return cmd
}

// loadImages reads the spec without hashing local files, and returns it with the images
// that name stands for.
func (a *app) loadImages(name string) (*spec.Fleet, []spec.ImageDecl, error) {
	a.flags.spec.unset = spec.UnsetAll
	o, err := a.specOptions()
	if err != nil {
		return nil, nil, err
	}
	o.Hasher, o.ResolveDigest = nil, nil
	f, err := a.loadWith(o)
	if err != nil {
		return nil, nil, err
	}
	a.noteWarnings(f)
	images, err := imageview.Find(f, name)
	if err != nil {
		return nil, nil, exit.Invalidf("%w", err)
	}
	return f, images, nil
}

// completeImages returns the keys of images for completion.
func (a *app) completeImages(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	if f := a.loadForCompletion(); f != nil && len(args) == 0 {
		return imageview.Keys(f), cobra.ShellCompDirectiveNoFileComp
	}
	return nil, cobra.ShellCompDirectiveNoFileComp
}

// loadForCompletion reads the spec without running commands; nil if it has errors.
func (a *app) loadForCompletion() *spec.Fleet {
	a.flags.spec.unset = spec.UnsetAll
	o, err := a.specOptions()
	if err != nil {
		return nil
	}
	o.Hasher, o.ResolveDigest, o.Run, o.Decrypt, o.Stdin = nil, nil, nil, nil, strings.NewReader("")
	f, err := a.loadWith(o)
	if err != nil {
		return nil
	}
	return f
}

// imageContextOptions are the flags of fleet image context.
type imageContextOptions struct {
	output  outputFlag[render.ImageContexts]
	top     int
	ignored bool
	stored  bool
}

func (o *imageContextOptions) declare(f *flagSet) {
	o.output.declare(f, func(f render.Format) render.Writer[render.ImageContexts] { return f.ImageContext })
	f.IntVar(&o.top, "top", 0, "list only the `N` largest files")
	f.BoolVar(&o.ignored, "ignored", false, "list what is ignored, and by which line")
	f.BoolVar(&o.stored, "stored", false, "ask whether the storage has the files already; needs credentials")
	f.check(func() error {
		if f.Changed("top") && o.top < 1 {
			return exit.Invalidf("--top must be a number of files from 1, not %d", o.top)
		}
		return nil
	})
}

func (a *app) imageContextCommand() *cobra.Command {
	var o imageContextOptions
	cmd := &cobra.Command{
		Use:   "context KEY",
		Short: "List the local files that the build of an image copies",
		Long: `Lists the local files that are sent for the build of an image, with modes and
sizes. Each source of a COPY is one archive, and is uploaded under its hash only if
the storage does not have it. It needs no credentials, except for --stored.`,
		Example: `  fleet image context python
  fleet image context python --top 10 --ignored
  fleet image context python -o json | jq '.images[].bytes'`,
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: a.completeImages,
		RunE:              func(cmd *cobra.Command, args []string) error { return a.imageContext(cmd.Context(), args[0], o) },
	}
	o.declare(flagsOf(cmd))
	return cmd
}

// imageContext prints the local files of images.
func (a *app) imageContext(ctx context.Context, name string, o imageContextOptions) error {
	_, images, err := a.loadImages(name)
	if err != nil {
		return err
	}
	if err := imageview.CheckComplete(images); err != nil {
		return exit.Invalidf("%w", err)
	}
	options := imageview.ContextOptions{Top: o.top, Ignored: o.ignored}
	if o.stored {
		s, err := a.open(ctx)
		if err != nil {
			return err
		}
		defer s.close()
		options.Stored = func(ctx context.Context, hash string, size int64) (bool, error) {
			return s.HasContext(ctx, client.BuildContext{Hash: hash, Size: size})
		}
	}
	list, err := imageview.Inspect(ctx, a.hasher(nil), images, options)
	if err != nil {
		return err
	}
	return o.output.write(a.out, render.ImageContexts{Images: list, Style: a.style(a.out)})
}
