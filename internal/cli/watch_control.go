package cli

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/spf13/cobra"

	"fleet/internal/exit"
	"fleet/internal/journal"
	"fleet/internal/watch/control"
)

// controlOptions are the flags of the commands that change a watch.
type controlOptions struct {
	url, tokenFile string
}

func (o *controlOptions) declare(f *flagSet) {
	f.StringVar(&o.url, "url", "", "`URL` of the watch, instead of the one of this fleet on this machine")
	f.StringVar(&o.tokenFile, "token-file", "", "`FILE` with the token that the watch at --url demands")
	f.check(func() error {
		switch {
		case f.Changed("url") && o.url == "":
			return exit.Invalidf("--url must not be empty")
		case o.tokenFile != "" && o.url == "":
			return exit.Invalidf("--token-file requires --url: the watch on this machine demands no token")
		}
		return nil
	})
}

// where explains in the help of each command which watch it changes.
const where = `
The command changes the watch of the fleet of the spec on this machine, which it
reaches over a socket in the directory of state, or the watch at --url.`

func (a *app) approveCommand() *cobra.Command {
	var o controlOptions
	cmd := &cobra.Command{
		Use:   "approve [DIGEST]",
		Short: "Approve the plan that a watch waits to apply",
		Long: `Approves the plan that fleet watch waits to apply. Without a digest, it shows the
plan and asks. An approval is valid for this plan only: if the plan changes before
it is applied, the watch asks again.
` + where,
		Example: `  fleet approve
  fleet approve --url https://watch.example.com --token-file token.txt`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			digest := strings.Join(args, "")
			if len(args) > 0 && !digestPattern.MatchString(digest) {
				return exit.Invalidf("%q is not the digest of a plan: sha256: and 64 hexadecimal digits", digest)
			}
			return a.control(cmd.Context(), o, func(c *control.Client) error { return a.approveRemote(cmd.Context(), c, digest) })
		},
	}
	o.declare(flagsOf(cmd))
	return cmd
}

func (a *app) pauseCommand() *cobra.Command {
	var o controlOptions
	cmd := &cobra.Command{
		Use:   "pause [ADDRESS]",
		Short: "Make a watch leave a fleet or an object as it is",
		Long: `Makes fleet watch leave an object or a group as it is, such as sandbox.web or
sandbox.worker, or the whole fleet without an address, until fleet resume. What runs
already is finished.
` + where,
		Example: `  fleet pause sandbox.web
  fleet pause`,
		Args:              cobra.MaximumNArgs(1),
		ValidArgsFunction: a.completeAddresses,
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.setPaused(cmd.Context(), o, args, "Paused", (*control.Client).Pause)
		},
	}
	o.declare(flagsOf(cmd))
	return cmd
}

func (a *app) resumeCommand() *cobra.Command {
	var o controlOptions
	cmd := &cobra.Command{
		Use:   "resume [ADDRESS]",
		Short: "End a pause",
		Long: `Makes fleet watch reconcile an object, a group or the whole fleet again, after
fleet pause with the same address.
` + where,
		Example: `  fleet resume sandbox.web
  fleet resume`,
		Args:              cobra.MaximumNArgs(1),
		ValidArgsFunction: a.completeAddresses,
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.setPaused(cmd.Context(), o, args, "Resumed", (*control.Client).Resume)
		},
	}
	o.declare(flagsOf(cmd))
	return cmd
}

func (a *app) reconcileCommand() *cobra.Command {
	var o controlOptions
	cmd := &cobra.Command{
		Use:   "reconcile",
		Short: "Make a watch reconcile now",
		Long: `Makes fleet watch reconcile now instead of at the next interval. It does not wait
for the end.
` + where,
		Example: `  fleet reconcile
  fleet reconcile --url http://127.0.0.1:7777`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.control(cmd.Context(), o, func(c *control.Client) error {
				err := c.Reconcile(cmd.Context())
				if err == nil {
					a.note("The watch reconciles.")
				}
				return err
			})
		},
	}
	o.declare(flagsOf(cmd))
	return cmd
}

// setPaused pauses or resumes what the arguments name.
func (a *app) setPaused(ctx context.Context, o controlOptions, args []string, done string, set func(*control.Client, context.Context, string) error) error {
	address, what := "", "the whole fleet"
	if len(args) > 0 {
		if address = args[0]; address == "" {
			return exit.Invalidf("the address must not be empty; omit it to mean the whole fleet")
		}
		what = address
	}
	return a.control(ctx, o, func(c *control.Client) error {
		err := set(c, ctx, address)
		if err == nil {
			a.note("%s %s.", done, what)
		}
		return err
	})
}

// approveRemote approves a plan of a watch: the one with the digest, or the one that
// waits, after a question.
func (a *app) approveRemote(ctx context.Context, c *control.Client, digest string) error {
	if digest == "" {
		s, err := c.State(ctx)
		if err != nil {
			return err
		}
		if s.Plan == nil || s.Plan.NeedsApproval == "" || s.Plan.Approved {
			a.note("Nothing waits for approval in fleet %s.", s.Fleet)
			return nil
		}
		if err := a.askApproval(ctx, s.Plan); err != nil {
			return err
		}
		digest = s.Plan.Digest
	}
	err := c.Approve(ctx, digest)
	if err == nil {
		a.note("Approved. The watch applies the plan.")
	}
	return err
}

// askApproval prints a plan and asks whether to apply it.
func (a *app) askApproval(ctx context.Context, p *journal.Plan) error {
	fmt.Fprintln(a.out, strings.TrimRight(p.Text, "\n"))
	a.note("\nApproval is needed: %s", p.NeedsApproval)
	if _, ok := a.terminalWidth(a.in); !ok {
		return exit.Refusedf("cannot ask for approval without a terminal; approve the plan with fleet approve %s", p.Digest)
	}
	fmt.Fprint(a.err, "Approve this plan? Only yes is accepted: ")
	answer, err := a.newAnswerReader(ctx).next()
	if ctx.Err() != nil {
		fmt.Fprintln(a.err)
		return a.interruptedError("nothing was approved")
	}
	if err != nil || answer != "yes" {
		fmt.Fprintln(a.err)
		return exit.Refusedf("not approved")
	}
	return nil
}

// control sends requests to the watch that the flags name. It explains errors.
func (a *app) control(ctx context.Context, o controlOptions, send func(*control.Client) error) error {
	c, err := a.controlClient(ctx, o)
	if err == nil {
		err = send(c)
	}
	var refused *control.Error
	switch {
	case errors.Is(err, control.ErrNotRunning):
		return fmt.Errorf("%w; start one with fleet watch, or name one on another machine with --url", err)
	case !errors.As(err, &refused):
		return err
	}
	switch refused.Status {
	case http.StatusUnauthorized, http.StatusForbidden:
		return &exit.Error{Code: exit.Auth, Err: err}
	case http.StatusConflict:
		return exit.Stalef("%w", err)
	case http.StatusNotFound, http.StatusBadRequest:
		return exit.Invalidf("%w", err)
	}
	return err
}
